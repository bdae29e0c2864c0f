"""Rules on labels, annotations and environment: revisions that an image claims to be built from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jotgraph.links.index import InventoryIndex
from jotgraph.links.model import Author, Grade, Match, Relation, rule
from jotgraph.links.revisions import Revision, false_match, remotes_of, revision_value, revisions
from jotgraph.records import Commit, commit_id
from jotgraph.records.references import FULL_DIGITS

RARE = 1e-4
"""Odds of a chance match below which an abbreviated revision counts as SUPPORT."""


class Resolved(NamedTuple):
    """A revision that was resolved to a commit."""

    commit: Commit
    words: str
    """The revision as written, and why it is believed to mean the commit."""


def resolved(index: InventoryIndex, text: str) -> Resolved | None:
    """Resolve a text to the commit that it names. It is a full revision (or the SHA of an annotated
    tag), or an abbreviated one that begins exactly one commit and is unlikely to do so by
    chance."""
    value = revision_value(text)
    if value is None:
        return None
    sha, changes = value[0], " with uncommitted changes" if value[1] else ""
    if commit := index.commits.get(index.peeled.get(sha, sha)):
        return Resolved(commit, f"{sha}{changes}, a commit of {', '.join(commit.repositories)}")
    shas = index.commits_starting(sha)
    if len(shas) != 1 or len(sha) >= min(FULL_DIGITS) or false_match(index, len(sha)) >= RARE:
        return None
    words = f"{sha}{changes}, which begins one commit of {len(index.commits):,}"
    return Resolved(index.commits[shas[0]], words)


def _labelled(index: InventoryIndex) -> Iterator[Revision]:
    return (
        revision
        for revision in index.once(revisions)
        if revision.by_name and revision.origin != "environment"
    )


def _vouched(index: InventoryIndex, revision: Revision, commit: Commit) -> str:
    """The repository that the image's labels name, if it holds the commit; else empty."""
    return next((key for key in revision.sources if key in remotes_of(index, commit)), "")


def _match(revision: Revision, sha: str, reason: str) -> Match:
    return Match(
        revision.image.id, commit_id(sha), f"{revision.claim}, {reason}", revision.read_from
    )


@rule(Relation.BUILT_FROM, Grade.STRONG, Author.BUILDER)
def revision_label(index: InventoryIndex) -> Iterator[Match]:
    """A label or annotation gives a full revision, another names the repository, and that
    repository holds the commit. The label may be older than the files (build cache), and a clean
    revision does not prove a clean work tree; a label inherited from a known base image
    is left out, and one inherited from an unknown base cannot be recognised."""
    for revision in _labelled(index):
        commit = index.commits.get(revision.sha)
        if commit and (source := _vouched(index, revision, commit)):
            yield _match(
                revision, commit.sha, f"a commit of {source}, which its source label names"
            )


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.BUILDER)
def revision_label_alone(index: InventoryIndex) -> Iterator[Match]:
    """A label or annotation gives a full revision that a repository read holds, but no label
    names that repository: it may have come from the base image."""
    for revision in _labelled(index):
        commit = index.commits.get(revision.sha)
        if commit and not _vouched(index, revision, commit):
            other = f"; its source label names {revision.sources[0]}" if revision.sources else ""
            yield _match(
                revision, commit.sha, f"a commit of {', '.join(sorted(commit.repositories))}{other}"
            )


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.BUILDER)
def revision_label_other(index: InventoryIndex) -> Iterator[Match]:
    """A label or annotation of any other name holds a full revision, alone or inside a longer value
    (buildpacks' project metadata), that a repository read holds. Forty digits do not match by
    chance, but the revision may be that of something else."""
    for revision in index.once(revisions):
        commit = None if revision.by_name else index.commits.get(revision.sha)
        if commit is not None:
            where = ", ".join(sorted(commit.repositories))
            yield _match(revision, commit.sha, f"a commit of {where}")


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.BUILDER)
def revision_label_short(index: InventoryIndex) -> Iterator[Match]:
    """A label or annotation gives an abbreviated revision that begins exactly one commit, which
    is of the repository its source label names, or unlikely (below 1 in 10,000) to be met by
    chance."""
    for revision, commit, reason in _short(index):
        if reason:
            yield _match(revision, commit.sha, reason)


@rule(Relation.BUILT_FROM, Grade.HINT, Author.BUILDER)
def revision_label_weak(index: InventoryIndex) -> Iterator[Match]:
    """A label or annotation gives an abbreviated revision that begins exactly one commit, but so
    many commits were read that it may match by chance."""
    for revision, commit, reason in _short(index):
        if not reason:
            odds = false_match(index, len(revision.sha))
            yield _match(
                revision,
                commit.sha,
                f"which begins one commit of {len(index.commits):,} (odds of chance {odds:.1g})",
            )


def _short(index: InventoryIndex) -> Iterator[tuple[Revision, Commit, str]]:
    for revision in _labelled(index):
        if revision.full:
            continue
        shas = index.commits_starting(revision.sha)
        if len(shas) != 1:
            continue
        commit = index.commits[shas[0]]
        source = _vouched(index, revision, commit)
        if source:
            yield revision, commit, f"which begins one commit, of {source} as its source label says"
        elif false_match(index, len(revision.sha)) < RARE:
            yield revision, commit, f"which begins one commit of {len(index.commits):,}"
        else:
            yield revision, commit, ""


@rule(Relation.BUILT_FROM, Grade.HINT, Author.BUILDER)
def revision_label_unresolved(index: InventoryIndex) -> Iterator[Match]:
    """A label or annotation gives a full revision that no repository read holds: a pull request's
    merge commit, rewritten history, a shallow clone, or another repository. 64 digits are a
    revision only where a repository read uses SHA-256; elsewhere they are some other hash."""
    lengths = {
        64 if repository.object_format == "sha256" else 40 for repository in index.inventory.git
    } | {40}
    for revision in _labelled(index):
        if revision.full and len(revision.sha) in lengths and revision.sha not in index.commits:
            source = f" of {revision.sources[0]}" if revision.sources else ""
            yield _match(
                revision, revision.sha, f"a revision{source} that no repository read holds"
            )


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.BUILDER)
def revision_env(index: InventoryIndex) -> Iterator[Match]:
    """An environment variable that CI systems set to the revision (``GIT_SHA``, ``GITHUB_SHA``…)
    is baked into the image, and a repository read holds the commit."""
    for revision in index.once(revisions):
        if revision.origin == "environment" and revision.sha in index.commits:
            repositories = ", ".join(sorted(index.commits[revision.sha].repositories))
            yield _match(revision, revision.sha, f"a commit of {repositories}")
