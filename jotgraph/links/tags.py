"""Rules on tag text: revisions, ``git describe`` strings and versions in the tags of images."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from jotgraph.links.history import distance, git_tags, name_tied
from jotgraph.links.index import InventoryIndex, group
from jotgraph.links.labels import RARE
from jotgraph.links.model import Author, Grade, Match, Relation, rule
from jotgraph.links.revisions import false_match
from jotgraph.records import ImageType, ResourceId, commit_id
from jotgraph.records.references import FULL_DIGITS, reference

_CDK = re.compile(r"(?:.*/)?cdk-[a-z0-9]+-(?:container-)?assets-\d{12}-[a-z0-9-]+")
"""Repositories of CDK assets: their tags are hashes of the asset's source, neither digests nor
revisions (aws-cdk-lib, DefaultStackSynthesizer)."""
_SAM = re.compile(r".+-(?P<id>[0-9a-f]{12})-.+")
"""``<function>-<12 digits of the local image's id>-<tag>`` (aws-sam-cli, tag_translation)."""
_DESCRIBE = re.compile(r"(?P<tag>.+)-(?P<distance>\d+)-g(?P<sha>[0-9a-f]{7,64})(?P<dirty>-dirty)?")
_FULL = re.compile(
    r"(?:.*[-._])?(?:g|sha)?(?P<sha>[0-9a-f]{64}|[0-9a-f]{40})(?P<dirty>[-._]dirty)?"
)
_SHORT = re.compile(r"(?:(?P<head>.*)[-._])?(?P<g>g)?(?P<sha>[0-9a-f]{7,39})(?P<dirty>[-._]dirty)?")
_PREFIX = re.compile(r"(?:^|[-._])(?:sha|git)$")
_SEMVER = re.compile(r"v?(?P<number>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)")


class Tag(NamedTuple):
    """One tag of one image."""

    image: ResourceId
    repository: str
    tag: str

    @property
    def read_from(self) -> str:
        return f"tag {self.repository}:{self.tag}"


def _tags(index: InventoryIndex) -> tuple[Tag, ...]:
    """The tags that people or their CI chose, without those of CDK and SAM."""
    return tuple(
        [
            Tag(image, name, tag)
            for image, name, tag in named(index)
            if not _is_sam(tag) and not _is_cdk(name)
        ]
    )


@lru_cache(maxsize=4096)
def _is_cdk(name: str) -> bool:
    return _CDK.fullmatch(name) is not None


def _is_sam(tag: str) -> bool:
    return _SAM.fullmatch(tag) is not None and not _is_described(tag)


def _is_described(tag: str) -> bool:
    return "-g" in tag and _DESCRIBE.fullmatch(tag) is not None


def named(index: InventoryIndex) -> Iterator[tuple[ResourceId, str, str]]:
    """Yield (image, repository, tag) for every tag of every image."""
    for local in index.inventory.local_images:
        for text in local.tags:
            name, tag, _ = reference(text)
            if tag:
                yield local.id, name, tag
    for image in index.inventory.ecr_images:
        if image.tags and image.type in (ImageType.IMAGE, ImageType.INDEX, ImageType.UNKNOWN):
            resource = image.id
            for tag in image.tags:
                yield resource, image.repository, tag


def _changed(dirty: str | None) -> str:
    return " with uncommitted changes" if dirty else ""


@rule(Relation.BUILT_FROM, Grade.STRONG, Author.BUILDER)
def tag_full_sha(index: InventoryIndex) -> Iterator[Match]:
    """The tag is, or ends in, a full revision that a repository read holds. A tag is given by
    whoever pushes, and may be moved."""
    for tagged in index.once(_tags):
        match = _FULL.fullmatch(tagged.tag) if len(tagged.tag) >= min(FULL_DIGITS) else None
        if match and (commit := index.commits.get(match["sha"])):
            yield Match(
                tagged.image,
                commit.id,
                f"its tag {tagged.tag} gives the full revision of a commit of "
                f"{', '.join(sorted(commit.repositories))}{_changed(match['dirty'])}",
                tagged.read_from,
            )


@rule(Relation.COPY_OF, Grade.SUPPORT)
def tag_sam_image(index: InventoryIndex) -> Iterator[Match]:
    """The tag has the form that ``sam deploy`` gives, ``<function>-<12 digits>-<tag>``, and the
    digits begin the id of exactly one local image (aws-sam-cli, tag_translation): the image was
    pushed from it. The digits are not a revision."""
    for image in index.inventory.ecr_images:
        for tag in image.tags:
            match = _SAM.fullmatch(tag) if _is_sam(tag) else None
            local = index.once(_local_ids).get(match["id"], ()) if match else ()
            if len(local) == 1:
                yield Match(
                    image.id,
                    local[0],
                    f"its tag {tag} holds the first 12 digits of the local image's id, as SAM "
                    "writes them",
                    f"tag {image.repository}:{tag}",
                )


def _local_ids(index: InventoryIndex) -> Mapping[str, tuple[ResourceId, ...]]:
    """Local images by the first 12 digits of the engine's ids."""
    return group(
        (image.image_id.removeprefix("sha256:")[:12], image.id)
        for image in index.inventory.local_images
    )


class _Short(NamedTuple):
    tag: Tag
    sha: str
    commits: tuple[str, ...]
    odds: float
    marked: bool
    dirty: str


