"""What contains a commit, what does not, and what is unknown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from difflib import get_close_matches
from enum import Enum, auto
from functools import partial
from typing import NamedTuple

from jotgraph.analysis.provenance import Claims, commits_of
from jotgraph.analysis.provenance.carriers import images_run
from jotgraph.errors import UnknownNameError
from jotgraph.graph import ResourceGraph, about, dependencies, of_kind, record
from jotgraph.links import Author, Grade, Relation
from jotgraph.queries.answers.where import By, Holder, Where
from jotgraph.records import (
    BUILT,
    Commit,
    Function,
    Kind,
    Missing,
    ResourceId,
    Version,
    Workload,
    commit_id,
    key_of,
    kind_of,
    name_of,
    qualifier_of,
)
from jotgraph.records.ids import short
from jotgraph.records.resolved import resolves_once, unresolved, untold

LISTED = 1000
"""The most commits listed for each resource."""


def where(
    graph: ResourceGraph,
    commit: ResourceId,
    *,
    kinds: Collection[Kind] = BUILT,
    alias: str | None = None,
    within: Collection[ResourceId] = (),
) -> Where:
    """Sort everything that comes from a commit by whether ``commit`` is in its history.

    An image contains the commit where every commit that it may come from has it in its history, and
    lacks it where none has. Otherwise the files decide, if they were compared: as the commit left
    them (contained), as they were before it (lacking, reverted since), or the same with and without
    it (unknown). A label picks among equal files and decides nothing here. An alias contains it if
    every version does that it routes to.

    ``alias`` keeps only the aliases of that name; ``within`` restricts the answer to these
    resources, of any kind, and adds whether ``commit`` is one of those that each may come from.
    Raises KeyError for an id that is not in the graph, and UnknownNameError when no alias has that
    name, since none would lack the commit.
    """
    record(graph, commit)
    names = {qualifier_of(resource) for resource in of_kind(graph, Kind.ALIAS)}
    if alias and alias not in names:
        near = get_close_matches(alias, sorted(names))
        raise UnknownNameError(alias, tuple(near), "no alias that was read has that name")
    history = _History(graph, commit)
    holders: dict[_Has, list[Holder]] = defaultdict(list)
    for resource in within or of_kind(graph, *((Kind.ALIAS,) if alias else kinds)):
        if alias and qualifier_of(resource) != alias:
            continue
        verdict, claims = _worst(graph, history, resource)
        member = _member(history, claims)
        because = f"{verdict.because}{_membership(member, claims)}" if within else verdict.because
        holder = Holder(
            resource,
            kind_of(resource),
            because,
            verdict.by,
            claims.commits[:LISTED],
            claims.count,
            member,
        )
        holders[verdict.has].append(holder)
    return Where(
        about=about(graph),
        commit=commit,
        contains=tuple(holders[_Has.CONTAINS]),
        lacks=tuple(holders[_Has.LACKS]),
        unknown=tuple(holders[_Has.UNKNOWN]),
    )


def _member(history: _History, claims: Claims) -> bool | None:
    """Whether the commit is one of those that a resource may come from."""
    if history.commit in claims.commits:
        return True
    return False if claims.commits and claims.listed_whole else None


def _membership(member: bool | None, claims: Claims) -> str:
    """``; it is one of the 6,006 commits it may come from``."""
    if not claims.commits:
        return ""
    verb = {True: "is", False: "is not", None: "may be"}[member]
    commits = f"one of the {claims.count:,} commits" if claims.count > 1 else "the commit"
    return f"; this {verb} {commits} it may come from"


class _Has(Enum):
    """Whether a resource has the commit."""

    CONTAINS = auto()
    LACKS = auto()
    UNKNOWN = auto()


class _Verdict(NamedTuple):
    """Whether a resource has the commit, and why."""

    has: _Has
    because: str
    by: By = By.NOTHING


def _worst(
    graph: ResourceGraph, history: _History, resource: ResourceId
) -> tuple[_Verdict, Claims]:
    """The verdict on a resource, and its claims; for a weighted alias the worst of its versions'
    verdicts."""
    if kind_of(resource) is Kind.WORKLOAD:
        return _of_workload(graph, history, resource)
    ends = dependencies(graph, resource, Relation.ROUTES_TO)
    claims = commits_of(graph, resource)
    if kind_of(resource) is not Kind.ALIAS or len(ends) < 2:
        node = record(graph, ends[0] if ends else resource)
        zipped = isinstance(node, Function | Version) and not node.may_run_image
        if zipped and not claims.commits:
            return _Verdict(_Has.UNKNOWN, "zip package: no commit is known"), claims
        return _judge(history, claims), claims
    judged = [(_judge(history, commits_of(graph, end)), end) for end in ends]
    return _first(judged, (_Has.LACKS, _Has.UNKNOWN, _Has.CONTAINS)), claims


def _of_workload(
    graph: ResourceGraph, history: _History, resource: ResourceId
) -> tuple[_Verdict, Claims]:
    """The verdict on a workload: it contains a commit if any of its images does."""
    images, reasons = images_run(graph, resource), _untold(graph, resource)
    if len(images) < 2 and not reasons:
        claims = commits_of(graph, images[0] if images else resource)
        return _judge(history, claims), claims
    judged = [(_judge(history, commits_of(graph, image)), image) for image in images]
    judged += [(_Verdict(_Has.UNKNOWN, because), resource) for because in reasons]
    chosen = _first(judged, (_Has.CONTAINS, _Has.UNKNOWN, _Has.LACKS))
    image = next(image for verdict, image in judged if verdict.has is chosen.has)
    return chosen, commits_of(graph, image)


def _untold(graph: ResourceGraph, resource: ResourceId) -> list[str]:
    """For each image that a workload's service does not resolve, why it is unknown."""
    node = record(graph, resource)
    if not isinstance(node, Workload) or not resolves_once(node):
        return []
    return [untold(named) for _, named in unresolved(node)]


