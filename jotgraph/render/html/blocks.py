"""The layout of the page: blocks that can be opened and folded, with their coordinates.

A small estate is one block with the picture's layout. A large one has a block for each connected
part; folded, a part is one row with a stack for each column. The page only adds up the heights of
its blocks: nothing is laid out in the browser.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from jotgraph.records import KINDS, Kind, ResourceId, as_id, kind_of, repository_name_of
from jotgraph.render.answers.envelope import Json
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.clusters import git_key_of, index_of
from jotgraph.render.picture.drawing.components import Part, split
from jotgraph.render.picture.drawing.model import Cluster, Drawing, Edge, Node
from jotgraph.render.picture.layout import barycentre, page
from jotgraph.render.picture.layout.geometry import (
    HIGH,
    PAD,
    WIDE,
    Box,
    Column,
    Placed,
    columns_of,
    curve,
    ruler,
    settle,
)
from jotgraph.render.words import clean

OPEN = 600
"""Number of cards above which an estate opens folded."""
BREATH = 30.0
GUTTER = 80.0
_LEADS = (Kind.FUNCTION, Kind.ECR_IMAGE, Kind.LOCAL_IMAGE)
"""The kind as which a stack is drawn if it contains one of them."""


class Numbers(NamedTuple):
    """The numbers of nodes and links in the page's data."""

    nodes: Mapping[ResourceId, int]
    links: Mapping[tuple[ResourceId, ResourceId], int]

    def node(self, resource: str) -> int:
        """Return a node's number; -1 for what is no node: a git repository's box."""
        return self.nodes.get(ResourceId(resource.partition("~")[0]), -1)

    def link(self, edge: Edge) -> int:
        """Return the number of a line's link, in either direction; -1 when there is none."""
        source, other = (ResourceId(end.partition("~")[0]) for end in (edge.source, edge.target))
        return self.links.get((source, other), self.links.get((other, source), -1))


def small(drawing: Drawing, numbers: Numbers) -> dict[str, Json]:
    """Return the picture's layout as one block."""
    laid = page.lay_out(drawing)
    placed = Placed(spots=laid.spots, routes=laid.routes, boxes=laid.boxes, high=laid.high)
    return {
        "foldable": False,
        "headings": [[_round(x), word] for x, word in laid.headings],
        "span": _round(laid.wide),
        "strips": 1,
        "blocks": [
            {
                "home": ["", ""],
                "strip": 0,
                "open": _opened(placed, numbers),
            }
        ],
    }


def large(drawing: Drawing, numbers: Numbers, folded: bool) -> dict[str, Json]:
    """Return a block for each part, in strips of about equal height."""
    parts = sorted(split(drawing), key=_order)
    places = [columns_of(part) for part in parts]
    at = ruler(column for columns in places for column in columns.values())
    clusters = {cluster.key: cluster for cluster in drawing.clusters}
    left = 4 * PAD
    blocks: list[tuple[float, dict[str, Json]]] = []
    for part, column in zip(parts, places, strict=True):
        placed = _placed(part, clusters, column, at)
        account, region = page.home_of(part)
        block: dict[str, Json] = {
            "home": [account, region],
            "open": _opened(placed, numbers),
        }
        high = placed.high
        row = _row(part, column, at, numbers)
        if row is not None:
            block["shut"] = row
            high = HIGH if folded else high
        blocks.append((high, block))
    wide = max(at.values(), default=0.0) + WIDE + 2 * left
    strips = _strips(blocks, wide)
    headings = style.headings(at, {node.kind for node in drawing.nodes})
    return {
        "foldable": True,
        "folded": folded,
        "headings": [[_round(x), word] for word, x in headings.items()],
        "span": _round(wide - 2 * left),
        "gutter": GUTTER + 2 * left,
        "strips": strips,
        "panels": {"account": _panel(at, (2, 4), PAD * 4), "region": _panel(at, (2, 3), PAD * 3)},
        "blocks": [block for _, block in blocks],
    }


def _placed(
    part: Part,
    clusters: Mapping[str, Cluster],
    columns: Mapping[ResourceId, Column],
    at: Mapping[Column, float],
) -> Placed:
    """The cards of one part, in outer boxes only, with plain curves between them."""
    nodes, edges = part
    corners = barycentre.corners(part, clusters, columns, at)
    routes = [(edge, curve(corners[edge.source], corners[edge.target])) for edge in edges]
    boxes = {node.id: barycentre.outer_box(node, clusters) for node in nodes}
    paths = {resource: (box,) if box else () for resource, box in boxes.items()}
    return settle(nodes, corners, routes, paths)


def _order(part: Part) -> tuple[bool, str, bool, str, bool, int, int, str]:
    """Places in order; within one, the worst parts first, then those with most functions."""
    account, region = page.home_of(part)
    nodes, edges = part
    worst = min((node.rank for node in nodes), default=9)
    name = page.lead_of(nodes)
    return account == "", account, region == "", region, not edges, worst, -len(nodes), name


