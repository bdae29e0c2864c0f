"""Routes lines between placed cards so that they cross no card and no heading of a box.

A line leaves a card in the middle of its right side and enters the next in the middle of its left.
Cards stand in columns, so only cards and headings of the columns in between can be in its way: it
passes those through a gap, at one height, and changes its height between two columns, where nothing
stands. Of all gaps it takes those with the fewest and shortest bends (dynamic programming over a
few heights for each column); ``wishes``, the heights at which Graphviz passed, show which are near.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from jotgraph.records import ResourceId
from jotgraph.render.picture.drawing.model import Cluster, Edge
from jotgraph.render.picture.layout.geometry import HEAD, HEADING, HIGH, PAD, WIDE, Point, rims
from jotgraph.render.picture.layout.text_metrics import width

CLEAR = 9.0
"""Least distance between a line and a card: pills and stacks extend from it by 8."""
TITLE = (4.0, 4.0 + HEAD)
"""Position of a box's heading, from its top."""
TRACK = 4.0
"""Distance between two lines that pass a column side by side."""
BEND = 40.0
"""The cost of a bend, in pixels up or down."""
SHARED = 60.0
"""The cost of lying on another line."""
WALL = 1000.0
"""The cost of crossing a heading."""
LEAD, NARROW_LEAD = 14.0, 5.0
"""How far a line runs straight before and after a card, in a wide and in a narrow gap."""
SHARPEST = 12.0
"""The least width of a bend."""
LOOP = 20.0
"""How far a line that turns back swings out."""
_NEAREST = 3
"""Gaps of a column that are tried above and below a wish."""

Span = tuple[float, float]
Wish = Callable[[float], float]


class Lanes:
    """The free heights of one column, and those taken by lines."""

    def __init__(self, blocked: Iterable[Span]) -> None:
        self._free: list[Span] = []
        low = float("-inf")
        for top, bottom in sorted(blocked):
            if top > low:
                self._free.append((low, top))
            low = max(low, bottom)
        self._free.append((low, float("inf")))
        self._taken: list[float] = []

    def near(self, wishes: Iterable[float]) -> list[float]:
        """Return heights to pass at: each wish if it is free, and the nearest ends of gaps."""
        lanes: dict[float, None] = {}
        for wish in wishes:
            at = max(0, bisect_left(self._free, (wish, wish)) - 1)
            for low, high in self._free[max(0, at - _NEAREST) : at + 1 + _NEAREST]:
                if low <= wish <= high:
                    lanes[wish] = None
                for end in (low, high):
                    if abs(end) < float("inf"):
                        lanes[end] = None
        return list(lanes)

    def crowd(self, height: float) -> float:
        """Return the cost of passing at a height."""
        at = bisect_left(self._taken, height - TRACK + 0.1)
        taken = at < len(self._taken) and self._taken[at] < height + TRACK - 0.1
        return SHARED if taken else 0.0

    def take(self, height: float) -> float:
        """Take the nearest height within the same gap that no line has, or else the same."""
        low, high = next(gap for gap in self._free if gap[0] <= height <= gap[1])
        for step in range(40):
            for place in (height - step * TRACK, height + step * TRACK):
                if low <= place <= high and not self.crowd(place):
                    insort(self._taken, place)
                    return place
        insort(self._taken, height)
        return height


class Streets(NamedTuple):
    """The obstacles of lines."""

    lanes: Mapping[float, Lanes]
    """By the left side of each column."""
    walls: Mapping[float, list[Span]]
    """Headings that extend over the right side of a column, into the street beside it."""
    eaves: Mapping[float, list[tuple[Span, float]]]
    """Headings that begin to the left of a column, in the street before it, and where."""


def route(
    edges: Iterable[Edge],
    at: Mapping[ResourceId, Point],
    paths: Mapping[ResourceId, tuple[Cluster, ...]],
    wishes: Mapping[int, Wish] | None = None,
) -> list[tuple[Edge, list[Point]]]:
    """Return a start and cubic Bézier triples for each edge, in the given order. ``at`` are the
    cards' upper left corners; ``wishes`` give, for an edge's number and an x, the preferred
    height."""
    wanted = wishes or {}
    streets = _streets(at, paths)
    columns = sorted(streets.lanes)
    listed = list(edges)
    drawn: dict[int, list[Point]] = {}

    def rise(number: int) -> tuple[float, int]:
        edge = listed[number]
        return abs(at[edge.target][1] - at[edge.source][1]), number

    for number in sorted(range(len(listed)), key=rise):  # what can be straight shall be
        edge = listed[number]
        (x, y), (to_x, to_y) = at[edge.source], at[edge.target]
        start, end = (x + WIDE, y + HIGH / 2), (to_x, to_y + HIGH / 2)
        forward = start[0] < end[0]
        if forward:
            between = [left for left in columns if start[0] <= left and left + WIDE <= end[0]]
        else:
            between = [left for left in reversed(columns) if to_x <= left <= x]
        heights = _heights(start, end, between, streets, wanted.get(number))
        drawn[number] = _curve(start, end, between, heights, streets.eaves if forward else None)
    return [(edge, drawn[number]) for number, edge in enumerate(listed)]


