"""Revisions that the labels, annotations and environment of images claim, as written.

Nothing here grades them; the rules in ``labels`` do. Values inherited from a base image are left
out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from jotgraph.links.index import InventoryIndex
from jotgraph.records import (
    ATTRIBUTES_VARIABLE,
    REVISION_VARIABLES,
    Commit,
    EcrImage,
    ImageType,
    LocalImage,
)
from jotgraph.records.references import FULL_DIGITS, SHA, repository_key

REVISION_LABELS = frozenset(
    {
        "org.opencontainers.image.revision",
        "org.label-schema.vcs-ref",
        "RESPONDER_COMMIT",
        "commit",
        "commit-sha",
        "commit_sha",
        "git-commit",
        "git-sha",
        "git.commit",
        "git.sha",
        "git_commit",
        "git_sha",
        "com.azure.dev.image.build.sourceversion",
        "com.visualstudio.msazure.image.build.sourceversion",
        "io.openshift.build.commit.id",
        "org.label-schema.vcs-revision",
        "revision",
        "vcs-ref",
        "GIT_COMMIT",
        "GIT_SHA",
    }
)
"""Labels and annotations whose value is by name or standard a revision: OCI image spec
(annotations), label-schema.org, Jot, Azure Pipelines, OpenShift, and names in common use."""

SOURCE_LABELS = frozenset(
    {
        "org.opencontainers.image.source",
        "org.label-schema.vcs-url",
        "RESPONDER_PKG_SOURCE",
        "com.azure.dev.image.build.repository.uri",
        "git-url",
        "git.url",
        "io.openshift.build.source-location",
        "vcs-url",
    }
)
"""Labels and annotations that name the repository of a revision."""

_DIRTY = re.compile(r"[-+._](?:dirty|modified)(?:[-.].*)?$")
_HEX = re.compile(r"[0-9a-f]{7,64}")
_TOKEN = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{40})(?![0-9a-f])")
"""A full revision inside a longer value: ``package@<sha>``, ``vcs.ref.head.revision=<sha>``."""


class Revision(NamedTuple):
    """One revision that an image claims."""

    image: LocalImage | EcrImage
    origin: str
    """``label``, ``annotation`` or ``environment``."""
    name: str
    sha: str
    """7 to 64 hex digits, in lower case."""
    dirty: bool
    """Whether the value says that the work tree had changes."""
    sources: tuple[str, ...]
    """Repositories that the image names, as ``repository_key`` spells them."""
    by_name: bool = True
    """Whether the name of the label says that its value is a revision; else a full one was found
    inside the value."""
    tag: str = ""
    """The SHA as written, where that is of an annotated tag on the commit ``sha``."""

    @property
    def full(self) -> bool:
        return SHA.fullmatch(self.sha) is not None

    @property
    def read_from(self) -> str:
        return f"{self.origin} {self.name}"

    @property
    def claim(self) -> str:
        changes = " with uncommitted changes" if self.dirty else ""
        if self.tag:
            return f"its {self.read_from} says {self.tag}{changes}, an annotated tag on {self.sha}"
        return f"its {self.read_from} says {self.sha}{changes}"


def revision_value(text: str) -> tuple[str, bool] | None:
    """Return the revision in a value and whether it is marked dirty; None when there is none."""
    if _HEX.fullmatch(text):  # nearly every one
        return text, False
    value = text.strip().lower()
    clean = _DIRTY.sub("", value)
    return (clean, clean != value) if _HEX.fullmatch(clean) else None


def revisions(index: InventoryIndex) -> tuple[Revision, ...]:
    """Return every revision that an image claims itself; for ``index.once``."""
    return tuple(
        _peeled(index, revision)
        for image in index.images()
        if not isinstance(image, EcrImage)
        or image.type in (ImageType.IMAGE, ImageType.INDEX, ImageType.UNKNOWN)
        for revision in _of(image)
        if not inherited(index, image, revision.origin, revision.name)
    )


def _peeled(index: InventoryIndex, revision: Revision) -> Revision:
    """Replace the SHA of an annotated tag by that of its commit."""
    commit = index.peeled.get(revision.sha)
    return revision._replace(sha=commit, tag=revision.sha) if commit else revision


def _of(image: LocalImage | EcrImage) -> Iterator[Revision]:
    annotations = image.annotations if isinstance(image, EcrImage) else ()
    if not image.labels and not annotations and not image.env:
        return
    labels = [
        (origin, name, value)
        for origin, values in (("label", image.labels), ("annotation", annotations))
        for name, text in values
        if name in REVISION_LABELS and (value := revision_value(text))
    ] + [
        ("environment", name, (token[0], False))
        for name, text in image.env  # values of others are kept for rules that a team has set
        if name.upper() in REVISION_VARIABLES or name == ATTRIBUTES_VARIABLE
        for token in _TOKEN.finditer(text.lower())
    ]
    others = [
        (origin, name, token.group())
        for origin, values in (("label", image.labels), ("annotation", annotations))
        for name, text in values
        if len(text) >= min(FULL_DIGITS) and not (name in REVISION_LABELS and revision_value(text))
        for token in _TOKEN.finditer(text.lower())
    ]
    if labels or others:
        sources = sources_of(image)
        for origin, name, value in labels:
            yield Revision(image, origin, name, *value, sources)
        for origin, name, sha in others:
            yield Revision(image, origin, name, sha, False, sources, by_name=False)


def sources_of(image: LocalImage | EcrImage) -> tuple[str, ...]:
    """Return the repositories in an image's labels and annotations, as ``repository_key`` spells
    them."""
    annotations = image.annotations if isinstance(image, EcrImage) else ()
    keys = {
        repository_key(value) for name, value in image.labels + annotations if name in SOURCE_LABELS
    }
    return tuple(sorted(keys - {""}))


def inherited(index: InventoryIndex, image: LocalImage | EcrImage, origin: str, name: str) -> bool:
    """Whether a base image has the same value, so that it was inherited. Labels and environment
    pass from a base image to what is built on it; annotations belong to a manifest and do not."""
    if origin == "annotation":
        return False
    value = _value(image, origin, name)
    return any(
        _value(base, origin, name) == value for bases in index.bases(image) for base in bases
    )


def _value(image: LocalImage | EcrImage, origin: str, name: str) -> str | None:
    values = image.env if origin == "environment" else image.labels
    return next((value for key, value in values if key == name), None)


def remotes_of(index: InventoryIndex, commit: Commit) -> frozenset[str]:
    """Return the remotes of the repositories that hold a commit, as ``repository_key`` spells
    them."""
    known = index.once(_remotes)
    if len(commit.repositories) == 1:
        return known.get(commit.repositories[0], frozenset())
    return frozenset[str]().union(*(known.get(key, frozenset()) for key in commit.repositories))


def _remotes(index: InventoryIndex) -> dict[str, frozenset[str]]:
    return {
        repository.key: frozenset(map(repository_key, repository.remotes)) - {""}
        for repository in index.inventory.git
    }


def false_match(index: InventoryIndex, digits: int) -> float:
    """Return the odds that this many random hex digits begin some commit of the inventory."""
    return float(1 - (1 - 16.0**-digits) ** len(index.commits))
