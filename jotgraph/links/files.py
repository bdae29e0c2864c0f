"""Rules on files of an image that name a revision: what builds leave behind."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.links.lookup import Lookup
from jotgraph.links.model import Grade, Match, Relation, rule
from jotgraph.links.names import repository_key
from jotgraph.links.revisions import remotes_of
from jotgraph.records import Commit, FileFact, ResourceId

_WORDS = {
    "go": "the build information of the Go program",
    "git.properties": "git.properties",
    "gitHead": "gitHead of package.json",
    "pep610": "the origin of the Python package (PEP 610)",
    "cargo": "the origin of the Rust crate",
    "file": "the file",
}


def _facts(lookup: Lookup) -> Iterator[tuple[ResourceId, FileFact, Commit]]:
    told = {(each.resource, fact) for each in lookup.inventory.content for fact in each.facts}
    for resource, fact in sorted(told, key=lambda each: (each[0], each[1].path, each[1].revision)):
        commit = lookup.commits.get(fact.revision)
        if commit is not None:
            yield resource, fact, commit


@rule(Relation.BUILT_FROM, Grade.PROOF)
def file_git_head(lookup: Lookup) -> Iterator[Match]:
    """The image holds a git repository whose HEAD is a commit read. It is a leak as well: all of
    history can be had from the image."""
    for resource, fact, commit in _facts(lookup):
        if fact.kind == "git":
            yield Match(
                resource,
                commit.id,
                f"it holds a git repository whose HEAD is {commit.sha} (and so all its history)",
                f"file {fact.path}",
            )


@rule(Relation.BUILT_FROM, Grade.SUPPORT)
def file_revision(lookup: Lookup) -> Iterator[Match]:
    """A file that a build tool wrote gives a full revision that a repository read holds: Go's build
    information, git.properties, gitHead of package.json, PEP 610's direct_url.json (of the
    repository it names), .cargo_vcs_info.json, or a file such as REVISION. Files of dependencies
    are left out."""
    for resource, fact, commit in _facts(lookup):
        if fact.kind == "git" or not _own(lookup, fact, commit):
            continue
        dirty = " with uncommitted changes" if fact.dirty else ""
        yield Match(
            resource,
            commit.id,
            f"{_WORDS.get(fact.kind, fact.kind)} at {fact.path} says {commit.sha}{dirty}",
            f"file {fact.path}",
        )


def _own(lookup: Lookup, fact: FileFact, commit: Commit) -> bool:
    """Whether a file that names its repository names the one that holds the commit."""
    return not fact.source or repository_key(fact.source) in remotes_of(lookup, commit)
