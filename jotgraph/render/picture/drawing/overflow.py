"""Folds what exceeds the budget: the worst parts are kept, everything else is one card for each
place and kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Set

from msgspec.structs import replace

from jotgraph.records import KINDS, Kind, ResourceId
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.components import cards, parts_of
from jotgraph.render.picture.drawing.merge import first_of, merge
from jotgraph.render.picture.drawing.model import Drawing, Node

_ENOUGH = 3
"""Number of ranks that are distinguished; everything healthy is one rank."""


def fold_rest(drawing: Drawing, budget: int) -> Drawing:
    """Keep whole parts, the worst first, within the budget; the others become one card for each
    place, kind, mark and rank."""
    nodes = {node.id: node for node in drawing.nodes}
    keys = {node.id: _key(node, fine=True) for node in drawing.nodes}
    if len(set(keys.values())) > budget * 2 // 3:
        keys = {node.id: _key(node, fine=False) for node in drawing.nodes}
    stacks = len(set(keys.values()))
    parts = _worst(drawing, nodes)
    room = budget
    while True:
        folded = _keep(drawing, nodes, keys, _within(parts, room - stacks))
        over = cards(folded) - budget
        if over <= 0 or room <= 0:
            return folded
        room -= max(over, 1)


def fold_better(drawing: Drawing, rank: int) -> Drawing:
    """Keep the parts with something of this rank or worse; the rest becomes one card for each
    place, kind, mark and rank."""
    nodes = {node.id: node for node in drawing.nodes}
    bad = _bad(drawing, rank)
    whole = bad.union(*(part for part in parts_of(drawing) if not bad.isdisjoint(part)))
    return _keep(drawing, nodes, {node.id: _key(node, fine=True) for node in drawing.nodes}, whole)


def fold_beside(drawing: Drawing, rank: int, folded: Collection[Kind] = ()) -> Drawing:
    """Keep cards of this rank or worse, and their neighbours except of the ``folded`` kinds; the
    rest becomes cards without lines."""
    nodes = {node.id: node for node in drawing.nodes}
    bad = _bad(drawing, rank)
    ends = ({edge.source, edge.target} for edge in drawing.edges)
    near = set().union(*(pair for pair in ends if not bad.isdisjoint(pair)))
    whole = bad | {resource for resource in near if nodes[resource].kind not in folded}
    keys = {node.id: _key(node, fine=True) for node in drawing.nodes}
    kept = _keep(drawing, nodes, keys, whole)
    return replace(kept, edges=tuple(edge for edge in kept.edges if edge.source in whole))


def _bad(drawing: Drawing, rank: int) -> set[ResourceId]:
    return {node.id for node in drawing.nodes if node.rank <= rank}


def _keep(
    drawing: Drawing,
    nodes: Mapping[ResourceId, Node],
    all_keys: Mapping[ResourceId, Hashable],
    whole: Set[ResourceId],
) -> Drawing:
    """The kept cards, and one card for each key of the rest."""
    keys = {resource: key for resource, key in all_keys.items() if resource not in whole}
    into = first_of(keys)
    more = _folded_away(drawing, nodes, whole)
    loose = replace(
        drawing,
        nodes=tuple(
            replace(node, cluster="") if node.id in keys else _shared(node, more.get(node.id, 0))
            for node in drawing.nodes
        ),
        # a line from what is kept to a card for thousands would say nothing of either: what is
        # kept says in words how many it leads to
        edges=tuple(
            edge for edge in drawing.edges if (edge.source in whole) == (edge.target in whole)
        ),
    )
    sentence = f"{len(keys):,} resources into one card per kind and place"
    return merge(loose, into, _word, sentence)


def _folded_away(
    drawing: Drawing, nodes: Mapping[ResourceId, Node], whole: Set[ResourceId]
) -> dict[ResourceId, int]:
    """Number of resources that each kept card is linked to and that are not kept."""
    near: dict[ResourceId, set[ResourceId]] = defaultdict(set)
    for edge in drawing.edges:
        for kept_end, other_end in ((edge.source, edge.target), (edge.target, edge.source)):
            if kept_end in whole and other_end not in whole:
                near[kept_end].add(other_end)
    return {
        resource: sum(nodes[neighbour].count for neighbour in others)
        for resource, others in near.items()
    }


def _shared(node: Node, more: int) -> Node:
    return replace(node, line=f"linked to {more:,} more, folded") if more else node


def _worst(drawing: Drawing, nodes: Mapping[ResourceId, Node]) -> list[list[ResourceId]]:
    """The parts that may be drawn unchanged, the worst first."""
    ranked = ((min(nodes[resource].rank for resource in part), part) for part in parts_of(drawing))
    bad = [(rank, part) for rank, part in ranked if rank <= style.LOOK]
    bad.sort(key=lambda pair: (pair[0], len(pair[1]), min(pair[1])))
    return [part for _, part in bad]


def _within(parts: Iterable[list[ResourceId]], room: int) -> set[ResourceId]:
    """The ids of parts that fit into the budget, with what they share."""
    whole: set[ResourceId] = set()
    for part in parts:
        if len(part) <= room:
            room -= len(part)
            whole.update(part)
    return whole


def _key(node: Node, fine: bool) -> Hashable:
    place = (node.account, node.region) if fine else ("", "")
    return (*place, node.kind, min(node.rank, _ENOUGH), node.mark)


def _word(node: Node, members: list[Node]) -> Node:
    return replace(
        node,
        title=f"{node.count:,} {KINDS[node.kind].plural}",
        line=", ".join(state.word for state in node.states[:2]) or "nothing wrong with them",
        cluster="",
    )