def _panel(at: Mapping[Column, float], majors: tuple[int, int], room: float) -> list[Json]:
    inside = [x for (major, _), x in at.items() if majors[0] <= major <= majors[1]]
    x = min(inside, default=0.0) - room
    return [_round(x), _round(max(inside, default=0.0) + WIDE + room - x)]


def _strips(blocks: list[tuple[float, dict[str, Json]]], wide: float) -> int:
    """Assign a strip to each block, so that the page is wider than tall."""
    total = sum(high + BREATH for high, _ in blocks)
    count = max(1, round(math.sqrt(total * 1.5 / (wide + GUTTER))))
    limit = max(total / count, max((high for high, _ in blocks), default=0.0))
    strip, y = 0, 0.0
    for high, block in blocks:
        if y and y + high > limit * 1.02 and strip < count - 1:
            strip, y = strip + 1, 0.0
        block["strip"] = strip
        y += high + BREATH
    return strip + 1


def _opened(placed: Placed, numbers: Numbers) -> dict[str, Json]:
    """Every card, line and box of an opened block."""
    spots = {spot.node.id: number for number, spot in enumerate(placed.spots)}
    return {
        "high": _round(placed.high),
        "cards": [
            [numbers.node(spot.node.id), _round(spot.x), _round(spot.y), int(spot.node.ghost)]
            for spot in placed.spots
        ],
        "lines": [
            [
                spots[route.edge.source],
                spots[route.edge.target],
                int(route.edge.grade),
                int(route.edge.wrong),
                clean(route.edge.words, 20),
                numbers.link(route.edge),
                [_round(value) for point in route.points for value in point],
            ]
            for route in placed.routes
        ],
        "boxes": [_box(box) for box in placed.boxes],
    }


def _box(box: Box) -> list[Json]:
    return [
        box.kind,
        clean(box.title, 120),
        _round(box.x),
        _round(box.y),
        _round(box.wide),
        _round(box.high),
    ]


def _row(
    part: Part, columns: Mapping[ResourceId, Column], at: Mapping[Column, float], numbers: Numbers
) -> dict[str, Json] | None:
    """A part as one row of stacks; None if it has only one card in each column."""
    nodes, edges = part
    stacks: dict[int, list[Node]] = {}
    for node in nodes:
        stacks.setdefault(columns[node.id][0], []).append(node)
    if all(len(stack) == 1 for stack in stacks.values()):
        return None
    order = sorted(stacks)
    first = {major: min(at[columns[node.id]] for node in stacks[major]) for major in order}
    place = {major: number for number, major in enumerate(order)}
    lines: dict[int, list[Edge]] = {}
    for edge in edges:
        start, end = (place[columns[end][0]] for end in (edge.source, edge.target))
        for step in range(min(start, end), max(start, end)):
            lines.setdefault(step, []).append(edge)
    return {
        "high": HIGH,
        "stacks": [_stack(stacks[major], first[major], numbers) for major in order],
        "lines": [
            [step, step + 1, int(max(e.grade for e in same)), int(any(e.wrong for e in same)),
             len(same)]
            for step, same in sorted(lines.items())
        ],
    }  # fmt: skip


def _stack(members: list[Node], x: float, numbers: Numbers) -> list[Json]:
    kinds = Counter(member.kind for member in members)
    lead = next((kind for kind in _LEADS if kind in kinds), min(kinds, key=list(Kind).index))
    if len(members) == 1:
        return [_round(x), list(Kind).index(lead), "", "", [numbers.node(members[0].id)]]
    leading = [member for member in members if member.kind is lead]
    others = [
        f"{kinds[kind]:,} {style.counted(kind, kinds[kind])}"
        for kind in Kind
        if kind in kinds and kind != lead
    ]
    if len(leading) == 1:
        title, about = _name(leading[0]), [KINDS[lead].title]
    else:
        title = f"{len(leading):,} {style.counted(lead, len(leading))}"
        boxes = sorted({_box_name(node) for node in leading} - {""})
        about = [", ".join(boxes[:3] or [_name(node) for node in leading[:3]])]
    line = " · ".join([*about, *others] if len(leading) == 1 else [*others, *about])
    numbers_of_members: list[Json] = [numbers.node(member.id) for member in members]
    return [
        _round(x),
        list(Kind).index(lead),
        clean(title, 80),
        clean(line, 120),
        numbers_of_members,
    ]


def _name(node: Node) -> str:
    """A function's name; its card inside its box is titled $LATEST."""
    return node.name if node.kind is Kind.FUNCTION else node.title


def _box_name(node: Node) -> str:
    box = node.cluster
    resource = index_of(box) or as_id(box)
    if resource is not None and kind_of(resource) in (Kind.ECR_IMAGE, Kind.ECR_REPO):
        return repository_name_of(resource)
    return git_key_of(box)


def _round(value: float) -> Json:
    rounded = round(value, 1)
    return int(rounded) if rounded == int(rounded) else rounded
