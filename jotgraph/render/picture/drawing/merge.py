"""Merges cards of a drawing into those that represent them: counted, with all their lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping

from msgspec.structs import replace

from jotgraph.records import ResourceId
from jotgraph.render.picture.drawing.model import Drawing, Edge, Node, State

_NAMED = 12
"""The most names of folded resources in a tooltip."""


def first_of(keys: Mapping[ResourceId, Hashable]) -> dict[ResourceId, ResourceId]:
    """Map all except the first of those with equal keys to the first."""
    first: dict[Hashable, ResourceId] = {}
    into = {}
    for resource in sorted(keys):
        head = first.setdefault(keys[resource], resource)
        if head != resource:
            into[resource] = head
    return into


def merge(
    drawing: Drawing,
    into: Mapping[ResourceId, ResourceId],
    word: Callable[[Node, list[Node]], Node],
    sentence: str,
) -> Drawing:
    """Draw nodes as others; lines with the same ends become one."""
    if not into:
        return drawing
    members: dict[ResourceId, list[Node]] = defaultdict(list)
    for node in drawing.nodes:
        if node.id in into:
            members[into[node.id]].append(node)
    nodes = tuple(
        word(total(node, members[node.id]), members[node.id]) if node.id in members else node
        for node in drawing.nodes
        if node.id not in into
    )
    edges: dict[tuple[ResourceId, ResourceId], Edge] = {}
    for edge in drawing.edges:
        ends = into.get(edge.source, edge.source), into.get(edge.target, edge.target)
        if ends[0] != ends[1]:
            moved = ends != (edge.source, edge.target)
            moved_edge = replace(edge, source=ends[0], target=ends[1], label="") if moved else edge
            edges[ends] = _join(edges[ends], moved_edge) if ends in edges else moved_edge
    folded = (*drawing.folded, sentence) if sentence else drawing.folded
    ordered = tuple(edges[ends] for ends in sorted(edges))
    return tidy(replace(drawing, nodes=nodes, edges=ordered, folded=folded))


def total(node: Node, members: Iterable[Node]) -> Node:
    """Return a card that represents others too: their count, states and first names."""
    others = list(members)
    states: set[State] = set(node.states)
    for other in others:
        states.update(other.states)
    names = [other.name or other.title for other in others[:_NAMED]]
    more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
    return replace(
        node,
        count=node.count + sum(other.count for other in others),
        states=tuple(sorted(states)),
        tooltip="\n".join(filter(None, (node.tooltip, f"also: {', '.join(names)}{more}"))),
    )


def _join(old: Edge, new: Edge) -> Edge:
    return replace(
        old,
        relations=tuple(sorted({*old.relations, *new.relations})),
        grade=min(old.grade, new.grade),
        wrong=old.wrong or new.wrong,
        label="",
    )


def tidy(drawing: Drawing) -> Drawing:
    """Return a drawing without boxes that hold no card."""
    used = {node.cluster for node in drawing.nodes}
    used |= {cluster.parent for cluster in drawing.clusters if cluster.key in used}
    clusters = tuple(cluster for cluster in drawing.clusters if cluster.key in used)
    return replace(drawing, clusters=clusters)
