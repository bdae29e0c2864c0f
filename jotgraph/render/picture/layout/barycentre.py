"""A layout without Graphviz: columns by kind, ordered by barycentre sweeps.

For parts that Graphviz is not asked to lay out, or could not. Cards of one box stay together; boxes
and cards are ordered by the mean position of their neighbours (Sugiyama's barycentre heuristic),
sweeping right and left in turn, then moved towards it. Linear in cards and lines except for
sorting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from jotgraph.records import ResourceId
from jotgraph.render.picture.drawing.components import Part
from jotgraph.render.picture.drawing.model import Cluster, Edge, Node
from jotgraph.render.picture.layout.geometry import (
    BETWEEN,
    HEAD,
    HIGH,
    PAD,
    Column,
    Point,
    is_index,
)

SWEEPS = 4
STEP = HIGH + BETWEEN
BREATH = 14.0
"""Distance between two boxes of a column."""

_Group = list[Node]
"""The cards of one box, or a single card."""
_Near = Mapping[ResourceId, list[ResourceId]]


def corners(
    part: Part,
    clusters: Mapping[str, Cluster],
    columns: Mapping[ResourceId, Column],
    at: Mapping[Column, float],
) -> dict[ResourceId, Point]:
    """Return the upper left corner of each card; ``at`` is the left side of each column."""
    nodes, edges = part
    boxes = {node.id: outer_box(node, clusters) for node in nodes}
    left, right = _neighbours(edges)
    major = _majors(nodes, boxes, columns)
    height: dict[ResourceId, float] = {}
    for groups in major.values():
        _pile(groups, boxes, columns, height)
    for sweep in range(SWEEPS):
        rising = sweep % 2 == 0
        near = left if rising else right
        for column in sorted(major, reverse=not rising):
            major[column] = _sorted(major[column], near, height)
            _pile(major[column], boxes, columns, height)
    both = {node.id: left[node.id] + right[node.id] for node in nodes}
    _pull(major, boxes, columns, height, both)
    return {node.id: (at[columns[node.id]], height[node.id]) for node in nodes}


def outer_box(node: Node, clusters: Mapping[str, Cluster]) -> Cluster | None:
    """Return the outermost box around a card."""
    box = clusters.get(node.cluster)
    return clusters.get(box.parent, box) if box else None


def _neighbours(edges: Iterable[Edge]) -> tuple[_Near, _Near]:
    left: dict[ResourceId, list[ResourceId]] = defaultdict(list)
    right: dict[ResourceId, list[ResourceId]] = defaultdict(list)
    for edge in edges:
        left[edge.target].append(edge.source)
        right[edge.source].append(edge.target)
    return left, right


def _majors(
    nodes: Iterable[Node],
    boxes: Mapping[ResourceId, Cluster | None],
    columns: Mapping[ResourceId, Column],
) -> dict[int, list[_Group]]:
    """The boxes (or single cards) of each major column."""
    by_major: dict[int, dict[str, _Group]] = defaultdict(lambda: defaultdict(list))
    for node in sorted(nodes, key=lambda node: (not is_index(node), node.id)):
        box = boxes[node.id]
        by_major[columns[node.id][0]][box.key if box else node.id].append(node)
    return {major: [groups[key] for key in sorted(groups)] for major, groups in by_major.items()}


def _sorted(groups: list[_Group], near: _Near, height: Mapping[ResourceId, float]) -> list[_Group]:
    def wish(node: Node) -> float:
        places = [height[end] for end in near.get(node.id, ()) if end in height]
        return sum(places) / len(places) if places else height[node.id]

    ordered = [
        sorted(group, key=lambda node: (not is_index(node), wish(node), node.id))
        for group in groups
    ]
    return sorted(
        ordered, key=lambda group: (sum(wish(node) for node in group) / len(group), group[0].id)
    )


def _pile(
    groups: list[_Group],
    boxes: Mapping[ResourceId, Cluster | None],
    columns: Mapping[ResourceId, Column],
    height: dict[ResourceId, float],
    starts: Iterable[float] = (),
) -> list[tuple[float, float]]:
    """Stack groups (from ``starts``, if given); return their tops and bottoms."""
    spans: list[tuple[float, float]] = []
    y = 0.0
    wanted = iter(starts)
    for group in groups:
        y = next(wanted, y)
        top = y
        boxed = boxes[group[0].id] is not None
        y += PAD + HEAD if boxed else 0.0
        rows: dict[Column, int] = defaultdict(int)
        for node in group:
            column = columns[node.id]
            height[node.id] = y + rows[column] * STEP
            rows[column] += 1
        y += max(rows.values()) * STEP - BETWEEN + (PAD if boxed else 0.0)
        spans.append((top, y))
        y += BREATH if boxed else BETWEEN
    return spans


def _pull(
    major: Mapping[int, list[_Group]],
    boxes: Mapping[ResourceId, Cluster | None],
    columns: Mapping[ResourceId, Column],
    height: dict[ResourceId, float],
    near: _Near,
) -> None:
    """Move the groups of all except the tallest column towards their neighbours, keeping order and
    distances. First down as far as they want, then up as far as the part's height requires."""
    spans = {column: _pile(major[column], boxes, columns, height) for column in sorted(major)}
    low = {column: spans[column][-1][1] for column in spans}
    tallest = max(low, key=lambda column: (low[column], -column))
    limit = low[tallest]
    for column in sorted(major, key=lambda column: (abs(column - tallest), column)):
        if column == tallest:
            continue
        sizes = [bottom - top for top, bottom in spans[column]]
        rooms = [
            below[0] - above[1]
            for above, below in zip(spans[column], spans[column][1:], strict=False)
        ]
        starts: list[float] = []
        cursor = 0.0
        for number, group in enumerate(major[column]):
            places = [height[end] for node in group for end in near[node.id] if end in height]
            own = sum(height[node.id] for node in group) / len(group) - spans[column][number][0]
            wish = sum(places) / len(places) - own if places else cursor
            starts.append(max(cursor, wish))
            cursor = starts[-1] + sizes[number] + (rooms[number] if number < len(rooms) else 0.0)
        bottom = limit
        for number in range(len(starts) - 1, -1, -1):
            starts[number] = max(0.0, min(starts[number], bottom - sizes[number]))
            bottom = starts[number] - (rooms[number - 1] if number else 0.0)
        _pile(major[column], boxes, columns, height, starts)
