"""Rules on revisions in files of an image, which build tools leave behind.

A file may belong to a dependency. One inside a directory of packages, or in an image whose files
name several repositories, counts only if something else ties the image to the repository.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from jotgraph.links.history import git_tags, name_tied
from jotgraph.links.index import InventoryIndex, group
from jotgraph.links.labels import RARE
from jotgraph.links.model import Author, Grade, Match, Relation, rule
from jotgraph.links.revisions import false_match, remotes_of, sources_of
from jotgraph.records import (
    Commit,
    ContentVerdict,
    EcrImage,
    FileFact,
    Function,
    LocalImage,
    Record,
    ResourceId,
    Version,
    commit_id,
)
from jotgraph.records.references import FULL_DIGITS, reference, repository_key

_WORDS = {
    "archive": "the mark of git archive",
    "build-info": "build-info.properties",
    "cargo": "the origin of the Rust crate",
    "composer": "the root package of Composer",
    "dotnet": "the version of the .NET assembly",
    "file": "the file",
    "git.properties": "git.properties",
    "gitHead": "gitHead of package.json",
    "go": "the build information of the Go program",
    "json": "the build's JSON file",
    "manifest": "the manifest of the Java archive",
    "pbr": "the origin of the Python package (pbr)",
    "pep610": "the origin of the Python package (PEP 610)",
    "python-version": "the version of the Python package",
    "sourcelink": "the Source Link of the .NET program",
}
_HOLDING = (ContentVerdict.EXACT, ContentVerdict.SUBSET)


class _Told(NamedTuple):
    resource: ResourceId
    fact: FileFact
    commit: Commit


def _own(index: InventoryIndex) -> tuple[_Told, ...]:
    """Facts whose revision is a commit that was read and that very likely is the image's own."""
    facts_read = {
        (match.resource, fact) for match in index.inventory.content for fact in match.facts
    }
    by_resource: dict[ResourceId, list[_Told]] = {}
    for resource, fact in sorted(
        facts_read, key=lambda told_fact: (told_fact[0], told_fact[1].path, told_fact[1].revision)
    ):
        commit = _commit(index, fact.revision) if fact.kind != "release" else None
        if commit is not None and _named(index, fact, commit):
            by_resource.setdefault(resource, []).append(_Told(resource, fact, commit))
    return tuple(
        fact
        for resource, facts in by_resource.items()
        for several in (_several(facts),)
        for fact in facts
        if not (several or fact.fact.package) or _tied(index, resource, fact.commit)
    )


def _several(facts: list[_Told]) -> bool:
    """Whether no repository holds all the commits that files outside of packages name."""
    repositories = [set(fact.commit.repositories) for fact in facts if not fact.fact.package]
    return bool(repositories) and not set.intersection(*repositories)


def _commit(index: InventoryIndex, revision: str) -> Commit | None:
    if len(revision) in FULL_DIGITS:
        return index.commits.get(revision)
    if len(revision) < 7 or false_match(index, len(revision)) >= RARE:
        return None
    shas = index.commits_starting(revision)
    return index.commits[shas[0]] if len(shas) == 1 else None


def _named(index: InventoryIndex, fact: FileFact, commit: Commit) -> bool:
    """Whether the file names no repository, or the one that holds the commit."""
    return not fact.source or repository_key(fact.source) in remotes_of(index, commit)


def _tied(index: InventoryIndex, resource: ResourceId, commit: Commit) -> bool:
    """Whether the name, a label or the files of an image tie it to a commit's repository."""
    repositories = set(commit.repositories)
    if repositories & set(index.once(_repositories).get(resource, ())):
        return True
    record = index.by_id.get(resource)
    if isinstance(record, LocalImage | EcrImage) and (
        set(sources_of(record)) & remotes_of(index, commit)
    ):
        return True
    return any(name_tied(index, name, key) for name in _names(record) for key in repositories)


def _repositories(index: InventoryIndex) -> Mapping[str, tuple[str, ...]]:
    """The git repositories that each image has files of."""
    return group(
        (match.resource, match.repository)
        for match in index.inventory.content
        if match.verdict not in (ContentVerdict.WEAK, ContentVerdict.NONE)
    )


def _names(record: Record | None) -> tuple[str, ...]:
    """The names of a resource that may be those of its git repository."""
    if isinstance(record, LocalImage):
        return tuple(reference(tag).name for tag in record.tags)
    if isinstance(record, EcrImage):
        return (record.repository,)
    return (record.name,) if isinstance(record, Function | Version) else ()


@rule(Relation.BUILT_FROM, Grade.PROOF, Author.FILES)
def file_git_head(index: InventoryIndex) -> Iterator[Match]:
    """The image contains a git repository whose HEAD is a commit that was read. Such a repository
    is also a leak, because it contains the whole history. A repository among packages, or beside
    one of another repository, counts only if the image's name, source label or files are of that
    repository."""
    for resource, fact, commit in index.once(_own):
        if fact.kind == "git":
            yield Match(
                resource,
                commit.id,
                f"it holds a git repository whose HEAD is {commit.sha} (and so all its history)",
                f"file {fact.path}",
            )


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.FILES)
def file_revision(index: InventoryIndex) -> Iterator[Match]:
    """A file that a build tool wrote gives a revision that a repository read holds, a full one or
    an abbreviated one that begins exactly one commit and is unlikely to match by chance: build
    information of Go, version or Source Link of a .NET assembly, manifest, git.properties or
    build-info.properties of a jar, version of a Python package (setuptools_scm, hatch-vcs,
    versioneer, pbr, PEP 610), gitHead of package.json, .cargo_vcs_info.json, Composer's root
    package, .git_archival.txt, version.json and the like, or a file such as REVISION. A file that
    names its repository must name the one that holds the commit; one among packages counts only
    where the image's name, source label or files are of that repository."""
    for resource, fact, commit in index.once(_own):
        if fact.kind not in ("git", "own"):
            short = "" if len(fact.revision) in FULL_DIGITS else ", which begins one commit"
            dirty = " with uncommitted changes" if fact.dirty else ""
            yield Match(
                resource,
                commit.id,
                f"{_WORDS.get(fact.kind, fact.kind)} at {fact.path} says {fact.revision}{short}"
                f"{dirty}",
                f"file {fact.path}",
            )


@rule(Relation.BUILT_FROM, Grade.SUPPORT, Author.FILES)
def file_release(index: InventoryIndex) -> Iterator[Match]:
    """A Python package was installed from an index in a version that is a git tag (``1.2.3``, with
    or without ``v``) of the repository whose files the package contains, and the tag's commit has
    those files. The tag picks one of the commits that have them."""
    for match in index.inventory.content:
        for fact in match.facts if match.verdict in _HOLDING else ():
            for name in (fact.revision, f"v{fact.revision}") if fact.kind == "release" else ():
                for key, sha in index.once(git_tags).get(name, ()):
                    if key == match.repository and sha in match.commits:
                        yield Match(
                            match.resource,
                            commit_id(sha),
                            f"the Python package at {fact.path} is version {fact.revision}, which "
                            f"is the git tag {name} of {key}",
                            f"file {fact.path}",
                        )
