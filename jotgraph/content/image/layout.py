"""Which image is in an archive or a folder: by ``index.json`` of an OCI image layout, or by
``manifest.json`` of ``docker save``. Pure but for ``read``.

OCI image layout: image-spec, image-layout.md; skopeo's ``oci:`` and ``oci-archive:``, buildx
``type=oci``. Docker since 25 writes both documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from jotgraph.content.image.bounded_stream import LayerError
from jotgraph.content.image.index_choice import child_for, image_manifest
from jotgraph.errors import SourceError, UnknownNameError
from jotgraph.sources.cache import sha256_of
from jotgraph.sources.documents.json_input import an_object, json_object, objects
from jotgraph.sources.documents.manifests import MAX_BLOB, parse_manifest

Read = Callable[[str], bytes | None]
"""A small document by its path, such as ``index.json``; None when there is none."""

_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
"""Annotations that name an image of an index (containerd's in full, OCI's often a tag alone)."""


class Chosen(msgspec.Struct, frozen=True):
    """One image of an archive."""

    config: dict[str, Any]
    config_digest: str
    layers: tuple[str, ...]
    """Paths of the layers, base first."""


def blob_path(digest: str) -> str:
    """Where a layout keeps a blob. Raises LayerError for a digest that is none, or not SHA-256."""
    algorithm, _, value = digest.partition(":")
    if algorithm != "sha256" or len(value) != 64 or not set(value) <= set("0123456789abcdef"):
        raise LayerError(f"{digest[:80]!r} is not a sha256 digest")
    return f"blobs/sha256/{value}"


def digest_in(path: str) -> str | None:
    """The digest that a layout's path promises, None for a path that promises none."""
    name = path.removeprefix("./").removeprefix("blobs/sha256/")
    return f"sha256:{name}" if f"blobs/sha256/{name}" == path.removeprefix("./") else None


def verified(path: str, content: bytes) -> bytes:
    """The content of a document. Raises LayerError when it is not what its path promises."""
    promised = digest_in(path)
    if promised is not None and sha256_of(content) != promised:
        raise LayerError(f"wrong digest: {promised} was asked, {sha256_of(content)} came")
    return content


def choose(name: str, read: Read, *, reference: str = "", platform: str = "") -> Chosen:
    """The image that is meant, its documents verified by their digests.

    ``name`` is for messages; ``reference`` picks one of several images by its tag, ``platform``
    one of an index. Raises LayerError for what is no image, UnknownNameError for a reference or a
    platform that is not there.
    """
    try:
        listed, index = read("manifest.json"), read("index.json")
        if listed is not None and not (platform and index is not None):
            return _of_list(name, listed, read, reference, platform)
        if index is not None:
            return _of_index(name, index, read, reference, platform)
    except UnknownNameError:
        raise
    except (SourceError, TypeError, KeyError) as error:
        raise LayerError(f"unreadable image: {error}") from error
    raise LayerError("it has no index.json and no manifest.json: no image that can be read")


def _of_index(name: str, index: bytes, read: Read, reference: str, platform: str) -> Chosen:
    entries = objects(_object("index.json", index).get("manifests"))
    named = [entry for entry in entries if not reference or reference in _names(entry)]
    if not named:
        if reference:
            raise UnknownNameError(reference, advice=_there(map(_names, entries)))
        raise LayerError("its index.json lists no image")
    top = parse_manifest(msgspec.json.encode({"manifests": named}))
    anywhere = {child.digest for child in top.children if not child.platform}
    if len(anywhere) > 1:
        several = _there(map(_names, named))
        raise LayerError(f"{len(anywhere)} images; add a reference, as {name}:TAG ({several})")

    def fetch(digest: str) -> tuple[bytes, str]:
        return _wanted(read, blob_path(digest)), digest

    manifest, _ = image_manifest(name, fetch, child_for(name, top.children, platform), platform)
    path = blob_path(manifest.config_digest or "")
    config = _wanted(read, path)
    return Chosen(
        _object(path, config),
        sha256_of(config),
        tuple(blob_path(layer.digest) for layer in manifest.layers),
    )


def _names(entry: Mapping[str, Any]) -> tuple[str, ...]:
    annotations = an_object(entry.get("annotations"))
    return _spoken(str(annotations[key]) for key in _NAMES if key in annotations)


def _spoken(references: Iterable[str]) -> tuple[str, ...]:
    """What an image may be called by: in full, without docker's defaults, and by its tag alone."""
    full = tuple(references)
    short = [name.removeprefix("docker.io/").removeprefix("library/") for name in full]
    return tuple(dict.fromkeys([*short, *full, *(name.rpartition(":")[2] for name in full)]))


def _of_list(name: str, listed: bytes, read: Read, reference: str, platform: str) -> Chosen:
    entries = objects(_object("manifest.json", b'{"images":%s}' % listed).get("images"))
    tags = [_spoken(map(str, entry.get("RepoTags") or ())) for entry in entries]
    named = {
        str(entry["Config"]): entry
        for entry, own in zip(entries, tags, strict=True)
        if not reference or reference in own
    }
    if not named:
        if reference:
            raise UnknownNameError(reference, advice=_there(tags))
        raise LayerError("its manifest.json lists no image")
    if len(named) > 1:
        raise LayerError(f"{len(named)} images; add a reference, as {name}:TAG ({_there(tags)})")
    ((path, entry),) = named.items()
    content = _wanted(read, path)
    config = _object(path, content)
    own = "/".join(str(config[key]) for key in ("os", "architecture", "variant") if config.get(key))
    if platform and not f"{own}/".startswith(f"{platform}/"):
        raise UnknownNameError(f"{name} for {platform}", advice=f"it holds {own or 'no platform'}")
    layers = entry.get("Layers")
    paths = tuple(map(str, layers)) if isinstance(layers, list) else ()
    return Chosen(config, sha256_of(content), paths)


def _wanted(read: Read, path: str) -> bytes:
    content = read(path)
    if content is None:
        raise LayerError(f"{path} is not there")
    return content


def _object(path: str, content: bytes) -> dict[str, Any]:
    try:
        return json_object(content, MAX_BLOB)
    except ValueError as error:
        raise LayerError(f"{path} cannot be read: {error}") from error


def _there(names: Iterable[Sequence[str]]) -> str:
    shown = [own[0] for own in names if own]
    more = ", …" if len(shown) > 9 else ""
    return f"it holds {', '.join(shown[:9])}{more}" if shown else "none has a name"


def diff_ids(config: Mapping[str, Any]) -> tuple[str, ...]:
    """``rootfs.diff_ids`` of an image configuration. Raises LayerError when it has none."""
    rootfs = config.get("rootfs")
    listed: Sequence[Any] | None = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
    if not isinstance(listed, list) or not all(isinstance(diff_id, str) for diff_id in listed):
        raise LayerError("the image configuration names no layers")
    return tuple(listed)
