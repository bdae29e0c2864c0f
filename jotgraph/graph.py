"""The NetworkX digraph of an inventory, and the only functions that know its attributes.

Nodes are resource ids. A node holds its record (or ``Missing``), an edge its evidence; both are
frozen. Every edge reads dependent -> dependency. Nothing derived is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeAlias, TypeVar, cast
from weakref import WeakKeyDictionary

import msgspec
import networkx as nx

from jotgraph.gc_pause import collector_off
from jotgraph.links import Evidence, Grade, Link, Relation, infer
from jotgraph.links.index import group
from jotgraph.records import (
    KINDS,
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
    function_name_of,
    kind_of,
    place_of,
    repository_name_of,
)
from jotgraph.records.gaps import concerns, hidden_kinds
from jotgraph.records.kind_traits import Home

ResourceGraph: TypeAlias = "nx.DiGraph[ResourceId]"
P = ParamSpec("P")
T = TypeVar("T")


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
    return cast(Node, graph._node[resource]["record"])  # type: ignore[attr-defined] # see _ends


def records(graph: ResourceGraph) -> Iterator[Node]:
    """The record of every node, in the order of the ids; ``Missing`` ones too."""
    for _, found in graph.nodes(data="record"):
        yield cast(Node, found)


def is_missing(graph: ResourceGraph, resource: ResourceId) -> bool:
    """Whether a node is only referred to and was not read."""
    return isinstance(record(graph, resource), Missing)


def of_kind(graph: ResourceGraph, *kinds: Kind) -> list[ResourceId]:
    """Ids of the given kinds that were read (missing ones are left out), sorted."""
    held = _by_kind(graph)
    if len(kinds) == 1:
        return list(held.get(kinds[0], ()))
    return sorted(resource for kind in set(kinds) for resource in held.get(kind, ()))


_KINDS: WeakKeyDictionary[ResourceGraph, dict[Kind, list[ResourceId]]] = WeakKeyDictionary()


def _by_kind(graph: ResourceGraph) -> dict[Kind, list[ResourceId]]:
    """What was read of each kind, sorted; kept for a frozen graph, which cannot change."""
    if graph in _KINDS:
        return _KINDS[graph]
    found: dict[Kind, list[ResourceId]] = {}
    for resource, data in graph.nodes(data="record"):
        if not isinstance(data, Missing):
            found.setdefault(kind_of(resource), []).append(resource)
    for ids in found.values():
        ids.sort()
    if nx.is_frozen(graph):
        _KINDS[graph] = found
    return found


def remembered(
    ask: Callable[Concatenate[ResourceGraph, P], T],
) -> Callable[Concatenate[ResourceGraph, P], T]:
    """A question whose answers are kept as long as the graph is, if that is frozen."""
    known: WeakKeyDictionary[ResourceGraph, dict[Hashable, T]] = WeakKeyDictionary()

    @wraps(ask)
    def answer(graph: ResourceGraph, /, *of: P.args, **named: P.kwargs) -> T:
        if not nx.is_frozen(graph):
            return ask(graph, *of, **named)
        said = known.setdefault(graph, {})
        key = (of, tuple(named.items()))
        if key not in said:
            said[key] = ask(graph, *of, **named)
        return said[key]

    return answer


def evidence(
    graph: ResourceGraph, source: ResourceId, target: ResourceId, *relations: Relation
) -> tuple[Evidence, ...]:
    """Evidence on an edge, strongest first; of the given relations only, if any are given."""
    found = cast(tuple[Evidence, ...], graph.adj[source][target]["evidence"])
    if not relations:
        return found
    return tuple(item for item in found if item.relation in relations)


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
    return _ends(graph._succ[resource], relations)  # type: ignore[attr-defined] # see _ends


def dependents(
    graph: ResourceGraph, resource: ResourceId, *relations: Relation
) -> tuple[ResourceId, ...]:
    """What points at a resource directly, by any of the relations (by all, if none is given)."""
    return _ends(graph._pred[resource], relations)  # type: ignore[attr-defined] # see _ends


def _ends(
    edges: Mapping[ResourceId, Mapping[str, tuple[Evidence, ...]]], relations: tuple[Relation, ...]
) -> tuple[ResourceId, ...]:
    """The other ends of a node's edges that have evidence of one of the relations. ``edges`` is
    the dictionary below networkx's view: this is asked more often than anything else."""
    found = []
    for end, attributes in edges.items():
        said = attributes["evidence"]
        if (
            not relations
            or said[0].relation in relations
            or any(item.relation in relations for item in said)
        ):
            found.append(end)
    return tuple(sorted(found)) if len(found) > 1 else tuple(found)


def without(graph: ResourceGraph, gone: Iterable[ResourceId]) -> ResourceGraph:
    """A frozen copy of the graph in which some nodes are not there."""
    left: ResourceGraph = nx.DiGraph(graph)
    left.remove_nodes_from(list(gone))
    nx.freeze(left)
    return left


def edges(
    graph: ResourceGraph, *relations: Relation
) -> Iterator[tuple[ResourceId, ResourceId, tuple[Evidence, ...]]]:
    """Every edge that has evidence of one of the relations (of any, if none is given)."""
    wanted = frozenset(relations)
    for source, targets in graph.adjacency():
        for target, attributes in targets.items():
            found: tuple[Evidence, ...] = attributes["evidence"]
            if wanted and len(found) == 1:  # nearly every edge
                if found[0].relation not in wanted:
                    continue
            elif wanted:
                found = tuple([item for item in found if item.relation in wanted])
            if found:
                yield source, target, found


def _in_order(found: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple(sorted(set(found), key=_strongest)) if len(found) > 1 else found


def _strongest(item: Evidence) -> tuple[int, Relation, str, str]:
    return (-item.grade, item.relation, item.rule, item.statement)


def looked(inventory: Inventory | About, resource: ResourceId) -> bool:
    """Whether the place that should hold a resource was read, and read whole."""
    kind, scope = kind_of(resource), inventory.scope
    hiding = [gap for gap in inventory.gaps if kind in hidden_kinds(gap)]
    match KINDS[kind].home:
        case Home.GIT:
            return bool(scope.git) and not hiding
        case Home.ENGINE:
            return bool(scope.engine) and not hiding
        case Home.ACCOUNT:
            place = place_of(resource)
            return place.account in scope.accounts and not any(
                concerns(gap, place) for gap in hiding
            )
        case Home.REGION:
            return _looked_in_region(inventory, resource, hiding)


def _looked_in_region(
    inventory: Inventory | About, resource: ResourceId, hiding: Iterable[Gap]
) -> bool:
    place, name = place_of(resource), repository_name_of(resource)
    if name == "?":  # a digest in an unknown repository may be in an account not in the scope
        return False
    if kind_of(resource) in (Kind.VERSION, Kind.ALIAS):
        name = function_name_of(resource)
    return place in inventory.scope.places and not any(concerns(gap, place, name) for gap in hiding)