def _short(index: InventoryIndex) -> tuple[_Short, ...]:
    """Yield the abbreviated revisions in tags that begin at least one commit."""
    abbreviations: list[_Short] = []
    for tagged in index.once(_tags):
        text = _SHORT.fullmatch(tagged.tag)
        if not text or _is_described(tagged.tag):
            continue
        commits = tuple(sorted(index.commits_starting(text["sha"])))
        if commits:
            head = (text["head"] or "").lower()
            prefixed = bool(text["g"]) or _PREFIX.search(head) is not None
            marked = prefixed or not text["sha"].isdecimal()
            odds = false_match(index, len(text["sha"]))
            abbreviations.append(
                _Short(tagged, text["sha"], commits, odds, marked, _changed(text["dirty"]))
            )
    return tuple(abbreviations)


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.BUILDER)
def tag_short_sha(index: InventoryIndex) -> Iterator[Match]:
    """The tag is, or ends in, an abbreviated revision (7 digits or more) that begins exactly one
    commit read; it has a letter or a prefix (``g``, ``sha-``, ``git-``), so it is no date or build
    number, and the odds of meeting a commit by chance are below 1 in 10,000."""
    for abbreviated in index.once(_short):
        if len(abbreviated.commits) == 1 and abbreviated.marked and abbreviated.odds < RARE:
            yield Match(
                abbreviated.tag.image,
                commit_id(abbreviated.commits[0]),
                f"its tag {abbreviated.tag.tag} abbreviates one commit of "
                f"{len(index.commits):,}{abbreviated.dirty}",
                abbreviated.tag.read_from,
            )


@rule(Relation.BUILT_FROM, Grade.HINT, Author.BUILDER)
def tag_short_sha_weak(index: InventoryIndex) -> Iterator[Match]:
    """The tag is, or ends in, digits that begin a commit read, but they may be a date, a build
    number or chance, or they begin several commits (each is linked, up to 20)."""
    for abbreviated in index.once(_short):
        single = len(abbreviated.commits) == 1
        if single and abbreviated.marked and abbreviated.odds < RARE:
            continue
        what = "one commit" if single else f"each of {len(abbreviated.commits)} commits"
        for sha in abbreviated.commits[:20]:
            yield Match(
                abbreviated.tag.image,
                commit_id(sha),
                f"its tag {abbreviated.tag.tag} may abbreviate {what} of {len(index.commits):,} "
                f"(odds of chance {abbreviated.odds:.1g}){abbreviated.dirty}",
                abbreviated.tag.read_from,
                () if single else abbreviated.commits[:100],
                len(abbreviated.commits),
            )


def _described(index: InventoryIndex) -> tuple[tuple[Match, bool], ...]:
    matches: list[tuple[Match, bool]] = []
    for tagged in index.once(_tags):
        text = _DESCRIBE.fullmatch(tagged.tag) if "-g" in tagged.tag else None
        commits = index.commits_starting(text["sha"]) if text else ()
        if not text or len(commits) != 1:
            continue
        starts = sorted(
            sha
            for key, sha in index.once(git_tags).get(text["tag"], ())
            if key in index.commits[commits[0]].repositories and not index.git[key].shallow
        )
        exact = any(distance(index, sha, commits[0]) == int(text["distance"]) for sha in starts)
        reason = (
            f"and it is {text['distance']} commits past the git tag {text['tag']} as it says"
            if exact
            else f"but its distance from the git tag {text['tag']} could not be confirmed"
        )
        statement = (
            f"its tag {tagged.tag} is a git describe of a commit, {reason}{_changed(text['dirty'])}"
        )
        matches.append(
            (Match(tagged.image, commit_id(commits[0]), statement, tagged.read_from), exact)
        )
    return tuple(matches)


@rule(Relation.BUILT_FROM, Grade.STRONG, Author.BUILDER)
def tag_describe(index: InventoryIndex) -> Iterator[Match]:
    """The tag has the form of ``git describe`` (``v1.2.0-5-gabc1234``), abbreviates exactly one
    commit, and that commit is just as many commits past the git tag as it says."""
    yield from (match for match, exact in index.once(_described) if exact)


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.BUILDER)
def tag_describe_unconfirmed(index: InventoryIndex) -> Iterator[Match]:
    """The tag has the form of ``git describe`` and abbreviates exactly one commit, but the git tag
    is gone, moved, or too much history is cut off to count."""
    yield from (match for match, exact in index.once(_described) if not exact)


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.BUILDER)
def tag_git_tag(index: InventoryIndex) -> Iterator[Match]:
    """The tag is a version (``1.2.3``, with or without ``v``) that a git tag names in a repository
    of the same name as the image's. Versions are not unique: without the common name there is no
    link. A git tag may be moved."""
    for tagged in index.once(_tags):
        version = _SEMVER.fullmatch(tagged.tag)
        if not version:
            continue
        for name in (version["number"], f"v{version['number']}"):
            for key, sha in index.once(git_tags).get(name, ()):
                if name_tied(index, tagged.repository, key):
                    yield Match(
                        tagged.image,
                        commit_id(sha),
                        f"its tag {tagged.tag} is the git tag {name} of {key}",
                        tagged.read_from,
                    )
