"""Packs parts without lines into rows side by side, to save space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from jotgraph.records import Kind
from jotgraph.render.picture.layout.geometry import HIGH, WIDE, Placed

BESIDE = 20.0
"""Distance between two items of a row."""


Row = tuple[Placed, tuple[Placed, ...]]
"""A row, and its items, each relative to its own column."""


def pack(parts: Iterable[Placed], left: float, right: float) -> Iterator[Row]:
    """Return rows of items: from their column to ``right``; roles, whose column is the last,
    towards ``left``. The tallest come first, so that rows are even."""
    units = [unit for part in parts for unit in _units(part)]
    roles = [unit for unit in units if unit.spots[0].node.kind is Kind.ROLE]
    others = [unit for unit in units if unit.spots[0].node.kind is not Kind.ROLE]
    yield from _rows(others, right, leftwards=False)
    yield from _rows(roles, left, leftwards=True)


def _units(part: Placed) -> Iterator[Placed]:
    """Items that stay together: a box with its cards, or one card."""
    if part.boxes:
        yield part
        return
    for spot in part.spots:
        yield Placed((replace(spot, y=0.0),), (), (), HIGH)


def _rows(units: list[Placed], end: float, *, leftwards: bool) -> Iterator[Row]:
    row: list[Placed] = []
    room = 0.0
    ordered = sorted(units, key=lambda unit: (-unit.high, unit.spots[0].node.rank, _name(unit)))
    start = min((_span(unit)[0] for unit in units), default=0.0)
    wide = start + WIDE - end if leftwards else end - start
    for unit in ordered:
        low, high = _span(unit)
        if row and room + high - low > wide:
            yield _row(row, start, leftwards), tuple(row)
            row, room = [], 0.0
        row.append(unit)
        room += high - low + BESIDE
    if row:
        yield _row(row, start, leftwards), tuple(row)


def _row(units: list[Placed], start: float, leftwards: bool) -> Placed:
    moved = []
    x = start
    for unit in units:
        low, high = _span(unit)
        by = x - low
        moved.append(
            Placed(
                tuple(replace(spot, x=spot.x + by) for spot in unit.spots),
                (),
                tuple(replace(box, x=box.x + by) for box in unit.boxes),
                unit.high,
            )
        )
        x += -(high - low + BESIDE) if leftwards else high - low + BESIDE
    return Placed(
        tuple(spot for unit in moved for spot in unit.spots),
        (),
        tuple(box for unit in moved for box in unit.boxes),
        max(unit.high for unit in moved),
    )


def _span(part: Placed) -> tuple[float, float]:
    """Left and right end."""
    lows = [*(spot.x for spot in part.spots), *(box.x for box in part.boxes)]
    ends = [*(spot.x + WIDE for spot in part.spots), *(box.x + box.wide for box in part.boxes)]
    return min(lows), max(ends)


def _name(part: Placed) -> str:
    return min(spot.node.id for spot in part.spots)
