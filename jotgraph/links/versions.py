"""Rules on other names of an image: its version label, and branches."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from jotgraph.links.history import git_tags, name_tied
from jotgraph.links.index import InventoryIndex, group
from jotgraph.links.labels import RARE
from jotgraph.links.model import Author, Grade, Match, Relation, rule
from jotgraph.links.revisions import false_match, inherited, remotes_of, sources_of
from jotgraph.records import EcrImage, ImageType, LocalImage, commit_id
from jotgraph.records.creation import stated_time
from jotgraph.records.ids import short
from jotgraph.records.references import reference

VERSION_LABELS = ("org.opencontainers.image.version", "org.label-schema.version", "version")
"""Version labels: OCI image spec (annotations), label-schema.org, and common use."""
_FOREVER = datetime.max.replace(tzinfo=UTC)
_ABBREVIATED = re.compile(
    r"(?:.+-\d+-(?P<described>g)|(?P<marked>g|sha-|git-))?(?P<sha>[0-9a-f]{7,39})(?P<dirty>-dirty)?"
)
_SEMVER = re.compile(r"v?(?P<number>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:\+.*)?")
_HEADS = re.compile(r"refs/(?:heads|remotes/[^/]+)/(?P<name>.+)")
_ODD = re.compile(r"[^A-Za-z0-9._-]")


class _Named(NamedTuple):
    image: LocalImage | EcrImage
    text: str
    """A tag, or the value of a version label."""
    word: str
    """``tag 1.2`` or ``version label 1.2``."""
    read_from: str


def _labelled(index: InventoryIndex) -> tuple[_Named, ...]:
    """Version labels and annotations that were not inherited from a base image."""
    labels: list[_Named] = []
    for image in _images(index):
        annotations = image.annotations if isinstance(image, EcrImage) else ()
        if not image.labels and not annotations:
            continue
        for origin, values in (("label", image.labels), ("annotation", annotations)):
            for name, text in values:
                if name in VERSION_LABELS and text and not inherited(index, image, origin, name):
                    word = f"version {origin} {text}"
                    labels.append(_Named(image, text, word, f"{origin} {name}"))
    return tuple(labels)


def _tagged(index: InventoryIndex, tags: Container[str]) -> Iterator[_Named]:
    """The images that have one of these tags."""
    for image in _images(index):
        for name, tag in _names(image) if image.tags else ():
            if tag in tags:
                yield _Named(image, tag, f"tag {tag}", f"tag {name}:{tag}")


def _images(index: InventoryIndex) -> Iterator[LocalImage | EcrImage]:
    yield from index.inventory.local_images
    for image in index.inventory.ecr_images:
        if image.type in (ImageType.IMAGE, ImageType.INDEX, ImageType.UNKNOWN):
            yield image


def _names(image: LocalImage | EcrImage) -> Iterator[tuple[str, str]]:
    if isinstance(image, LocalImage):
        for text in image.tags:
            name, tag, _ = reference(text)
            yield name, tag
    else:
        for tag in image.tags or ("",):
            yield image.repository, tag


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.BUILDER)
def version_label(index: InventoryIndex) -> Iterator[Match]:
    """A version label or annotation names a git tag (``1.2.3``, with or without ``v``) of the
    repository that the image's name or source label names; or it is or ends in an abbreviated
    revision (``sha-abc1234``, ``git describe``) that begins exactly one commit and is unlikely to
    match by chance. A label inherited from a known base is left out."""
    for named in index.once(_labelled):
        yield from _abbreviated(index, named)
        version = _SEMVER.fullmatch(named.text)
        for name in (version["number"], f"v{version['number']}") if version else ():
            for key, sha in index.once(git_tags).get(name, ()):
                if _tied(index, named.image, key, sha):
                    yield Match(
                        named.image.id,
                        commit_id(sha),
                        f"its {named.word} is the git tag {name} of {key}",
                        named.read_from,
                    )


def _abbreviated(index: InventoryIndex, named: _Named) -> Iterator[Match]:
    match = _ABBREVIATED.fullmatch(named.text)
    if not match or false_match(index, len(match["sha"])) >= RARE:
        return
    marked = match["described"] or match["marked"] or re.search("[a-f]", match["sha"])
    commits = index.commits_starting(match["sha"]) if marked else ()
    if len(commits) == 1:
        dirty = " with uncommitted changes" if match["dirty"] else ""
        yield Match(
            named.image.id,
            commit_id(commits[0]),
            f"its {named.word} abbreviates one commit of {len(index.commits):,}{dirty}",
            named.read_from,
        )


@rule(Relation.BUILT_FROM, Grade.HINT, Author.CIRCUMSTANCE)
def branch_name(index: InventoryIndex) -> Iterator[Match]:
    """A tag or version label is the name of a branch (``/`` written ``-``) of the repository that
    the image's name or source label names: the image was built from a commit that was the tip of
    the branch at that time. The link leads to the newest commit of the branch, by first parents,
    that is not later than the image."""
    branches = index.once(_branches)
    if not branches:
        return
    for named in (*_tagged(index, branches), *index.once(_labelled)):
        for key, tip in sorted(set(branches.get(named.text, ()))):
            if _tied(index, named.image, key, tip) and (sha := _newest(index, tip, named.image)):
                yield Match(
                    named.image.id,
                    commit_id(sha),
                    f"its {named.word} is a branch of {key}, whose newest commit by then was "
                    f"{short(sha)}",
                    named.read_from,
                )


def _branches(index: InventoryIndex) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Repository key and commit of each branch, by the branch's name without slashes."""
    return group(
        (_ODD.sub("-", match["name"]), (repository.key, sha))
        for repository in index.inventory.git
        for ref, sha in repository.refs
        if (match := _HEADS.fullmatch(ref)) and match["name"] != "HEAD"
    )


def _histories(index: InventoryIndex) -> dict[str, list[tuple[datetime, str]]]:
    return {}


def _newest(index: InventoryIndex, tip: str, image: LocalImage | EcrImage) -> str:
    """The newest first-parent ancestor of a tip at the time of an image; empty when there is
    none."""
    known = index.once(_histories)
    if tip not in known:
        known[tip] = sorted(_first_parents(index, tip))
    pushed = image.pushed_at if isinstance(image, EcrImage) else None
    created = stated_time(image.created_at) or pushed or _FOREVER
    times = known[tip]
    at = bisect_right(times, created, key=lambda timed: timed[0])
    return times[at - 1][1] if at else ""


def _first_parents(index: InventoryIndex, tip: str) -> Iterator[tuple[datetime, str]]:
    commit = index.commits.get(tip)
    while commit is not None:
        yield commit.committed_at, commit.sha
        commit = index.commits.get(commit.parents[0]) if commit.parents else None


def _tied(index: InventoryIndex, image: LocalImage | EcrImage, key: str, sha: str) -> bool:
    """Whether an image shares a repository's name or has a source label that names it."""
    if any(name_tied(index, name, key) for name, _ in _names(image)):
        return True
    commit = index.commits.get(sha)
    return commit is not None and bool(set(sources_of(image)) & remotes_of(index, commit))
