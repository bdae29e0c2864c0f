"""Placed cards, lines and boxes: their types, their columns, and the boxes around cards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from jotgraph.records import KINDS, ResourceId
from jotgraph.records.kind_traits import Stage
from jotgraph.render.picture.drawing.clusters import index_box
from jotgraph.render.picture.drawing.components import Part
from jotgraph.render.picture.drawing.model import Cluster, Edge, Node

WIDE, HIGH = 216.0, 64.0
"""Size of a card, in CSS pixels like everything here."""
GAP, NARROW_GAP = 64.0, 44.0
WIDE_GAP = 92.0
"""Gap before the registry: the boxes of accounts begin there."""
BETWEEN = 18.0
PAD, HEAD = 14.0, 20.0
HEADING = 12.0
"""Font size of a box's heading."""

DEEP = 6
"""The most minor columns of images based on one another."""

Column = tuple[int, int]
"""Major column by kind, and a minor one within."""
Point = tuple[float, float]


class Spot(msgspec.Struct, frozen=True, gc=False):
    """A card's upper left corner; it is WIDE by HIGH."""

    node: Node
    x: float
    y: float


class Route(msgspec.Struct, frozen=True, gc=False):
    """A line: a start and then cubic Bézier triples."""

    edge: Edge
    points: tuple[Point, ...]


class Box(msgspec.Struct, frozen=True, gc=False):
    """A quiet box and its heading."""

    kind: str
    title: str
    tooltip: str
    href: str
    x: float
    y: float
    wide: float
    high: float
    account: str = ""
    """Whether it surrounds resources of one account."""
    continued: bool = False
    """Whether it continues from the column before."""


class Placed(msgspec.Struct, frozen=True):
    """A part with coordinates; its top is at y = 0, its x are those of the page's columns."""

    spots: tuple[Spot, ...]
    routes: tuple[Route, ...]
    boxes: tuple[Box, ...]
    high: float


def columns_of(part: Part) -> dict[ResourceId, Column]:
    """Return the columns: major by kind, minor by the distance of a card from the first of its
    kind."""
    nodes, edges = part
    major = {node.id: KINDS[node.kind].stage for node in nodes}
    inner: dict[ResourceId, list[ResourceId]] = defaultdict(list)
    for edge in edges:
        if major[edge.source] == major[edge.target] and edge.source != edge.target:
            inner[edge.target].append(edge.source)
    depth: dict[ResourceId, int] = {}

    def deep(resource: ResourceId, seen: frozenset[ResourceId]) -> int:
        if resource not in depth:
            before = [
                deep(source, seen | {resource}) for source in inner[resource] if source not in seen
            ]
            depth[resource] = min(DEEP, max(before, default=-1) + 1)
        return depth[resource]

    lanes = {node.id: KINDS[node.kind].lane for node in nodes}
    return {
        resource: (major[resource], deep(resource, frozenset()) if lane is None else lane)
        for resource, lane in lanes.items()
    }


def ruler(columns: Iterable[Column]) -> dict[Column, float]:
    """Return the left side of every used column."""
    left: dict[Column, float] = {}
    x, before = 0.0, None
    for column in sorted(set(columns)):
        if before is not None:
            x += WIDE + _gap(before[0], column[0])
        left[column] = x
        before = column
    return left


def _gap(major: int, after: int) -> float:
    """The gap between a column and the next."""
    if major == after:
        return NARROW_GAP
    return WIDE_GAP if major < Stage.REGISTRY <= after else GAP


def nesting(part: Part, clusters: Mapping[str, Cluster]) -> dict[ResourceId, tuple[Cluster, ...]]:
    """Return the boxes of each card, outermost first. Accounts and regions are included only in a
    part that spans several; around parts of one place the page draws them."""
    nodes, _ = part
    accounts = {node.account for node in nodes if node.account}
    places = {(node.account, node.region) for node in nodes if node.region}
    paths = {}
    for node in nodes:
        path = []
        if len(accounts) > 1 and node.account:
            key = f"account:{node.account}"
            title = f"account {node.account}"
            path.append(Cluster(key=key, kind="account", title=title, account=node.account))
        if len(places) > 1 and node.region:
            key = f"region:{node.account}/{node.region}"
            path.append(Cluster(key=key, kind="region", title=node.region))
        if node.cluster in clusters:
            box = clusters[node.cluster]
            path += [clusters[box.parent], box] if box.parent in clusters else [box]
        paths[node.id] = tuple(path)
    return paths


def settle(
    nodes: Iterable[Node],
    raw: Mapping[ResourceId, Point],
    routes: Iterable[tuple[Edge, list[Point]]],
    paths: Mapping[ResourceId, tuple[Cluster, ...]],
) -> Placed:
    """Draw the boxes around their cards and move everything so that the top is at 0."""
    known = {step.key: step for path in paths.values() for step in path}
    around = rims(raw, paths)
    drawn = [(edge, points) for edge, points in routes]
    tops = [y for _, y in raw.values()] + [rim[1] for rim in around.values()]
    tops += [y for _, points in drawn for _, y in points]
    ends = [y + HIGH for _, y in raw.values()] + [rim[3] for rim in around.values()]
    ends += [y for _, points in drawn for _, y in points]
    top = min(tops)
    boxes = tuple(
        Box(
            kind=known[key].kind,
            title=known[key].title,
            tooltip=known[key].tooltip,
            href=known[key].href,
            x=rim[0],
            y=rim[1] - top,
            wide=rim[2] - rim[0],
            high=rim[3] - rim[1],
            account=known[key].account if known[key].kind == "account" else "",
        )
        for key, rim in sorted(
            around.items(), key=lambda item: _outer(known[item[0]].kind, item[0])
        )
    )
    return Placed(
        spots=tuple(Spot(node, raw[node.id][0], raw[node.id][1] - top) for node in nodes),
        routes=tuple(Route(edge, tuple((x, y - top) for x, y in points)) for edge, points in drawn),
        boxes=boxes,
        high=max(ends) - top,
    )


def rims(
    raw: Mapping[ResourceId, Point], paths: Mapping[ResourceId, tuple[Cluster, ...]]
) -> dict[str, tuple[float, float, float, float]]:
    """Return left, top, right and bottom of every box, which encloses its cards and inner boxes."""
    rims: dict[str, tuple[float, float, float, float]] = {}
    for resource, path in paths.items():
        x, y = raw[resource]
        rim = (x, y, x + WIDE, y + HIGH)
        for step in reversed(path):
            rim = (rim[0] - PAD, rim[1] - PAD - HEAD, rim[2] + PAD, rim[3] + PAD)
            old = rims.get(step.key, rim)
            rims[step.key] = (
                min(old[0], rim[0]),
                min(old[1], rim[1]),
                max(old[2], rim[2]),
                max(old[3], rim[3]),
            )
    return rims


def is_index(node: Node) -> bool:
    """Return whether a card is the index of its box, where it comes first."""
    return node.cluster == index_box(node.id)


def _outer(kind: str, key: str) -> tuple[int, str]:
    """Sort boxes from outer to inner."""
    return ({"account": 0, "region": 1, "index": 3}.get(kind, 2), key)


def curve(source: Point, target: Point) -> list[Point]:
    x, y = source[0] + WIDE, source[1] + HIGH / 2
    to_x, to_y = target[0], target[1] + HIGH / 2
    bend = max(24.0, (to_x - x) / 2)
    return [(x, y), (x + bend, y), (to_x - bend, to_y), (to_x, to_y)]
