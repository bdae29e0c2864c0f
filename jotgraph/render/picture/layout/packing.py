"""Parts that no line touches -> rows of them side by side, so that loose boxes take little room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from jotgraph.records import Kind
from jotgraph.render.picture.layout.geometry import HIGH, WIDE, Placed

BESIDE = 20.0
"""Between two things of a row."""


def shelve(parts: Iterable[Placed], left: float, right: float) -> Iterator[Placed]:
    """One part per row: from the column that things are in to ``right``; roles, whose column is
    the last, the other way, to ``left``. The tallest first, so that rows are even."""
    units = [unit for each in parts for unit in _units(each)]
    roles = [each for each in units if each.spots[0].node.kind is Kind.ROLE]
    others = [each for each in units if each.spots[0].node.kind is not Kind.ROLE]
    yield from _rows(others, right, leftwards=False)
    yield from _rows(roles, left, leftwards=True)


def _units(part: Placed) -> Iterator[Placed]:
    """Things that stay together: a box with its cards, or one card."""
    if part.boxes:
        yield part
        return
    for each in part.spots:
        yield Placed((replace(each, y=0.0),), (), (), HIGH)


def _rows(units: list[Placed], end: float, *, leftwards: bool) -> Iterator[Placed]:
    row: list[Placed] = []
    room = 0.0
    ordered = sorted(units, key=lambda each: (-each.high, each.spots[0].node.rank, _name(each)))
    start = min((_span(each)[0] for each in units), default=0.0)
    wide = start + WIDE - end if leftwards else end - start
    for each in ordered:
        low, high = _span(each)
        if row and room + high - low > wide:
            yield _row(row, start, leftwards)
            row, room = [], 0.0
        row.append(each)
        room += high - low + BESIDE
    if row:
        yield _row(row, start, leftwards)


def _row(units: list[Placed], start: float, leftwards: bool) -> Placed:
    moved = []
    x = start
    for each in units:
        low, high = _span(each)
        by = x - low
        moved.append(
            Placed(
                tuple(replace(one, x=one.x + by) for one in each.spots),
                (),
                tuple(replace(one, x=one.x + by) for one in each.boxes),
                each.high,
            )
        )
        x += -(high - low + BESIDE) if leftwards else high - low + BESIDE
    return Placed(
        tuple(spot for each in moved for spot in each.spots),
        (),
        tuple(box for each in moved for box in each.boxes),
        max(each.high for each in moved),
    )


def _span(part: Placed) -> tuple[float, float]:
    """Left and right end."""
    lows = [*(each.x for each in part.spots), *(each.x for each in part.boxes)]
    ends = [*(each.x + WIDE for each in part.spots), *(each.x + each.wide for each in part.boxes)]
    return min(lows), max(ends)


def _name(part: Placed) -> str:
    return min(each.node.id for each in part.spots)
