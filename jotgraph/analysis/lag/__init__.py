"""Lag: how far commits are behind a branch or tag.

It is the number of commits on the ref's first-parent line that the commit does not contain, so that
a merged side branch counts once. It is computed from the parents in the records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

import msgspec

from jotgraph.analysis.lag.model import Bound, LagDoubt, LagState, Standing
from jotgraph.analysis.provenance import Claims
from jotgraph.errors import UnknownNameError
from jotgraph.graph import ResourceGraph, about, is_missing, record, remembered
from jotgraph.records import (
    BuildInput,
    Commit,
    ContentMatch,
    GitRepository,
    ResourceId,
    Touched,
    commit_id,
)

__all__ = [
    "Bound",
    "LagDoubt",
    "LagState",
    "Refs",
    "Standing",
    "behind",
    "refs_of",
    "resolve_ref",
    "standing",
    "standing_of",
]


class Refs:
    """The refs of a graph's git repositories, and the lag of every commit behind each tip.
    Distances are computed once for each (repository, tip), on first use. Raises UnknownNameError
    for a ref that no repository has: nothing would lag behind it."""

    def __init__(self, graph: ResourceGraph, ref: str | None = None) -> None:
        self._graph = graph
        self._ref = ref
        self._git = {repository.key: repository for repository in about(graph).git}
        if self._git and not any(resolve_ref(repository, ref) for repository in self._git.values()):
            self._unknown(ref)
        self._distances: dict[str, Mapping[str, int]] = {}
        self._lines: dict[str, list[str]] = {}

    def _unknown(self, ref: str | None) -> None:
        if ref in (None, "HEAD"):  # of repositories without a commit
            return
        known = {
            full.split("/", 2)[-1]
            for repository in self._git.values()
            for full, _ in repository.refs
        }
        advice = "no git repository that was read has such a branch or tag"
        raise UnknownNameError(f"{ref}", tuple(get_close_matches(f"{ref}", sorted(known))), advice)

    def tip(self, repository: str) -> tuple[str, str] | None:
        """(short name, SHA) of the ref in a repository: the requested one, or its HEAD."""
        read = self._git.get(repository)
        return resolve_ref(read, self._ref) if read else None

    def distances(self, tip: str) -> Mapping[str, int]:
        """The first-parent steps that every commit in a tip's history is behind the tip."""
        if tip not in self._distances:
            self._distances[tip] = behind(self._graph, tip)
        return self._distances[tip]

    def line(self, tip: str) -> list[str]:
        """The tip and its first-parent ancestors, newest first."""
        if tip not in self._lines:
            self._lines[tip] = list(_first_parents(self._graph, tip))
        return self._lines[tip]

    def shallow(self, repository: str) -> bool:
        return self._git[repository].shallow


@remembered
def refs_of(graph: ResourceGraph, ref: str | None = None) -> Refs:
    """The refs of a graph, cached on the graph."""
    return Refs(graph, ref)


def standing(
    graph: ResourceGraph,
    refs: Refs,
    commits: Iterable[str],
    *,
    dirty: bool = False,
    content: Iterable[str] = (),
    matches: Sequence[ContentMatch] = (),
    doubt: LagDoubt = LagDoubt.NONE,
    whole: bool = True,
) -> Standing:
    """Return where the best placed of some commits stands against the ref.

    ``commits`` are the SHAs that an image may be built from; ``content`` those whose files it has,
    wherever it was built; ``matches`` say which commits changed its files since; ``doubt`` is about
    ``commits`` and kept where these are on the ref; ``whole`` says that the list is complete.
    """
    shas = tuple(commits)
    built = _best(graph, refs, shas, dirty=dirty)
    if whole and built.behind is not None:
        built = msgspec.structs.replace(built, behind_most=_farthest(refs, built, shas))
    if built.state in (LagState.CURRENT, LagState.BEHIND, LagState.NOT_CURRENT):
        built = msgspec.structs.replace(built, doubt=doubt)
    tip = refs.tip(built.repository)
    if built.behind is None or tip is None:
        return built
    since, touching = built.behind, None
    equal = _best(graph, refs, content)
    if (equal.ref, equal.repository) == (built.ref, built.repository) and equal.behind is not None:
        since = touching = min(equal.behind, built.behind)
    bound = Bound.AT_MOST if touching else Bound.EXACT
    lag = msgspec.structs.replace(built, touching=touching if built.behind else None, bound=bound)
    distances = refs.distances(tip[1])
    for match in matches:
        ours = match.repository == built.repository and match.touched is not None
        ours = ours and (dirty or not match.modified_count)  # else its commit may be elsewhere
        if ours and any(distances.get(sha) == since for sha in match.commits):
            return _touched(refs, lag, match, tip[1], since, shas)
    return lag


def standing_of(
    graph: ResourceGraph, refs: Refs, claims: Claims, otherwise: Iterable[str] = ()
) -> Standing:
    """Return where the commits of an image stand; ``otherwise`` are used when no commit is
    believed."""
    return standing(
        graph,
        refs,
        claims.measured or otherwise,
        dirty=claims.dirty,
        content=claims.content,
        matches=claims.matches,
        doubt=LagDoubt(claims.doubt),
        whole=claims.listed_whole,
    )


