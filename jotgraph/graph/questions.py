"""Functions that read a graph; with ``building``, the only ones that know its attributes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from jotgraph.graph.building import About
from jotgraph.graph.by_kind import ByKind
from jotgraph.graph.known import Edge, Ids, Known
from jotgraph.graph.lazy import known_of
from jotgraph.graph.memory import ResourceGraph, remembered
from jotgraph.links import Evidence, Grade, Relation
from jotgraph.records import (
    ContentMatch,
    Gap,
    ImageTest,
    Kind,
    Missing,
    Node,
    Record,
    ResourceId,
    by_kind,
)


def about(graph: ResourceGraph) -> About:
    """Return the scope, time, gaps and git repositories of the inventory behind the graph."""
    of_it: About = graph.graph["about"]
    return of_it


def content(graph: ResourceGraph, resource: ResourceId) -> tuple[ContentMatch, ...]:
    """Return how the bytes of an image or package compare with each git repository."""
    matches: Mapping[str, tuple[ContentMatch, ...]] = graph.graph["content"]
    return matches.get(resource, ())


def tests(graph: ResourceGraph) -> tuple[ImageTest, ...]:
    """Return all test results, of whatever image."""
    tests: tuple[ImageTest, ...] = graph.graph["tests"]
    return tests


def gaps(graph: ResourceGraph) -> tuple[Gap, ...]:
    """Return the gaps: what could not be read."""
    return about(graph).gaps


def record(graph: ResourceGraph, resource: ResourceId) -> Node:
    """Return the record of a node, ``Missing`` for one that was not read. Raises KeyError."""
    try:
        node: Node = graph.__dict__["read"][resource]  # nothing is asked more often
    except KeyError:
        return known_of(graph).nodes[resource]
    return node


def records(graph: ResourceGraph) -> Iterable[Node]:
    """Return the records of all nodes, sorted by id, ``Missing`` ones included."""
    return known_of(graph).nodes.values()


def read_by_id(graph: ResourceGraph) -> Mapping[ResourceId, Record]:
    """Return the records that were read, sorted by id."""
    return known_of(graph).read


def read_by_kind(graph: ResourceGraph) -> ByKind:
    """Return the records that were read, grouped by kind."""
    return known_of(graph).by_kind


def unread_ends(graph: ResourceGraph, *relations: Relation) -> frozenset[ResourceId]:
    """Return the ends of edges of these relations that were not read."""
    return frozenset(known_of(graph).unread(relations))


def is_missing(graph: ResourceGraph, resource: ResourceId) -> bool:
    """Whether a node is only referred to and was not read. Raises KeyError for an unknown id."""
    return isinstance(record(graph, resource), Missing)


def of_kind(graph: ResourceGraph, *kinds: Kind) -> list[ResourceId]:
    """Return the sorted ids of these kinds that were read."""
    by_kind = read_by_kind(graph)
    if len(kinds) == 1:
        return list(by_kind.ids(kinds[0]))
    return sorted(chain.from_iterable(map(by_kind.ids, set(kinds))))


def known_of_kind(graph: ResourceGraph, kind: Kind) -> list[ResourceId]:
    """Return the sorted ids of a kind that were read or are referred to."""
    return list(_by_kind(graph).get(kind, ()))


@remembered
def _by_kind(graph: ResourceGraph) -> Mapping[Kind, Sequence[ResourceId]]:
    return dict(by_kind(list(known_of(graph).nodes)))


def edges(graph: ResourceGraph, *relations: Relation) -> Iterator[Edge]:
    """Iterate over edges with their evidence. Without relations every edge comes once, with all of
    its evidence. With relations the edges of each come in turn, with the evidence of that relation
    alone, so that an edge may come twice."""
    known = known_of(graph)
    if relations:
        return chain.from_iterable(map(known.edges, relations))
    return iter(known.every_edge)


def given_edges(graph: ResourceGraph, relation: Relation) -> Iterable[Edge]:
    """Return the edges of a relation that were passed to ``build`` rather than inferred. Inferred
    ones may be among them. For callers that compute from the records what the rules would infer."""
    return known_of(graph).given(relation)


def has_edge(graph: ResourceGraph, source: ResourceId, target: ResourceId) -> bool:
    """Whether a resource points at another directly."""
    return (source, target) in _pieces(graph, None)


@remembered
def linked(graph: ResourceGraph) -> frozenset[ResourceId]:
    """What any edge begins or ends at."""
    return frozenset(chain.from_iterable(_pieces(graph, None)))


def evidence(
    graph: ResourceGraph, source: ResourceId, target: ResourceId, *relations: Relation
) -> tuple[Evidence, ...]:
    """Return the evidence on an edge, strongest first, of the given relations if any. Raises
    KeyError when there is no such edge."""
    if len(relations) == 1:
        pieces = _pieces(graph, relations[0]).get((source, target))
        if pieces is not None:
            return pieces
    pieces = _pieces(graph, None)[source, target]
    if not relations:
        return pieces
    return tuple([item for item in pieces if item.relation in relations])


def relations(graph: ResourceGraph, source: ResourceId, target: ResourceId) -> tuple[Relation, ...]:
    """Return the relations of an edge, sorted."""
    return tuple(sorted({item.relation for item in evidence(graph, source, target)}))


def grade(
    graph: ResourceGraph, source: ResourceId, target: ResourceId, *relations: Relation
) -> Grade:
    """Return the best grade on an edge, of the given relations if any. Raises KeyError when there
    is no such edge, ValueError when it has none of the relations."""
    return max(item.grade for item in evidence(graph, source, target, *relations))


def dependencies(
    graph: ResourceGraph, resource: ResourceId, *relations: Relation
) -> tuple[ResourceId, ...]:
    """Return the direct dependencies of a resource, sorted, by the given relations or by all.
    Raises KeyError for an id that is not in the graph."""
    known: Known = graph.__dict__.get("known") or known_of(graph)
    if len(relations) == 1:
        targets = known.targets[relations[0]].get(resource)
        if targets is not None:
            return targets
        return () if resource in known.read else _of_node(known, resource)
    return _together(known, known.targets, resource, relations)


def dependents(
    graph: ResourceGraph, resource: ResourceId, *relations: Relation
) -> tuple[ResourceId, ...]:
    """Return the direct dependents of a resource, sorted, by the given relations or by all. Raises
    KeyError for an id that is not in the graph."""
    known: Known = graph.__dict__.get("known") or known_of(graph)
    if len(relations) == 1:
        sources = known.sources[relations[0]].get(resource)
        if sources is not None:
            return sources
        return () if resource in known.read else _of_node(known, resource)
    return _together(known, known.sources, resource, relations)


def _of_node(known: Known, resource: ResourceId) -> Ids:
    """Return no ends for a node without such an edge. Raises KeyError for an unknown id."""
    if resource not in known.read and resource not in known.nodes:
        raise KeyError(resource)
    return ()


def _together(
    known: Known,
    ends: Mapping[Relation | None, Mapping[ResourceId, Ids]],
    resource: ResourceId,
    relations: tuple[Relation, ...],
) -> Ids:
    parts = [part for relation in relations or (None,) if (part := ends[relation].get(resource))]
    if not parts:
        return _of_node(known, resource)
    return tuple(sorted(set().union(*parts))) if len(parts) > 1 else parts[0]


@remembered
def _pieces(
    graph: ResourceGraph, relation: Relation | None
) -> Mapping[tuple[ResourceId, ResourceId], tuple[Evidence, ...]]:
    known = known_of(graph)
    edges = known.every_edge if relation is None else known.edges(relation)
    return {(source, target): pieces for source, target, pieces in edges}
