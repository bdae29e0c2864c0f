"""What is asked of a graph, and the only functions that know its attributes."""

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
    """Scope, time, gaps and git repositories of the inventory a graph was built from."""
    of_it: About = graph.graph["about"]
    return of_it


def content(graph: ResourceGraph, resource: ResourceId) -> tuple[ContentMatch, ...]:
    """What the bytes of an image or package say, one record for each repository that fits."""
    matches: Mapping[str, tuple[ContentMatch, ...]] = graph.graph["content"]
    return matches.get(resource, ())


def tests(graph: ResourceGraph) -> tuple[ImageTest, ...]:
    """What tests found, of whatever image."""
    found: tuple[ImageTest, ...] = graph.graph["tests"]
    return found


def gaps(graph: ResourceGraph) -> tuple[Gap, ...]:
    """What could not be read."""
    return about(graph).gaps


def record(graph: ResourceGraph, resource: ResourceId) -> Node:
    """The record of a node; ``Missing`` for what is only referred to. Raises KeyError."""
    try:
        node: Node = graph.__dict__["read"][resource]  # nothing is asked more often
    except KeyError:
        return known_of(graph).nodes[resource]
    return node


def records(graph: ResourceGraph) -> Iterable[Node]:
    """The record of every node, in the order of the ids; ``Missing`` ones too."""
    return known_of(graph).nodes.values()


def read_by_id(graph: ResourceGraph) -> Mapping[ResourceId, Record]:
    """The records that were read, in the order of the ids."""
    return known_of(graph).read


def read_by_kind(graph: ResourceGraph) -> ByKind:
    """The same kind by kind."""
    return known_of(graph).by_kind


def unread_ends(graph: ResourceGraph, *relations: Relation) -> frozenset[ResourceId]:
    """What edges of some relations refer to and was not read."""
    return frozenset(known_of(graph).unread(relations))


def is_missing(graph: ResourceGraph, resource: ResourceId) -> bool:
    """Whether a node is only referred to and was not read. Raises KeyError for what is no node."""
    return isinstance(record(graph, resource), Missing)


def of_kind(graph: ResourceGraph, *kinds: Kind) -> list[ResourceId]:
    """Ids of the given kinds that were read (missing ones are left out), sorted."""
    by_kind = read_by_kind(graph)
    if len(kinds) == 1:
        return list(by_kind.ids(kinds[0]))
    return sorted(chain.from_iterable(map(by_kind.ids, set(kinds))))


def known_of_kind(graph: ResourceGraph, kind: Kind) -> list[ResourceId]:
    """Ids of a kind that were read or are referred to, sorted."""
    return list(_by_kind(graph).get(kind, ()))


@remembered
def _by_kind(graph: ResourceGraph) -> Mapping[Kind, Sequence[ResourceId]]:
    return dict(by_kind(list(known_of(graph).nodes)))


def edges(graph: ResourceGraph, *relations: Relation) -> Iterator[Edge]:
    """Every edge with its evidence. Given relations, the edges of one after the other, each with
    the evidence of that relation alone: an edge that stands for two of them comes twice."""
    known = known_of(graph)
    if relations:
        return chain.from_iterable(map(known.edges, relations))
    return iter(known.every_edge)


def given_edges(graph: ResourceGraph, relation: Relation) -> Iterable[Edge]:
    """Edges of a relation that are not by our rules alone, for those who know what rules would say
    from the records themselves. Some that are may be among them."""
    return known_of(graph).given(relation)


def evidence(
    graph: ResourceGraph, source: ResourceId, target: ResourceId, *relations: Relation
) -> tuple[Evidence, ...]:
    """Evidence on an edge, strongest first; of the given relations only, if any are given. Raises
    KeyError for what is no edge."""
    if len(relations) == 1:
        pieces = _pieces(graph, relations[0]).get((source, target))
        if pieces is not None:
            return pieces
    pieces = _pieces(graph, None)[source, target]
    if not relations:
        return pieces
    return tuple([item for item in pieces if item.relation in relations])


def relations(graph: ResourceGraph, source: ResourceId, target: ResourceId) -> tuple[Relation, ...]:
    """Relations that an edge stands for, sorted."""
    return tuple(sorted({item.relation for item in evidence(graph, source, target)}))


def grade(
    graph: ResourceGraph, source: ResourceId, target: ResourceId, *relations: Relation
) -> Grade:
    """The best grade on an edge, of the given relations if any. Raises ValueError for none."""
    return max(item.grade for item in evidence(graph, source, target, *relations))


def dependencies(
    graph: ResourceGraph, resource: ResourceId, *relations: Relation
) -> tuple[ResourceId, ...]:
    """What a resource points at directly, by any of the relations (by all, if none is given),
    sorted. Raises KeyError for an id that is not in the graph."""
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
    """What points at a resource directly, by any of the relations (by all, if none is given),
    sorted. Raises KeyError for an id that is not in the graph."""
    known: Known = graph.__dict__.get("known") or known_of(graph)
    if len(relations) == 1:
        sources = known.sources[relations[0]].get(resource)
        if sources is not None:
            return sources
        return () if resource in known.read else _of_node(known, resource)
    return _together(known, known.sources, resource, relations)


def _of_node(known: Known, resource: ResourceId) -> Ids:
    """The ends of a node that has no such edge: none. Raises KeyError for what is no node."""
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
