"""Cards of a drawing -> fewer cards that stand for them: counted, with the lines they had."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping

from msgspec.structs import replace

from jotgraph.records import ResourceId
from jotgraph.render.picture.drawing.model import Drawing, Edge, Node, State

_NAMED = 12
"""Names of folded resources that a tooltip holds."""


def first_of(keys: Mapping[ResourceId, Hashable]) -> dict[ResourceId, ResourceId]:
    """All but the first with a key -> the first."""
    first: dict[Hashable, ResourceId] = {}
    into = {}
    for each in sorted(keys):
        head = first.setdefault(keys[each], each)
        if head != each:
            into[each] = head
    return into


def merge(
    drawing: Drawing,
    into: Mapping[ResourceId, ResourceId],
    word: Callable[[Node, list[Node]], Node],
    said: str,
) -> Drawing:
    """Draw nodes as others; lines with the same ends become one."""
    if not into:
        return drawing
    members: dict[ResourceId, list[Node]] = defaultdict(list)
    for each in drawing.nodes:
        if each.id in into:
            members[into[each.id]].append(each)
    nodes = tuple(
        word(total(each, members[each.id]), members[each.id]) if each.id in members else each
        for each in drawing.nodes
        if each.id not in into
    )
    edges: dict[tuple[ResourceId, ResourceId], Edge] = {}
    for edge in drawing.edges:
        ends = into.get(edge.source, edge.source), into.get(edge.target, edge.target)
        if ends[0] != ends[1]:
            moved = ends != (edge.source, edge.target)
            here = replace(edge, source=ends[0], target=ends[1], label="") if moved else edge
            edges[ends] = _join(edges[ends], here) if ends in edges else here
    folded = (*drawing.folded, said) if said else drawing.folded
    ordered = tuple(edges[each] for each in sorted(edges))
    return tidy(replace(drawing, nodes=nodes, edges=ordered, folded=folded))


def total(node: Node, members: Iterable[Node]) -> Node:
    """A card that stands for others too: their count, states and first names."""
    others = list(members)
    states: set[State] = set(node.states)
    for each in others:
        states.update(each.states)
    names = [each.name or each.title for each in others[:_NAMED]]
    more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
    return replace(
        node,
        count=node.count + sum(each.count for each in others),
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
    """Without the boxes that hold no card any more."""
    used = {each.cluster for each in drawing.nodes}
    used |= {each.parent for each in drawing.clusters if each.key in used}
    clusters = tuple(each for each in drawing.clusters if each.key in used)
    return replace(drawing, clusters=clusters)
