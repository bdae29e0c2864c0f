"""Splits the parts of a page into as many columns of panels as make it largest on a sheet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from jotgraph.render.picture.layout.columns import moved
from jotgraph.render.picture.layout.geometry import PAD, WIDE, Column, Placed, ruler
from jotgraph.render.picture.layout.packing import pack

BREATH = 26.0
"""Distance between two parts of a panel."""
GUTTER = 36.0
"""Distance between two columns of panels."""
SHAPES = (1.6, 1 / math.sqrt(2))
"""Width by height of a slide and of an upright sheet."""
MOST = 8
"""The most columns of panels."""

PanelPlace = tuple[str, str]


class Piece(NamedTuple):
    """An unbreakable piece of a column of panels: a part, or a row of items without lines."""

    home: PanelPlace
    part: Placed
    units: tuple[Placed, ...] = ()
    """The items of a row, each relative to its own column."""


def strips_of(
    pieces: Iterable[Piece], at: dict[Column, float], shapes: Sequence[float] = SHAPES
) -> list[list[Piece]]:
    """Return the columns of panels that are largest on a sheet of one of these shapes."""
    pile = list(_shelved(pieces, at))
    return max(
        (_strips(pile, count) for count in range(1, min(MOST, len(pile)) + 1)),
        key=lambda strips: _size_on_a_page(strips, at, shapes),
    )


def _shelved(pieces: Iterable[Piece], at: dict[Column, float]) -> Iterator[Piece]:
    """The parts of each place, with those without lines in rows at its end."""
    for home, members in groupby(pieces, key=lambda piece: piece.home):
        loose: list[Placed] = []
        for piece in members:
            if piece.part.routes:
                yield piece
            else:
                loose += piece.units or (piece.part,)
        last = 3 if home[1] not in ("", "*") else 4
        end = max((x for (major, _), x in at.items() if major <= last), default=0.0) + WIDE + PAD
        left = min((x for (major, _), x in at.items() if major >= (2 if home[0] else 0)), default=0)
        yield from (Piece(home, row, units) for row, units in pack(loose, left, end))


def _strips(pieces: list[Piece], count: int) -> list[list[Piece]]:
    """Split the pile of pieces into at most this many columns, with the tallest as low as
    possible."""
    low = max(piece.part.high + BREATH for piece in pieces)
    high = sum(piece.part.high + BREATH for piece in pieces)
    while high - low > 1:
        limit = (low + high) / 2
        low, high = (low, limit) if len(_cut(pieces, limit)) <= count else (limit, high)
    return _cut(pieces, high)


def _cut(pieces: list[Piece], limit: float) -> list[list[Piece]]:
    """Columns of at most this height."""
    strips: list[list[Piece]] = [[]]
    y = 0.0
    for piece in pieces:
        if strips[-1] and y + piece.part.high > limit:
            strips.append([])
            y = 0.0
        strips[-1].append(piece)
        y += piece.part.high + BREATH
    return strips


def _size_on_a_page(
    strips: list[list[Piece]], at: dict[Column, float], shapes: Sequence[float]
) -> float:
    """How large these columns can be drawn on the most suitable page."""
    wide = sum(right(columns(strip, at)) + GUTTER for strip in strips)
    high = max(sum(piece.part.high + BREATH for piece in strip) for strip in strips)
    return max(min(math.sqrt(shape) / wide, 1 / math.sqrt(shape) / high) for shape in shapes)


def columns(strip: list[Piece], at: dict[Column, float]) -> dict[Column, float]:
    """Return the columns of a strip: those used by a part in an account, or else any. Rows take the
    room from the first of their columns to the last."""
    used = _ruled([piece for piece in strip if piece.home[0]] or strip, at)
    if any(piece.part.routes for piece in strip):
        return used
    return ruler(column for column in at if min(used) <= column <= max(used))


def _ruled(pieces: list[Piece], at: dict[Column, float]) -> dict[Column, float]:
    """The positions of these columns next to one another."""
    used = {spot.x for _, part, units in pieces for unit in units or (part,) for spot in unit.spots}
    return ruler(column for column, x in at.items() if x in used)


def narrow(strip: list[Piece], at: dict[Column, float], chosen: dict[Column, float]) -> list[Piece]:
    """Return a strip in its own columns. Rows are packed again, and what is in no account uses its
    own columns where the strip lacks them."""

    def set_in(piece: Piece) -> Piece:
        own = _ruled([piece], at)
        to = chosen if own.keys() <= chosen.keys() else own
        part = piece.part if piece.units else moved(piece.part, at, to)
        return Piece(piece.home, part, tuple(moved(unit, at, to) for unit in piece.units))

    return list(_shelved(map(set_in, strip), chosen))


def right(ruled: dict[Column, float]) -> float:
    """Return the right end of the last column."""
    return max(ruled.values()) + WIDE