def _first(judged: list[tuple[_Verdict, ResourceId]], order: tuple[_Has, ...]) -> _Verdict:
    """The first verdict in the order, with the name of what it is about."""
    verdict, resource = min(judged, key=lambda judgement: order.index(judgement[0].has))
    return verdict._replace(because=f"{name_of(resource)}: {verdict.because}")


class _History:
    """Which commits have one commit as an ancestor, and which may have it beyond a cut."""

    def __init__(self, graph: ResourceGraph, commit: ResourceId) -> None:
        children: dict[str, list[str]] = defaultdict(list)
        self.read: set[str] = set()
        self.cut = cut = set[str]()
        self.commit = key_of(commit)
        for resource in of_kind(graph, Kind.COMMIT):
            node = record(graph, resource)
            assert isinstance(node, Commit)
            self.read.add(node.sha)
            for parent in node.parents:
                children[parent].append(node.sha)
                known = commit_id(parent) in graph
                if not known or isinstance(record(graph, commit_id(parent)), Missing):
                    cut.add(node.sha)
        asked = record(graph, commit)
        self.parents = frozenset(asked.parents if isinstance(asked, Commit) else ())
        self.containing = _onward(children, {self.commit})
        self.uncertain = _onward(children, cut) - self.containing


def _onward(children: dict[str, list[str]], start: set[str]) -> set[str]:
    reached, todo = set(start), list(start)
    while todo:
        for child in children.get(todo.pop(), ()):
            if child not in reached:
                reached.add(child)
                todo.append(child)
    return reached


def _judge(history: _History, claims: Claims) -> _Verdict:
    commits = set(claims.commits)
    if not commits:
        what = "no commit is known" if claims.images else "it runs no image that was read"
        return _Verdict(_Has.UNKNOWN, what)
    named = f"{short(claims.commits[0])}"
    more = f" and {claims.count - 1:,} more" if claims.count > 1 else ""
    unknown = partial(_Verdict, _Has.UNKNOWN)
    if commits.isdisjoint(history.read):
        return unknown(f"{named}{more} is in no repository read")
    if claims.grade is None or claims.grade < Grade.SUPPORT:
        return unknown(f"only a hint ({claims.rule}) says where it comes from")
    if claims.conflict:
        return unknown(f"its claims contradict each other: {claims.reason}")
    if claims.doubt:
        return unknown(f"its files differ from every commit read; nearest: {named}{more}")
    unlisted = f"not all {claims.count} commits it may come from are listed"
    if commits <= history.containing:
        if claims.count > len(commits):
            return unknown(unlisted)
        if commits & history.cut and _by_bytes_alone(claims):
            return unknown("history is cut (shallow): unread commits may have its files as well")
        return _Verdict(_Has.CONTAINS, f"built from {named}{more}", By.HISTORY)
    if commits & history.containing:
        return _by_files(history, claims)
    if commits - history.read:
        return unknown(f"{named}{more} is in no repository read")
    if commits & history.uncertain:
        return unknown(f"the history of {named} is cut (shallow)")
    if claims.count > len(commits):
        return unknown(unlisted)
    return _Verdict(_Has.LACKS, f"built from {named}{more}", By.HISTORY)


def _by_files(history: _History, claims: Claims) -> _Verdict:
    """The verdict by files, when only some of the commits with the image's files contain the
    commit."""
    equal, whole = set(claims.content), claims.content_count <= len(claims.content)
    having = set(claims.commits) & history.containing
    verb = "contains" if len(having) == 1 else "contain"
    same = f"{len(having):,} of the {claims.count:,} commits it may come from {verb} it"
    same += ": the files of the image are the same with and without it" if equal else ""
    if not (equal and whole and history.parents and history.parents <= history.read):
        return _Verdict(_Has.UNKNOWN, same)
    if history.commit in equal and equal.isdisjoint(history.parents):
        others = f" and of {claims.content_count - 1:,} more" if claims.content_count > 1 else ""
        return _Verdict(
            _Has.CONTAINS, f"its files are those of {short(history.commit)}{others}", By.FILES
        )
    before = sorted(equal & history.parents)
    if history.commit in equal or not before:
        return _Verdict(_Has.UNKNOWN, same)
    later = next((sha for sha in claims.commits if sha in history.containing), None)
    files = f"its files are those of {short(before[0])}, before the commit"
    if later is None:
        return _Verdict(_Has.LACKS, files, By.FILES)
    return _Verdict(_Has.LACKS, f"{files}: reverted by {short(later)} at the latest", By.REVERTED)


def _by_bytes_alone(claims: Claims) -> bool:
    """Whether only the files suggest the commits, so that there may be more."""
    claimed = (claim for claim in claims.records if claim.grade > Grade.HINT)
    return all(claim.author is Author.BYTES for claim in claimed)
