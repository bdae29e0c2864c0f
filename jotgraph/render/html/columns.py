"""Parts -> coordinates without Graphviz: columns by kind, ordered by barycentre sweeps.

For estates too large for ``dot``. Cards of one box stay together; boxes and cards are ordered by
the mean place of what they touch (Sugiyama's barycentre heuristic), sweeping right and left in
turn, then moved towards it. Linear in cards and lines but for the sorting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from jotgraph.records import KINDS, ResourceId
from jotgraph.render.picture.drawing.components import Part
from jotgraph.render.picture.drawing.model import Cluster, Edge, Node
from jotgraph.render.picture.layout.geometry import (
    BETWEEN,
    HEAD,
    HIGH,
    PAD,
    Column,
    Placed,
    curve,
    settle,
)

SWEEPS = 4
STEP = HIGH + BETWEEN
BREATH = 14.0
"""Between two boxes of a column."""

_Group = list[Node]
_Near = Mapping[ResourceId, list[ResourceId]]


def lay(
    part: Part,
    clusters: Mapping[str, Cluster],
    columns: Mapping[ResourceId, Column],
    at: Mapping[Column, float],
) -> Placed:
    """Place the cards of one part; ``at`` is the left side of each column."""
    nodes, edges = part
    boxes = {each.id: _outer(each, clusters) for each in nodes}
    left, right = _neighbours(edges)
    major = _majors(nodes, boxes, columns)
    height: dict[ResourceId, float] = {}
    for groups in major.values():
        _pile(groups, boxes, columns, height)
    for sweep in range(SWEEPS):
        rising = sweep % 2 == 0
        near = left if rising else right
        for each in sorted(major, reverse=not rising):
            major[each] = _sorted(major[each], near, height)
            _pile(major[each], boxes, columns, height)
    _pull(
        major, boxes, columns, height, {each.id: left[each.id] + right[each.id] for each in nodes}
    )
    raw = {each.id: (at[columns[each.id]], height[each.id]) for each in nodes}
    routes = [(edge, curve(raw[edge.source], raw[edge.target])) for edge in edges]
    paths = {each: (box,) if box else () for each, box in boxes.items()}
    return settle(nodes, raw, routes, paths)


def _outer(node: Node, clusters: Mapping[str, Cluster]) -> Cluster | None:
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
    found: dict[int, dict[str, _Group]] = defaultdict(lambda: defaultdict(list))
    for each in nodes:
        box = boxes[each.id]
        found[columns[each.id][0]][box.key if box else each.id].append(each)
    return {major: [groups[key] for key in sorted(groups)] for major, groups in found.items()}


def _sorted(groups: list[_Group], near: _Near, height: Mapping[ResourceId, float]) -> list[_Group]:
    def want(node: Node) -> float:
        found = [height[each] for each in near.get(node.id, ()) if each in height]
        return sum(found) / len(found) if found else height[node.id]

    inner = [sorted(group, key=lambda one: (want(one), one.id)) for group in groups]
    return sorted(
        inner, key=lambda group: (sum(want(one) for one in group) / len(group), group[0].id)
    )


def _pile(
    groups: list[_Group],
    boxes: Mapping[ResourceId, Cluster | None],
    columns: Mapping[ResourceId, Column],
    height: dict[ResourceId, float],
    starts: Iterable[float] = (),
) -> list[tuple[float, float]]:
    """Set groups one under another (at ``starts``, if given); their tops and bottoms."""
    found: list[tuple[float, float]] = []
    y = 0.0
    wanted = iter(starts)
    for group in groups:
        y = next(wanted, y)
        top = y
        boxed = boxes[group[0].id] is not None
        y += PAD + HEAD if boxed else 0.0
        rows: dict[Column, int] = defaultdict(int)
        for each in group:
            column = columns[each.id]
            height[each.id] = y + rows[column] * STEP
            rows[column] += 1
        y += max(rows.values()) * STEP - BETWEEN + (PAD if boxed else 0.0)
        found.append((top, y))
        y += BREATH if boxed else BETWEEN
    return found


def _pull(
    major: Mapping[int, list[_Group]],
    boxes: Mapping[ResourceId, Cluster | None],
    columns: Mapping[ResourceId, Column],
    height: dict[ResourceId, float],
    near: _Near,
) -> None:
    """Move the groups of all but the tallest column towards what they touch, keeping order and
    room: first down as far as they want, then up as far as the part's height asks."""
    spans = {each: _pile(major[each], boxes, columns, height) for each in sorted(major)}
    low = {each: spans[each][-1][1] for each in spans}
    tallest = max(low, key=lambda each: (low[each], -each))
    limit = low[tallest]
    for each in sorted(major, key=lambda one: (abs(one - tallest), one)):
        if each == tallest:
            continue
        sizes = [bottom - top for top, bottom in spans[each]]
        rooms = [
            below[0] - here[1] for here, below in zip(spans[each], spans[each][1:], strict=False)
        ]
        starts: list[float] = []
        cursor = 0.0
        for number, group in enumerate(major[each]):
            places = [height[end] for one in group for end in near[one.id] if end in height]
            own = sum(height[one.id] for one in group) / len(group) - spans[each][number][0]
            wish = sum(places) / len(places) - own if places else cursor
            starts.append(max(cursor, wish))
            cursor = starts[-1] + sizes[number] + (rooms[number] if number < len(rooms) else 0.0)
        bottom = limit
        for number in range(len(starts) - 1, -1, -1):
            starts[number] = max(0.0, min(starts[number], bottom - sizes[number]))
            bottom = starts[number] - (rooms[number - 1] if number else 0.0)
        _pile(major[each], boxes, columns, height, starts)


def home(part: Part) -> tuple[str, str]:
    """The account and region a part is in; empty text for none, ``*`` for several."""
    accounts = {each.account for each in part[0] if each.account}
    regions = {(each.account, each.region) for each in part[0] if each.region}
    if len(accounts) > 1:
        return "*", "*"
    if len(regions) > 1:
        return min(accounts), "*"
    return min(regions) if regions else (min(accounts, default=""), "")


def order(part: Part) -> tuple[bool, str, bool, str, bool, int, int, str]:
    """Places in order; within one, what is wrong first, then what has the most functions."""
    account, region = home(part)
    nodes, edges = part
    worst = min((each.rank for each in nodes), default=9)
    name = min((abs(3 - KINDS[each.kind].stage), each.id) for each in nodes)[1]
    return account == "", account, region == "", region, not edges, worst, -len(nodes), name
