"""Which image of an index is meant: through nested indexes, by platform. Pure but for ``fetch``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jotgraph.errors import SourceError, UnknownNameError
from jotgraph.records import Child
from jotgraph.sources.documents.manifests import Manifest, parse_manifest

DEFAULT_PLATFORM = "linux/amd64"
_DEEPEST = 2
"""Indexes within an index."""

Fetch = Callable[[str], tuple[bytes, str]]
"""The manifest or index that a digest (or, of a registry, a tag) names, and its digest."""


def image_manifest(name: str, fetch: Fetch, wanted: str, platform: str) -> tuple[Manifest, str]:
    """The manifest of one image and its digest, through the indexes above it.

    ``platform`` (``os/architecture[/variant]``) chooses among the images of an index;
    ``linux/amd64``, or the first, when it is empty. Raises SourceError for what is no image, and
    UnknownNameError when there is none for the platform.
    """
    for _ in range(_DEEPEST + 1):
        content, digest = fetch(wanted)
        try:
            manifest = parse_manifest(content)
        except ValueError as error:
            raise SourceError(f"{name}: {digest} is not a manifest ({error})") from error
        if manifest.config_digest:
            return manifest, digest
        wanted = child_for(name, manifest.children, platform)
    raise SourceError(f"{name}: an index of indexes, too deep to be an image")


def child_for(name: str, children: Sequence[Child], platform: str) -> str:
    """The digest of the child for a platform. One that names no platform is an image too."""
    images = [
        child
        for child in children
        if not child.describes and not child.platform.startswith("unknown/")
    ]
    asked = platform or DEFAULT_PLATFORM
    fitting = [child for child in images if f"{child.platform}/".startswith(f"{asked}/")]
    if not fitting and platform and any(child.platform for child in images):
        there = ", ".join(sorted({child.platform for child in images if child.platform}))
        raise UnknownNameError(f"{name} for {platform}", advice=f"it holds {there}")
    if not images:
        raise SourceError(f"{name}: an index without an image")
    return (fitting or images)[0].digest