def _farthest(refs: Refs, nearest: Standing, commits: Iterable[str]) -> int | None:
    """How far the farthest commit is behind the ref; None when one is not on it."""
    tip = refs.tip(nearest.repository)
    distances = refs.distances(tip[1]) if tip else {}
    places = [distances.get(sha) for sha in commits]
    known = [place for place in places if place is not None]
    return max(known) if known and len(known) == len(places) else None


def _touched(
    refs: Refs, lag: Standing, match: ContentMatch, tip: str, since: int, commits: Iterable[str]
) -> Standing:
    """What a match says about the ref's line since the newest commit with the image's files."""
    touched, behind = match.touched or Touched(), lag.behind or 0
    line, distances = refs.line(tip), refs.distances(tip)
    # A root of a shallow clone seems to bring all its files: what it touches is not known.
    end = len(line) - 1 if refs.shallow(lag.repository) else len(line)

    def of_line(shas: Iterable[str], start: int, stop: int) -> tuple[str, ...]:
        places = {distances[sha]: sha for sha in shas if sha in distances}
        positions = (
            n for n in sorted(places) if start <= n < min(stop, end) and line[n] == places[n]
        )
        return tuple(line[n] for n in positions)

    def of_inputs(start: int, stop: int) -> tuple[BuildInput, ...]:
        changes = (
            (build_input.path, of_line(build_input.commits, start, stop))
            for build_input in touched.inputs
        )
        return tuple(BuildInput(path, shas) for path, shas in changes if shas)

    touches = of_line(touched.commits, 0, since)
    oldest = max((distances.get(sha, 0) for sha in commits), default=0)
    bound, touching = Bound.EXACT, len(touches)
    if touched.cut or since > end:
        bound = Bound.AT_LEAST
    elif touches and match.count > len(match.commits):
        bound = Bound.AT_MOST  # a commit that is not listed may be nearer
    return msgspec.structs.replace(
        lag,
        touching=touching if behind else None,
        bound=bound,
        touches=touches,
        inputs=of_inputs(0, behind),
        perhaps=of_inputs(behind, oldest),
    )


def _best(
    graph: ResourceGraph, refs: Refs, commits: Iterable[str], *, dirty: bool = False
) -> Standing:
    named = list(commits)
    known = [sha for sha in named if commit_id(sha) in graph]
    read = [sha for sha in known if not is_missing(graph, commit_id(sha))]
    if not read:
        state = LagState.NOT_IN_REPOSITORIES if known else LagState.UNKNOWN
        return Standing(state, dirty=dirty, commit=next(iter(known or named), ""))
    best: Standing | None = None
    for sha in read:
        for repository in _commit(graph, sha).repositories:
            tip = refs.tip(repository)
            if tip is None:
                continue
            lag = refs.distances(tip[1]).get(sha)
            # Of a shallow clone the ref may lead there beyond the cut.
            off = LagState.UNKNOWN if refs.shallow(repository) else LagState.NOT_CURRENT
            state = off if lag is None else LagState.BEHIND if lag else LagState.CURRENT
            candidate = Standing(state, lag, tip[0], repository, dirty, commit=sha)
            if best is None or _better(candidate) < _better(best):
                best = candidate
    return best or Standing(LagState.UNKNOWN, dirty=dirty, commit=read[0])


def resolve_ref(repository: GitRepository, ref: str | None) -> tuple[str, str] | None:
    """Return (short name, SHA) of a full ref name, branch, tag or remote branch; of HEAD for
    None."""
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
    """Return how many commits of the first-parent line of ``tip`` each commit in its history lacks.
    One pass over the history, parents before children."""
    line = list(_first_parents(graph, tip))
    steps_by_sha = {sha: steps for steps, sha in enumerate(line)}
    todo = list(line)
    while todo:
        sha = todo[-1]
        parents = _parents(graph, sha)
        fresh = [parent for parent in parents if parent not in steps_by_sha]
        if fresh:
            todo.extend(fresh)
            continue
        todo.pop()
        steps_by_sha.setdefault(
            sha, min((steps_by_sha[parent] for parent in parents), default=len(line))
        )
    return steps_by_sha


def _first_parents(graph: ResourceGraph, tip: str) -> Iterator[str]:
    sha: str | None = tip
    while sha is not None and commit_id(sha) in graph:
        yield sha
        sha = next(iter(_parents(graph, sha)), None)


def _parents(graph: ResourceGraph, sha: str) -> tuple[str, ...]:
    resource: ResourceId = commit_id(sha)
    node = record(graph, resource) if resource in graph else None
    return node.parents if isinstance(node, Commit) else ()


def _commit(graph: ResourceGraph, sha: str) -> Commit:
    node = record(graph, commit_id(sha))
    assert isinstance(node, Commit)
    return node


def _better(standing: Standing) -> tuple[bool, int, str]:
    return (standing.behind is None, standing.behind or 0, standing.repository)
