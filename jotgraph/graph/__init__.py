"""The NetworkX digraph of an inventory, and the only functions that know its attributes.

Nodes are resource ids. A node holds its record (or ``Missing``), an edge its evidence; both are
frozen. Every edge reads dependent -> dependency. Nothing derived is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import TypeAlias

import msgspec
import networkx as nx

from jotgraph.gc_pause import collector_off
from jotgraph.graph.memory import ResourceGraph as ResourceGraph
from jotgraph.graph.memory import remembered as remembered
from jotgraph.links import Evidence, Grade, Link, Relation, infer
from jotgraph.links.index import group
from jotgraph.records import (
    ContentMatch,
    Gap,
    GitRepository,
    ImageTest,
    Inventory,
    Kind,
    Missing,
    Node,
    Registry,
    ResourceId,
    Scope,
    kind_of,
)
from jotgraph.records.looked import looked

_Ids: TypeAlias = "tuple[ResourceId, ...]"
_Edge: TypeAlias = "tuple[ResourceId, ResourceId, tuple[Evidence, ...]]"


class About(msgspec.Struct, frozen=True):
    """What is known of a graph as a whole."""

    taken_at: datetime
    scope: Scope
    gaps: tuple[Gap, ...]
    git: tuple[GitRepository, ...]
    registries: tuple[Registry, ...]


def build(inventory: Inventory, links: Iterable[Link] | None = None) -> ResourceGraph:
    """Build the frozen digraph of an inventory; ``links`` default to ``infer(inventory)``.

    The result depends only on the sets of records and links, not on their order. An id that is
    referred to but was not read becomes a node with a ``Missing`` record.
    """
    with collector_off():
        graph: ResourceGraph = nx.DiGraph()
        graph.graph["about"] = about_of(inventory, inventory.gaps)
        records: dict[ResourceId, Node] = {record.id: record for record in inventory.records()}
        edges: dict[ResourceId, dict[ResourceId, tuple[Evidence, ...]]] = defaultdict(dict)
        for link in infer(inventory) if links is None else links:
            targets, target = edges[link.source], link.target
            targets[target] = (
                (*targets[target], link.evidence) if target in targets else (link.evidence,)
            )
            for end in (link.source, target):
                if end not in records:
                    records[end] = Missing(resource=end, looked=looked(inventory, end))
        graph.graph["content"] = group(
            (content.resource, content)
            for content in sorted(
                inventory.content, key=lambda content: (content.resource, content.repository)
            )
        )
        graph.graph["tests"] = inventory.tests
        _fill(graph, records, edges)
        nx.freeze(graph)
        return graph


def _fill(
    graph: ResourceGraph,
    records: Mapping[ResourceId, Node],
    edges: Mapping[ResourceId, Mapping[ResourceId, tuple[Evidence, ...]]],
) -> None:
    """Add nodes and edges as networkx does, but for one thing: edges one after the other with the
    very same piece of evidence share their attributes, which nobody changes in a frozen graph."""
    nodes, after, before = graph._node, graph._succ, graph._pred  # type: ignore[attr-defined] # see _ends
    for resource in sorted(records):
        nodes[resource] = {"record": records[resource]}
        after[resource], before[resource] = {}, {}
    shared: dict[str, tuple[Evidence, ...]] = {"evidence": ()}
    for source in sorted(edges):
        targets = edges[source]
        out = after[source]
        for target in sorted(targets) if len(targets) > 1 else targets:
            pieces = _in_order(targets[target])
            if len(pieces) > 1 or pieces[:1] != shared["evidence"]:
                shared = {"evidence": pieces}
            out[target] = before[target][source] = shared


def about_of(inventory: Inventory, gaps: Iterable[Gap]) -> About:
    """What is known of an inventory as a whole, with these gaps."""
    return About(
        taken_at=inventory.taken_at,
        scope=inventory.scope,
        gaps=tuple(sorted(set(gaps))),
        git=tuple(sorted(inventory.git, key=lambda repository: repository.key)),
        registries=tuple(sorted(inventory.registries, key=lambda registry: registry.place)),
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
    node: Node = graph._node[resource]["record"]  # type: ignore[attr-defined] # see _ends
    return node


def records(graph: ResourceGraph) -> Iterator[Node]:
    """The record of every node, in the order of the ids; ``Missing`` ones too."""
    for attributes in graph._node.values():  # type: ignore[attr-defined] # see _ends
        yield attributes["record"]


def records_by_id(graph: ResourceGraph) -> Iterator[tuple[ResourceId, Node]]:
    """The same with their ids: to make an id from a record takes longer than to read it here."""
    for resource, attributes in graph._node.items():  # type: ignore[attr-defined] # see _ends
        yield resource, attributes["record"]


def is_missing(graph: ResourceGraph, resource: ResourceId) -> bool:
    """Whether a node is only referred to and was not read."""
    node = graph._node[resource]  # type: ignore[attr-defined] # see _ends
    return isinstance(node["record"], Missing)


def of_kind(graph: ResourceGraph, *kinds: Kind) -> list[ResourceId]:
    """Ids of the given kinds that were read (missing ones are left out), sorted."""
    by_kind = _read_by_kind(graph)
    if len(kinds) == 1:
        return list(by_kind.get(kinds[0], ()))
    return sorted(resource for kind in set(kinds) for resource in by_kind.get(kind, ()))


def known_of_kind(graph: ResourceGraph, kind: Kind) -> list[ResourceId]:
    """Ids of a kind that were read or are referred to, sorted."""
    return list(_by_kind(graph).get(kind, ()))


@remembered
def _by_kind(graph: ResourceGraph) -> dict[Kind, list[ResourceId]]:
    by_kind: dict[Kind, list[ResourceId]] = {}
    for resource in sorted(graph._node):  # type: ignore[attr-defined] # see _ends
        by_kind.setdefault(kind_of(resource), []).append(resource)
    return by_kind


@remembered
def _read_by_kind(graph: ResourceGraph) -> dict[Kind, list[ResourceId]]:
    nodes = graph._node  # type: ignore[attr-defined] # see _ends
    return {
        kind: [resource for resource in ids if not isinstance(nodes[resource]["record"], Missing)]
        for kind, ids in _by_kind(graph).items()
    }


def evidence(
    graph: ResourceGraph, source: ResourceId, target: ResourceId, *relations: Relation
) -> tuple[Evidence, ...]:
    """Evidence on an edge, strongest first; of the given relations only, if any are given."""
    targets = graph._succ[source]  # type: ignore[attr-defined] # see _ends
    pieces: tuple[Evidence, ...] = targets[target]["evidence"]
    if not relations or (len(pieces) == 1 and pieces[0].relation in relations):
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
    """What a resource points at directly, by any of the relations (by all, if none is given).
    Raises KeyError for an id that is not in the graph."""
    edges_out = graph._succ[resource]  # type: ignore[attr-defined] # see _ends
    if len(relations) == 1 and "frozen" in graph.__dict__:
        return _targets(graph, relations[0]).get(resource, ())
    return _ends(edges_out, relations)


def dependents(
    graph: ResourceGraph, resource: ResourceId, *relations: Relation
) -> tuple[ResourceId, ...]:
    """What points at a resource directly, by any of the relations (by all, if none is given).
    Raises KeyError for an id that is not in the graph."""
    edges_in = graph._pred[resource]  # type: ignore[attr-defined] # see _ends
    if len(relations) == 1 and "frozen" in graph.__dict__:
        return _sources(graph, relations[0]).get(resource, ())
    return _ends(edges_in, relations)


def _ends(
    edges: Mapping[ResourceId, Mapping[str, tuple[Evidence, ...]]], relations: tuple[Relation, ...]
) -> tuple[ResourceId, ...]:
    """The other ends of a node's edges that the relations have evidence of. ``edges`` is the
    dictionary below networkx's view: nothing is asked more often."""
    ends = sorted(edges)
    if not relations:
        return tuple(ends)
    return tuple(
        end for end in ends if any(item.relation in relations for item in edges[end]["evidence"])
    )