def _streets(
    at: Mapping[ResourceId, Point], paths: Mapping[ResourceId, tuple[Cluster, ...]]
) -> Streets:
    blocked: dict[float, list[Span]] = defaultdict(list)
    walls: dict[float, list[Span]] = defaultdict(list)
    eaves: dict[float, list[tuple[Span, float]]] = defaultdict(list)
    for x, y in at.values():
        blocked[x].append((y - CLEAR, y + HIGH + CLEAR))
    columns = sorted(blocked)
    titles = {step.key: step.title for path in paths.values() for step in path}
    for key, (left, top, right, _) in rims(at, paths).items():
        inside = [x for x in columns if left <= x and x + WIDE <= right]
        band = top + TITLE[0], top + TITLE[1]
        for x in {inside[0], inside[-1]}:
            blocked[x].append(band)
        eaves[inside[0]].append((band, left))
        reach = min(left + PAD + width(titles[key], HEADING, True), right)
        for x in inside:
            if reach > x + WIDE:
                walls[x].append(band)
    return Streets({x: Lanes(spans) for x, spans in blocked.items()}, walls, eaves)


def _heights(
    start: Point, end: Point, between: list[float], streets: Streets, wish: Wish | None
) -> list[float]:
    """The heights at which a line passes the columns between its ends."""
    if not between:
        return []
    costs: dict[float, tuple[float, tuple[float, ...]]] = {start[1]: (0.0, ())}
    walls = streets.walls.get(start[0] - WIDE, [])
    for x in between:
        share = (x - start[0]) / (end[0] - start[0]) if end[0] != start[0] else 0.5
        wanted = wish(x + WIDE / 2) if wish else start[1] + (end[1] - start[1]) * share
        lane = streets.lanes[x]
        costs_by_height: dict[float, tuple[float, tuple[float, ...]]] = {}
        for height in lane.near((wanted, start[1], end[1])):
            far = lane.crowd(height) + abs(height - wanted) * 0.05
            costs_by_height[height] = min(
                (cost + _bend(before, height, walls) + far, (*path, height))
                for before, (cost, path) in costs.items()
            )
        costs, walls = costs_by_height, streets.walls.get(x, [])
    _, chosen = min(
        (cost + _bend(last, end[1], walls), path) for last, (cost, path) in costs.items()
    )
    return [streets.lanes[x].take(height) for x, height in zip(between, chosen, strict=True)]


def _bend(start: float, end: float, walls: list[Span]) -> float:
    low, high = min(start, end), max(start, end)
    if high - low < 0.05:
        return 0.0
    crossed = sum(low < bottom and top < high for top, bottom in walls)
    return high - low + BEND + WALL * crossed


def _curve(
    start: Point,
    end: Point,
    between: list[float],
    heights: list[float],
    eaves: Mapping[float, list[tuple[Span, float]]] | None,
) -> list[Point]:
    """A curve to the right if the headings before columns are given, else to the left."""
    points = [start]
    if eaves is None:
        _loop(points, LOOP, heights[0] if heights else (start[1] + end[1]) / 2)
    for x, height in zip(between, heights, strict=True):
        if eaves is not None:
            _step(points, (x, height), eaves.get(x, ()))
            _straight(points, (x + WIDE, height))
        else:
            _step(points, (x + WIDE, height))
            _straight(points, (x, height))
    if eaves is not None:
        _step(points, end, eaves.get(end[0], ()))
    else:
        _loop(points, -LOOP, end[1])
        points[-1] = end
    return points


def _step(points: list[Point], to: Point, eaves: Iterable[tuple[Span, float]] = ()) -> None:
    """From one column to the next: straight, a bend before any heading that it would cross,
    straight."""
    (x, y), (to_x, to_y) = points[-1], to
    room = to_x - x
    lead = (LEAD if abs(room) > 5 * LEAD else NARROW_LEAD) * (1 if room > 0 else -1)
    if abs(to_y - y) < 0.05 or abs(room) < 3 * abs(lead):
        lead = 0.0
    low, high = min(y, to_y), max(y, to_y)
    crossed = [to_x - left for (top, bottom), left in eaves if low < bottom and top < high]
    last = max(lead, min(max(crossed, default=0.0), room - lead - SHARPEST)) if lead else 0.0
    if lead:
        _straight(points, (x + lead, y))
    half = (to_x - last - x - lead) / 2
    points += [(x + lead + half, y), (to_x - last - half, to_y), (to_x - last, to_y)]
    if lead:
        _straight(points, to)


def _straight(points: list[Point], to: Point) -> None:
    (x, y), (to_x, to_y) = points[-1], to
    points += [
        (x + (to_x - x) / 3, y + (to_y - y) / 3),
        (x + (to_x - x) * 2 / 3, y + (to_y - y) * 2 / 3),
        to,
    ]


def _loop(points: list[Point], out: float, height: float) -> None:
    """A half turn beside a column."""
    x, y = points[-1]
    points += [(x + out * 4 / 3, y), (x + out * 4 / 3, height), (x, height)]


def smooth(points: list[Point]) -> Wish:
    """Return the height of a sampled line at any x."""
    ordered = sorted(points)

    def height(x: float) -> float:
        for (a, b), (c, d) in pairwise(ordered):
            if a <= x <= c:
                return b + (d - b) * (x - a) / (c - a) if c > a else b
        return ordered[0][1] if x < ordered[0][0] else ordered[-1][1]

    return height
