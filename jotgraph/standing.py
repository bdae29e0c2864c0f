"""Commits and a ref -> where they stand: current, n behind, or not on the ref at all.

The measure: how many commits of the ref's own line (first parents) the commit does not contain, so
that a merged side branch counts once. Computed on the parents in the records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

import msgspec

from jotgraph.graph import ResourceGraph, about, is_missing, record
from jotgraph.records import Commit, GitRepository, ResourceId, commit_id


class State(StrEnum):
    """Where the commits of an image stand."""

    CURRENT = "current"
    BEHIND = "behind"
    NOT_CURRENT = "not-current"
    """In a repository that was read, but not on the ref."""
    UNKNOWN = "unknown"
    """No commit is known, or the ref is not in the repository."""
    NOT_IN_REPOSITORIES = "not-in-repositories"
    """A commit is named and none of the repositories read has it."""


class Standing(msgspec.Struct, frozen=True):
    """Where a set of commits stands against a ref."""

    state: State
    behind: int | None = None
    """First-parent commits between; 0 when current, None when not on the ref."""
    ref: str = ""
    """Short name of the ref compared with."""
    repository: str = ""
    """Key of the git repository."""
    dirty: bool = False
    """The image was built from a work tree with changes."""
    touching: int | None = None
    """Of the ``behind`` commits, at most so many touch what is in the image: those after the
    newest commit with exactly its files. None when its files were not compared."""

    def words(self) -> str:
        """For people: ``current``, ``dirty, 3 behind main``, ``not on main``."""
        match self.state:
            case State.CURRENT:
                said = "current"
            case State.BEHIND:
                said = f"{self.behind} behind {self.ref}{self._touching()}"
            case State.NOT_CURRENT:
                said = f"not on {self.ref}"
            case State.UNKNOWN:
                said = "unknown"
            case State.NOT_IN_REPOSITORIES:
                said = "not in repositories read"
        return f"dirty, {said}" if self.dirty else said

    def _touching(self) -> str:
        if self.touching == 0:
            return ", same files"
        less = self.touching is not None and self.touching < (self.behind or 0)
        return f", ≤ {self.touching} in its files" if less else ""


class Refs:
    """The refs of a graph's git repositories and, for each tip, how far behind every commit is.

    Distances are computed once for each (repository, tip), when first asked for.
    """

    def __init__(self, graph: ResourceGraph, ref: str | None = None) -> None:
        self._graph = graph
        self._ref = ref
        self._git = {each.key: each for each in about(graph).git}
        self._distances: dict[str, Mapping[str, int]] = {}

    def tip(self, repository: str) -> tuple[str, str] | None:
        """(short name, SHA) of the ref in a repository: the one asked for, or its HEAD."""
        found = self._git.get(repository)
        return resolve_ref(found, self._ref) if found else None

    def distances(self, tip: str) -> Mapping[str, int]:
        """For every commit the tip leads to, how many first-parent steps it is behind."""
        if tip not in self._distances:
            self._distances[tip] = behind(self._graph, tip)
        return self._distances[tip]


def standing(
    graph: ResourceGraph,
    refs: Refs,
    commits: Iterable[str],
    *,
    dirty: bool = False,
    content: Iterable[str] = (),
) -> Standing:
    """Where the best placed of the commits (SHAs an image may be built from) stands. ``content``
    are the SHAs whose files the image has, wherever it was built."""
    built = _best(graph, refs, commits, dirty=dirty)
    if built.state is not State.BEHIND:
        return built
    equal = _best(graph, refs, content)
    alike = (equal.ref, equal.repository) == (built.ref, built.repository)
    if not alike or equal.behind is None:
        return built
    return msgspec.structs.replace(built, touching=min(equal.behind, built.behind or 0))


def _best(
    graph: ResourceGraph, refs: Refs, commits: Iterable[str], *, dirty: bool = False
) -> Standing:
    known = [sha for sha in commits if commit_id(sha) in graph]
    read = [sha for sha in known if not is_missing(graph, commit_id(sha))]
    if not read:
        return Standing(State.NOT_IN_REPOSITORIES if known else State.UNKNOWN, dirty=dirty)
    best: Standing | None = None
    for sha in read:
        for repository in _commit(graph, sha).repositories:
            tip = refs.tip(repository)
            if tip is None:
                continue
            lag = refs.distances(tip[1]).get(sha)
            state = State.NOT_CURRENT if lag is None else State.BEHIND if lag else State.CURRENT
            found = Standing(state, lag, tip[0], repository, dirty)
            if best is None or _better(found) < _better(best):
                best = found
    return best or Standing(State.UNKNOWN, dirty=dirty)


def resolve_ref(repository: GitRepository, ref: str | None) -> tuple[str, str] | None:
    """(short name, SHA) of a ref: full name, branch, tag, remote branch; HEAD for None."""
    if ref in (None, "HEAD"):
        name = repository.head_ref.removeprefix("refs/heads/") or "HEAD"
        return (name, repository.head) if repository.head else None
    refs = dict(repository.refs)
    for full in (f"{ref}", f"refs/{ref}", f"refs/heads/{ref}", f"refs/tags/{ref}"):
        if full in refs:
            return f"{ref}", refs[full]
    for full in (f"refs/remotes/{ref}", f"refs/remotes/origin/{ref}"):
        if full in refs:
            return f"{ref}", refs[full]
    return None


def behind(graph: ResourceGraph, tip: str) -> Mapping[str, int]:
    """For every commit that ``tip`` leads to: commits of ``tip``'s first-parent line that the
    commit does not lead to. One pass over the history, parents before children."""
    line = list(_first_parents(graph, tip))
    found = {sha: steps for steps, sha in enumerate(line)}
    todo = list(line)
    while todo:
        sha = todo[-1]
        parents = _parents(graph, sha)
        fresh = [each for each in parents if each not in found]
        if fresh:
            todo.extend(fresh)
            continue
        todo.pop()
        found.setdefault(sha, min((found[each] for each in parents), default=len(line)))
    return found


def _first_parents(graph: ResourceGraph, tip: str) -> Iterator[str]:
    here: str | None = tip
    while here is not None and commit_id(here) in graph:
        yield here
        here = next(iter(_parents(graph, here)), None)


def _parents(graph: ResourceGraph, sha: str) -> tuple[str, ...]:
    resource: ResourceId = commit_id(sha)
    node = record(graph, resource) if resource in graph else None
    return node.parents if isinstance(node, Commit) else ()


def _commit(graph: ResourceGraph, sha: str) -> Commit:
    found = record(graph, commit_id(sha))
    assert isinstance(found, Commit)
    return found


def _better(each: Standing) -> tuple[bool, int, str]:
    return (each.behind is None, each.behind or 0, each.repository)
