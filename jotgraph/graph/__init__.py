"""The NetworkX digraph of an inventory, and the only functions that know its attributes.

Nodes are resource ids. A node holds its record (or ``Missing``), an edge its evidence; both are
frozen. Every edge reads dependent -> dependency. Nothing derived is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import wraps
from itertools import chain
from typing import Concatenate, ParamSpec, TypeAlias, TypeVar, cast

import msgspec
import networkx as nx

from jotgraph.gc_pause import collector_off
from jotgraph.links import Evidence, Grade, Link, Relation, infer
from jotgraph.links.index import group
from jotgraph.records import (
    ContentMatch,
    Gap,
    GitRepository,
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

ResourceGraph: TypeAlias = "nx.DiGraph[ResourceId]"
P = ParamSpec("P")
T = TypeVar("T")
_Ends: TypeAlias = "Mapping[Relation, tuple[ResourceId, ...]]"
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
        graph.add_nodes_from(
            (resource, {"record": records[resource]}) for resource in sorted(records)
        )
        graph.add_edges_from(
            (source, target, {"evidence": _in_order(edges[source][target])})
            for source in sorted(edges)
            for target in sorted(edges[source])
        )
        nx.freeze(graph)
        return graph


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
    return cast(About, graph.graph["about"])


def content(graph: ResourceGraph, resource: ResourceId) -> tuple[ContentMatch, ...]:
    """What the bytes of an image or package say, one record for each repository that fits."""
    matches = cast("Mapping[str, tuple[ContentMatch, ...]]", graph.graph["content"])
    return matches.get(resource, ())


def gaps(graph: ResourceGraph) -> tuple[Gap, ...]:
    """What could not be read."""
    return about(graph).gaps


def record(graph: ResourceGraph, resource: ResourceId) -> Node:
    """The record of a node; ``Missing`` for what is only referred to. Raises KeyError."""
    return cast(Node, graph._node[resource]["record"])  # type: ignore[attr-defined] # see _grouped


def records(graph: ResourceGraph) -> Iterator[Node]:
    """The record of every node, in the order of the ids; ``Missing`` ones too."""
    for attributes in graph._node.values():  # type: ignore[attr-defined] # see _grouped
        yield attributes["record"]


def is_missing(graph: ResourceGraph, resource: ResourceId) -> bool:
    """Whether a node is only referred to and was not read."""
    return isinstance(record(graph, resource), Missing)


def of_kind(graph: ResourceGraph, *kinds: Kind) -> list[ResourceId]:
    """Ids of the given kinds that were read (missing ones are left out), sorted."""
    by_kind = _by_kind(graph)
    if len(kinds) == 1:
        return list(by_kind.get(kinds[0], ()))
    return sorted(resource for kind in set(kinds) for resource in by_kind.get(kind, ()))


def remembered(
    ask: Callable[Concatenate[ResourceGraph, P], T],
) -> Callable[Concatenate[ResourceGraph, P], T]:
    """A question whose answers are kept as long as the graph is, if that is frozen. They are kept
    on the graph itself, so that an answer may refer to it; copies of it begin with none."""
    attribute = f"_{ask.__qualname__}_{id(ask)}"

    @wraps(ask)
    def answer(graph: ResourceGraph, /, *of: P.args, **named: P.kwargs) -> T:
        known: dict[Hashable, T] | None = vars(graph).get(attribute)
        if known is None:
            if not nx.is_frozen(graph):
                return ask(graph, *of, **named)
            known = vars(graph)[attribute] = {}
        key = (of, tuple(named.items())) if named else of
        if key not in known:
            known[key] = ask(graph, *of, **named)
        return known[key]

    return answer


@remembered
def _by_kind(graph: ResourceGraph) -> dict[Kind, list[ResourceId]]:
    """What was read of each kind, sorted."""
    by_kind: dict[Kind, list[ResourceId]] = {}
    for resource, attributes in graph._node.items():  # type: ignore[attr-defined] # see _grouped
        if not isinstance(attributes["record"], Missing):
            by_kind.setdefault(kind_of(resource), []).append(resource)
    for ids in by_kind.values():
        ids.sort()
    return by_kind


def evidence(
    graph: ResourceGraph, source: ResourceId, target: ResourceId, *relations: Relation
) -> tuple[Evidence, ...]:
    """Evidence on an edge, strongest first; of the given relations only, if any are given."""
    pieces = cast(tuple[Evidence, ...], graph.adj[source][target]["evidence"])
    if not relations:
        return pieces
    return tuple(item for item in pieces if item.relation in relations)


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
    """What a resource points at directly, by any of the relations (by all, if none is given)."""
    by_relation = _targets(graph, resource)
    if len(relations) == 1:
        return by_relation.get(relations[0], ())
    return _ends(by_relation, relations)


def dependents(
    graph: ResourceGraph, resource: ResourceId, *relations: Relation
) -> tuple[ResourceId, ...]:
    """What points at a resource directly, by any of the relations (by all, if none is given)."""
    by_relation = _sources(graph, resource)
    if len(relations) == 1:
        return by_relation.get(relations[0], ())
    return _ends(by_relation, relations)


@remembered
def _targets(graph: ResourceGraph, resource: ResourceId) -> _Ends:
    return _grouped(graph._succ[resource])  # type: ignore[attr-defined] # see _grouped


@remembered
def _sources(graph: ResourceGraph, resource: ResourceId) -> _Ends:
    return _grouped(graph._pred[resource])  # type: ignore[attr-defined] # see _grouped


def _grouped(edges: Mapping[ResourceId, Mapping[str, tuple[Evidence, ...]]]) -> _Ends:
    """The other ends of a node's edges by the relations that the edges have evidence of. ``edges``
    is the dictionary below networkx's view: this is asked more often than anything else."""
    by_relation: dict[Relation, list[ResourceId]] = {}
    for end in sorted(edges) if len(edges) > 1 else edges:
        for item in edges[end]["evidence"]:
            ends = by_relation.setdefault(item.relation, [])
            if not ends or ends[-1] != end:
                ends.append(end)
    return {relation: tuple(ends) for relation, ends in by_relation.items()}


def _ends(by_relation: _Ends, relations: tuple[Relation, ...]) -> tuple[ResourceId, ...]:
    wanted = relations or tuple(by_relation)
    return tuple(sorted({end for relation in wanted for end in by_relation.get(relation, ())}))


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
            first = evidence[0].relation
            others = {item.relation: None for item in evidence[1:] if item.relation is not first}
            if not others:  # nearly every edge
                by_relation[first].append((source, target, evidence))
                continue
            for relation in (first, *others):
                items = tuple([item for item in evidence if item.relation is relation])
                by_relation[relation].append((source, target, items))
    return by_relation


def _in_order(pieces: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple(sorted(set(pieces), key=_strongest)) if len(pieces) > 1 else pieces


def _strongest(item: Evidence) -> tuple[int, Relation, str, str]:
    return (-item.grade, item.relation, item.rule, item.statement)
