"""Moves placed cards to the columns that remain when empty ones are dropped.

Above a column and close to its sides everything moves with it: lines leave cards as before, and
bend before the headings of boxes. What lies between is compressed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from jotgraph.render.picture.layout.geometry import WIDE, Box, Column, Placed, Point, Route, Spot

AFTER, BEFORE = 30.0, 60.0
"""How far the leads of lines, and headings, reach to the right and left of a column."""


def moved(part: Placed, before: Mapping[Column, float], after: Mapping[Column, float]) -> Placed:
    """Return a part with cards in columns ``before``, moved to those of ``after``, which has at
    least their columns."""
    new_left = {x: after[column] for column, x in before.items() if column in after}
    lefts = sorted({spot.x for spot in part.spots})
    if all(new_left[x] == x for x in lefts):
        return part
    sides = [(x + side, new_left[x] + side) for x in lefts for side in (0.0, WIDE)]
    stops = [sides[0], *_streets(sides[1:-1]), sides[-1]]

    def shift(x: float) -> float:
        return x + _shift(x, stops)

    return Placed(
        spots=tuple(Spot(spot.node, shift(spot.x), spot.y) for spot in part.spots),
        routes=tuple(
            Route(route.edge, tuple((shift(x), y) for x, y in route.points))
            for route in part.routes
        ),
        boxes=tuple(_box(box, sides) for box in part.boxes),
        high=part.high,
    )


def _streets(sides: list[Point]) -> Iterator[Point]:
    """The sides of streets, and how far into a street everything moves with a column."""
    for (left, to_left), (right, to_right) in zip(sides[::2], sides[1::2], strict=True):
        gap = min(right - left, to_right - to_left)
        after, before = min(AFTER, gap * 0.3), min(BEFORE, gap * 0.65)
        yield from ((left, to_left), (left + after, to_left + after))
        yield from ((right - before, to_right - before), (right, to_right))


def _shift(x: float, stops: list[Point]) -> float:
    """The shift of a point, interpolated between its neighbouring stops."""
    at = bisect_right(stops, (x, float("inf")))
    if at == 0 or at == len(stops):
        old, new = stops[min(at, len(stops) - 1)]
        return new - old
    (low, to_low), (high, to_high) = stops[at - 1], stops[at]
    share = (x - low) / (high - low)
    return (to_low - low) * (1 - share) + (to_high - high) * share


def _box(box: Box, sides: list[Point]) -> Box:
    """Keep a box's distance from its outermost cards."""
    right = box.x + box.wide
    first = next(new - old for old, new in sides[::2] if old >= box.x)
    last = next(new - old for old, new in reversed(sides[1::2]) if old <= right)
    return replace(box, x=box.x + first, wide=right + last - box.x - first)