@remembered
def _targets(graph: ResourceGraph, relation: Relation) -> Mapping[ResourceId, _Ids]:
    """The same for every node at once: quicker than to ask it of a part of them."""
    return _by_first((source, target) for source, target, _ in edges(graph, relation))


@remembered
def _sources(graph: ResourceGraph, relation: Relation) -> Mapping[ResourceId, _Ids]:
    return _by_first((target, source) for source, target, _ in edges(graph, relation))


def _by_first(pairs: Iterable[tuple[ResourceId, ResourceId]]) -> Mapping[ResourceId, _Ids]:
    return {
        first: tuple(sorted(others)) if len(others) > 1 else others
        for first, others in group(pairs).items()
    }


def without(graph: ResourceGraph, gone: Iterable[ResourceId]) -> ResourceGraph:
    """A frozen copy of the graph in which some nodes are not there."""
    left: ResourceGraph = nx.DiGraph(graph)
    left.remove_nodes_from(list(gone))
    nx.freeze(left)
    return left


def edges(graph: ResourceGraph, *relations: Relation) -> Iterator[_Edge]:
    """Every edge with its evidence. Given relations, the edges of one after the other, each with
    the evidence of that relation alone: an edge that stands for two of them comes twice."""
    if relations:
        yield from chain.from_iterable(_by_relation(graph)[relation] for relation in relations)
        return
    for source, targets in graph.adjacency():
        for target, attributes in targets.items():
            yield source, target, attributes["evidence"]


@remembered
def _by_relation(graph: ResourceGraph) -> dict[Relation, list[_Edge]]:
    by_relation: dict[Relation, list[_Edge]] = {relation: [] for relation in Relation}
    for source, targets in graph.adjacency():
        for target, attributes in targets.items():
            evidence: tuple[Evidence, ...] = attributes["evidence"]
            if len(evidence) == 1:  # nearly every edge
                by_relation[evidence[0].relation].append((source, target, evidence))
                continue
            for relation in dict.fromkeys([item.relation for item in evidence]):
                items = tuple([item for item in evidence if item.relation is relation])
                by_relation[relation].append((source, target, items))
    return by_relation


def _in_order(pieces: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple(sorted(set(pieces), key=_strongest)) if len(pieces) > 1 else pieces


def _strongest(item: Evidence) -> tuple[int, Relation, str, str]:
    return (-item.grade, item.relation, item.rule, item.statement)
