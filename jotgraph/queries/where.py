"""What contains a commit, what does not, and what cannot be said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from difflib import get_close_matches

from jotgraph.analysis.provenance import Claims, commits_of
from jotgraph.analysis.provenance.carriers import images_run
from jotgraph.errors import UnknownNameError
from jotgraph.graph import ResourceGraph, about, dependencies, of_kind, record
from jotgraph.links import Author, Grade, Relation
from jotgraph.queries.answers.where import Holder, Where
from jotgraph.records import (
    BUILT,
    Commit,
    Function,
    Kind,
    Missing,
    ResourceId,
    Version,
    commit_id,
    key_of,
    kind_of,
    name_of,
    qualifier_of,
)


def where(
    graph: ResourceGraph,
    commit: ResourceId,
    *,
    kinds: Collection[Kind] = BUILT,
    alias: str | None = None,
) -> Where:
    """Sort everything that comes from a commit by whether ``commit`` is in its history.

    What contains every commit it may come from contains it; what contains none lacks it; anything
    between is unknown. An alias contains it if every version does that it sends calls to.
    ``alias`` keeps only the aliases of that name. Raises KeyError for an id not in the graph,
    UnknownNameError where no alias has that name: none would lack the commit.
    """
    record(graph, commit)
    names = {qualifier_of(resource) for resource in of_kind(graph, Kind.ALIAS)}
    if alias and alias not in names:
        near = get_close_matches(alias, sorted(names))
        raise UnknownNameError(alias, tuple(near), "no alias that was read has that name")
    history = _History(graph, commit)
    found: dict[str, list[Holder]] = defaultdict(list)
    for resource in of_kind(graph, *((Kind.ALIAS,) if alias else kinds)):
        if alias and qualifier_of(resource) != alias:
            continue
        verdict, because, claims = _worst(graph, history, resource)
        holder = Holder(resource, kind_of(resource), because, claims.commits, claims.count)
        found[verdict].append(holder)
    return Where(
        about=about(graph),
        commit=commit,
        contains=tuple(found["contains"]),
        lacks=tuple(found["lacks"]),
        unknown=tuple(found["unknown"]),
    )


def _worst(
    graph: ResourceGraph, history: _History, resource: ResourceId
) -> tuple[str, str, Claims]:
    """The verdict on a resource and its claims; on an alias with weights the worst verdict on what
    it sends calls to."""
    if kind_of(resource) is Kind.WORKLOAD:
        return _of_workload(graph, history, resource)
    ends = dependencies(graph, resource, Relation.ROUTES_TO)
    claims = commits_of(graph, resource)
    if kind_of(resource) is not Kind.ALIAS or len(ends) < 2:
        node = record(graph, ends[0] if ends else resource)
        zipped = isinstance(node, Function | Version) and not node.may_run_image
        if zipped and not claims.commits:
            return "unknown", "it is a zip package: no commit is known", claims
        return *_judge(history, claims), claims
    judged = [(*_judge(history, commits_of(graph, end)), end) for end in ends]
    verdict, because, end = min(
        judged, key=lambda judgement: ("lacks", "unknown", "contains").index(judgement[0])
    )
    return verdict, f"{name_of(end)}: {because}", claims


def _of_workload(
    graph: ResourceGraph, history: _History, resource: ResourceId
) -> tuple[str, str, Claims]:
    """The verdict on a workload: it contains a commit if any of its images does."""
    images = images_run(graph, resource)
    if len(images) < 2:
        claims = commits_of(graph, images[0] if images else resource)
        return *_judge(history, claims), claims
    judged = [(*_judge(history, commits_of(graph, image)), image) for image in images]
    verdict, because, image = min(
        judged, key=lambda judgement: ("contains", "unknown", "lacks").index(judgement[0])
    )
    return verdict, f"{name_of(image)}: {because}", commits_of(graph, image)


class _History:
    """Which commits have one commit in their history, and which may have it beyond a cut."""

    def __init__(self, graph: ResourceGraph, commit: ResourceId) -> None:
        children: dict[str, list[str]] = defaultdict(list)
        self.read: set[str] = set()
        self.cut = cut = set[str]()
        for resource in of_kind(graph, Kind.COMMIT):
            node = record(graph, resource)
            assert isinstance(node, Commit)
            self.read.add(node.sha)
            for parent in node.parents:
                children[parent].append(node.sha)
                known = commit_id(parent) in graph
                if not known or isinstance(record(graph, commit_id(parent)), Missing):
                    cut.add(node.sha)
        self.containing = _onward(children, {key_of(commit)})
        self.uncertain = _onward(children, cut) - self.containing


def _onward(children: dict[str, list[str]], start: set[str]) -> set[str]:
    found, todo = set(start), list(start)
    while todo:
        for child in children.get(todo.pop(), ()):
            if child not in found:
                found.add(child)
                todo.append(child)
    return found


def _judge(history: _History, claims: Claims) -> tuple[str, str]:
    commits = set(claims.commits)
    if not commits:
        what = "no commit is known" if claims.images else "it runs no image that was read"
        return "unknown", what
    named = f"{claims.commits[0][:12]}"
    more = f" and {claims.count - 1} more" if claims.count > 1 else ""
    if commits.isdisjoint(history.read):
        return "unknown", f"{named}{more} is in no repository read"
    if claims.grade is None or claims.grade < Grade.SUPPORT:
        return "unknown", f"only a hint ({claims.rule}) says where it comes from"
    if claims.conflict:
        return "unknown", f"its claims contradict one another: {claims.reason}"
    if claims.doubt:
        return "unknown", f"its files differ from every commit read; nearest: {named}{more}"
    if commits <= history.containing:
        if claims.count > len(commits):
            return "unknown", f"not all {claims.count} commits it may come from are listed"
        if commits & history.cut and _by_bytes_alone(claims):
            return "unknown", "history is cut (shallow): unread commits may have its files as well"
        return "contains", f"it comes from {named}{more}"
    if commits & history.containing:
        return "unknown", (
            f"{len(commits & history.containing)} of the {claims.count} commits it may come from "
            "contain it: what is in the image is the same with and without"
        )
    if commits - history.read:
        return "unknown", f"{named}{more} is in no repository read"
    if commits & history.uncertain:
        return "unknown", f"the history of {named} is cut (shallow)"
    if claims.count > len(commits):
        return "unknown", f"not all {claims.count} commits it may come from are listed"
    return "lacks", f"it comes from {named}{more}"


def _by_bytes_alone(claims: Claims) -> bool:
    """Whether nobody but the files says which commits: there may be more of them."""
    told = (claim for claim in claims.records if claim.grade > Grade.HINT)
    return all(claim.author is Author.BYTES for claim in told)
