"""The order of deletion that AWS and Docker accept: dependents first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from jotgraph.analysis.usage import GraphIndex, index_of, uses
from jotgraph.graph import ResourceGraph, edges
from jotgraph.links import Relation
from jotgraph.plan.model import ACTIONS
from jotgraph.records import Kind, ResourceId, kind_of

if TYPE_CHECKING:
    import networkx as nx

_BEFORE = (
    Relation.ROUTES_TO,
    Relation.RUNS,
    Relation.FOLLOWS,
    Relation.ASSUMES,
    Relation.PART_OF,
    Relation.INVOKES,
    Relation.CONTAINS,
    Relation.DESCRIBES,
    Relation.STORED_IN,
    Relation.USES,
    Relation.COPY_OF,
    Relation.BASED_ON,
)
"""Relations whose dependent goes before its dependency: the index before its children (ECR refuses
the other way, ``ImageReferencedByManifestList``), images before their repository, the alias before
its version (Lambda answers 409), users before the role."""

_IMAGE = Kind.ECR_IMAGE
_RANK = {kind: rank for rank, kind in enumerate(ACTIONS)}


def before(
    graph: ResourceGraph, deleted: Collection[ResourceId]
) -> Mapping[ResourceId, tuple[ResourceId, ...]]:
    """Return for each resource those of the set that must be deleted before it, sorted."""
    wanted = set(deleted)
    sources_by_target: dict[ResourceId, set[ResourceId]] = defaultdict(set)
    for source, target, evidence in edges(graph, *_BEFORE):
        if source not in wanted or target not in wanted or source == target:
            continue
        based = all(claim.relation is Relation.BASED_ON for claim in evidence)
        if based and kind_of(source) is not Kind.LOCAL_IMAGE:
            continue  # a registry keeps every image's own layers; only the engine refuses a parent
        sources_by_target[target].add(source)
    index = index_of(graph)
    using = uses(graph)
    for source, targets in using.items():  # what no rule linked is a use all the same
        for target in set(targets).difference(index.mentioned.get(source, ())):
            if source in wanted and target in wanted and kind_of(source) is not kind_of(target):
                sources_by_target[target].add(source)
    for group in _groups(using, wanted):
        users = {
            user
            for image in group
            for user in sources_by_target[image]
            if kind_of(user) is not _IMAGE
        }
        for image in group:
            sources_by_target[image] |= users
    _after_mentions(index, sources_by_target, wanted)
    return {resource: tuple(sorted(sources_by_target[resource])) for resource in sorted(wanted)}


def _after_mentions(
    index: GraphIndex,
    sources_by_target: dict[ResourceId, set[ResourceId]],
    wanted: Collection[ResourceId],
) -> None:
    """A resource is deleted after others whose text mentions it, unless the other order is
    required. A function's policy names its alias, and the alias is deleted before the function."""
    import networkx as nx  # noqa: PLC0415 -- networkx takes 0.2 s

    order: nx.DiGraph[ResourceId] = nx.DiGraph()
    order.add_nodes_from(wanted)
    order.add_edges_from(
        (first, then) for then, all_ in sources_by_target.items() for first in all_
    )
    for source, targets in sorted(index.mentioned.items()):
        for target in targets:
            both = source in wanted and target in wanted and source != target
            if both and not nx.has_path(order, target, source):
                order.add_edge(source, target)
                sources_by_target[target].add(source)


def _groups(
    using: Mapping[ResourceId, tuple[ResourceId, ...]], wanted: Collection[ResourceId]
) -> list[set[ResourceId]]:
    """Groups of images that are deleted together: an index may not be deleted while a child of it
    runs."""
    import networkx as nx  # noqa: PLC0415 -- networkx takes 0.2 s

    graph: nx.Graph[ResourceId] = nx.Graph()
    for source, targets in using.items():
        if kind_of(source) is _IMAGE and source in wanted:
            graph.add_edges_from(
                (source, part) for part in targets if kind_of(part) is _IMAGE and part in wanted
            )
    return [set(part) for part in nx.connected_components(graph)]


def ordered(needs: Mapping[ResourceId, tuple[ResourceId, ...]]) -> list[ResourceId]:
    """Sort keys so that each follows all that it needs; ties by kind and id. Resources in a circle,
    which no truthful inventory contains, come last, and ``apply`` finds each refused."""
    import networkx as nx  # noqa: PLC0415 -- networkx takes 0.2 s

    graph: nx.DiGraph[ResourceId] = nx.DiGraph()
    graph.add_nodes_from(needs)
    graph.add_edges_from((first, then) for then, all_ in needs.items() for first in all_)
    circles = {
        resource
        for part in nx.strongly_connected_components(graph)
        if len(part) > 1
        for resource in part
    }
    graph.remove_nodes_from(circles)
    free = list(nx.lexicographical_topological_sort(graph, key=_by_kind))
    return free + sorted(circles, key=_by_kind)


def _by_kind(resource: ResourceId) -> str:
    return f"{_RANK[kind_of(resource)]:02} {resource}"
