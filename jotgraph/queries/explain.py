"""What is known of one resource, and the evidence for the links between two."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from itertools import pairwise

from jotgraph.analysis.health import findings
from jotgraph.analysis.health.names import argument
from jotgraph.analysis.lag.origin import origin
from jotgraph.analysis.lag.source import source_of
from jotgraph.analysis.provenance import Claims, commits_of
from jotgraph.errors import NoLinkError
from jotgraph.graph import (
    ResourceGraph,
    about,
    dependencies,
    dependents,
    evidence,
    has_edge,
    record,
)
from jotgraph.links import Relation
from jotgraph.queries.answers.deployment import Deployment
from jotgraph.queries.answers.explain import ExplainedLink, Shown, Why
from jotgraph.records import Kind, ResourceId, kind_of
from jotgraph.records.ids import short
from jotgraph.records.phrases import listed


def show(
    graph: ResourceGraph, resource: ResourceId | Deployment, *, ref: str | None = None
) -> Shown:
    """Return everything known about a resource, or about the main resource of a deployment. Raises
    KeyError for an unknown id."""
    if isinstance(resource, Deployment):
        resource = resource.root
    traced = origin(graph, resource, ref)
    return Shown(
        about=about(graph),
        node=record(graph, resource),
        claims=traced.claims,
        standing=traced.lag,
        source=source_of(graph, resource),
        findings=findings(graph, resource, ref),
        dependencies=_outgoing(graph, resource),
        dependents=_incoming(graph, resource),
    )


def why(graph: ResourceGraph, resource: ResourceId, other: ResourceId | None = None) -> Why:
    """Return the evidence on the path between two resources, or on the edges of one. A path goes up
    to a common dependent and down again, as a lineage does; two functions that share a role are not
    linked by it. Raises NoLinkError when there is no path."""
    if other is None or other == resource:
        links = _outgoing(graph, resource) + _incoming(graph, resource)
        return Why(about(graph), (resource,), links, commits_of(graph, resource))
    path = _between(graph, resource, other)
    if not path:
        raise NoLinkError(_no_link(graph, resource, other))
    links = tuple(_edge(graph, *pair) for pair in pairwise(path))
    return Why(about(graph), (resource, other), links, _claims(graph, resource, other, links))


def _no_link(graph: ResourceGraph, resource: ResourceId, other: ResourceId) -> str:
    """The error for two resources without a path, naming the commits that one of them comes
    from."""
    first, second = argument(graph, resource), argument(graph, other)
    statement = f"no link from {first} to {second}."
    built = [end for end in (resource, other) if kind_of(end) is not Kind.COMMIT]
    if len(built) == 1:
        claims = commits_of(graph, built[0])
        if claims.commits:
            commits = listed([short(sha) for sha in claims.commits])
            lag = origin(graph, built[0]).lag.words()
            statement += f" Its commits: {commits} ({lag})."
    return f"{statement} See: jotgraph why {first}"


def _claims(
    graph: ResourceGraph, resource: ResourceId, other: ResourceId, links: tuple[ExplainedLink, ...]
) -> Claims:
    """The claims about commits, if the question is about a commit or about one link of an image."""
    ends = [end for end in (resource, other) if kind_of(end) is not Kind.COMMIT]
    if len(ends) == 1:
        return commits_of(graph, ends[0])
    return Claims() if len(links) > 1 else commits_of(graph, links[0].source)


def _outgoing(graph: ResourceGraph, resource: ResourceId) -> tuple[ExplainedLink, ...]:
    return tuple(_edge(graph, resource, dependency) for dependency in dependencies(graph, resource))


def _incoming(graph: ResourceGraph, resource: ResourceId) -> tuple[ExplainedLink, ...]:
    return tuple(_edge(graph, dependent, resource) for dependent in dependents(graph, resource))


def _edge(graph: ResourceGraph, resource: ResourceId, other: ResourceId) -> ExplainedLink:
    """The edge between two neighbours, in either direction."""
    source, target = (resource, other) if has_edge(graph, resource, other) else (other, resource)
    return ExplainedLink(source, target, evidence(graph, source, target))


def _between(graph: ResourceGraph, resource: ResourceId, other: ResourceId) -> list[ResourceId]:
    """The shortest path up (to dependents) and then down (to dependencies). A version or alias does
    not share what its function's ``$LATEST`` runs and assumes, so paths that suggest it are taken
    only when there is no other."""
    return _path(graph, resource, other, through_parts=False) or _path(
        graph, resource, other, through_parts=True
    )


State = tuple[ResourceId, bool]


def _path(
    graph: ResourceGraph, resource: ResourceId, other: ResourceId, *, through_parts: bool
) -> list[ResourceId]:
    start: State = (resource, False)
    came: dict[State, State | None] = {start: None}
    queue = deque([start])
    while queue:
        state = current, down = queue.popleft()
        if current == other:
            return _walked(came, state)
        nexts = [(dependency, True) for dependency in dependencies(graph, current)]
        if not down:
            nexts += [(dependent, False) for dependent in dependents(graph, current)]
        before = came[state]
        for following in nexts:
            if following in came:
                continue
            if not through_parts and before and _mixes(graph, before[0], current, following[0]):
                continue
            came[following] = state
            queue.append(following)
    return []


def _walked(came: Mapping[State, State | None], end: State) -> list[ResourceId]:
    path: list[ResourceId] = []
    step: State | None = end
    while step is not None:
        path.append(step[0])
        step = came[step]
    return path[::-1]


def _mixes(
    graph: ResourceGraph, before: ResourceId, current: ResourceId, after: ResourceId
) -> bool:
    """Whether a path leads through a function from one of its parts to what ``$LATEST`` uses, or
    back."""
    if kind_of(current) is not Kind.FUNCTION:
        return False
    parts = [_only_part(graph, end, current) for end in (before, after)]
    return parts[0] != parts[1]


def _only_part(graph: ResourceGraph, resource: ResourceId, function: ResourceId) -> bool:
    """Whether a resource is part of a function and does not lead to its ``$LATEST``."""
    if kind_of(resource) not in (Kind.VERSION, Kind.ALIAS):
        return False
    return function not in dependencies(graph, resource, Relation.ROUTES_TO)
