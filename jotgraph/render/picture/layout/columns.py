"""Move what was placed to the columns that are left where empty ones are dropped.

Between two neighbouring columns of a part, and over each of them, everything moves alike, so that
lines stay where they were between the cards.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from msgspec.structs import replace

from jotgraph.render.picture.layout.geometry import WIDE, Box, Column, Placed, Route, Spot


def moved(part: Placed, before: Mapping[Column, float], after: Mapping[Column, float]) -> Placed:
    """A part whose cards stand in columns ``before``, set in those of ``after``, which has at
    least the columns of its cards."""
    new_left = {x: after[column] for column, x in before.items() if column in after}
    lefts = sorted({spot.x for spot in part.spots})
    stops = [(x + side, new_left[x] + side) for x in lefts for side in (0.0, WIDE)]
    if all(old == new for old, new in stops):
        return part

    def shift(x: float) -> float:
        return x + _shift(x, stops)

    return Placed(
        spots=tuple(Spot(spot.node, shift(spot.x), spot.y) for spot in part.spots),
        routes=tuple(
            Route(route.edge, tuple((shift(x), y) for x, y in route.points))
            for route in part.routes
        ),
        boxes=tuple(_box(box, stops) for box in part.boxes),
        high=part.high,
    )


def _shift(x: float, stops: list[tuple[float, float]]) -> float:
    """How far a point moves, between the two stops beside it."""
    at = bisect_right(stops, (x, float("inf")))
    if at == 0 or at == len(stops):
        old, new = stops[min(at, len(stops) - 1)]
        return new - old
    (low, to_low), (high, to_high) = stops[at - 1], stops[at]
    share = (x - low) / (high - low)
    return (to_low - low) * (1 - share) + (to_high - high) * share


def _box(box: Box, stops: list[tuple[float, float]]) -> Box:
    """A box keeps its distance from its outermost cards."""
    right = box.x + box.wide
    first = next(new - old for old, new in stops[::2] if old >= box.x)
    last = next(new - old for old, new in reversed(stops[1::2]) if old <= right)
    return replace(box, x=box.x + first, wide=right + last - box.x - first)
