"""A part -> coordinates without Graphviz: piles per column, in the order of their neighbours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from jotgraph.records import ResourceId
from jotgraph.render.picture.drawing.components import Part
from jotgraph.render.picture.drawing.model import Cluster, Node
from jotgraph.render.picture.layout.geometry import (
    BETWEEN,
    HEAD,
    HIGH,
    PAD,
    Column,
    Placed,
    Point,
    is_index,
    nesting,
    settle,
)
from jotgraph.render.picture.layout.overlaps import untangle
from jotgraph.render.picture.layout.routing import route


def stack(
    part: Part,
    clusters: Mapping[str, Cluster],
    columns: Mapping[ResourceId, Column],
    at: Mapping[Column, float],
) -> Placed:
    """Pile boxes and cards per column, ordered by where their neighbours on the left are."""
    nodes, edges = part
    before: dict[ResourceId, list[ResourceId]] = defaultdict(list)
    for edge in edges:
        before[edge.target].append(edge.source)
    raw: dict[ResourceId, Point] = {}
    blocks: dict[int, dict[str, list[Node]]] = defaultdict(lambda: defaultdict(list))
    for each in nodes:
        box = clusters.get(each.cluster)
        key = (box.parent or box.key) if box else each.id
        blocks[columns[each.id][0]][key].append(each)
    for major in sorted(blocks):
        heights = {
            key: [raw[one][1] for each in group for one in before[each.id] if one in raw]
            for key, group in blocks[major].items()
        }
        order = sorted(
            blocks[major].items(),
            key=lambda item: (
                sum(heights[item[0]]) / len(heights[item[0]]) if heights[item[0]] else 0.0,
                item[0],
            ),
        )
        y = 0.0
        for key, group in order:
            boxed = key in clusters
            y += PAD + HEAD if boxed else 0.0
            rows: dict[Column, int] = defaultdict(int)
            for each in sorted(
                group, key=lambda one: (not is_index(one), _mean(before[one.id], raw), one.id)
            ):
                column = columns[each.id]
                raw[each.id] = (at[column], y + rows[column] * (HIGH + BETWEEN))
                rows[column] += 1
            y += max(rows.values()) * (HIGH + BETWEEN) + (PAD if boxed else 0.0)
    paths = nesting(part, clusters)
    raw = untangle(raw, paths)
    return settle(nodes, raw, route(edges, raw, paths), paths)


def _mean(ids: Iterable[ResourceId], raw: Mapping[ResourceId, Point]) -> float:
    found = [raw[each][1] for each in ids if each in raw]
    return sum(found) / len(found) if found else 0.0
