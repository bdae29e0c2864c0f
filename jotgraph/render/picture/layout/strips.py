"""Cut the parts of a page into columns of panels, as many as make it largest on a sheet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from jotgraph.render.picture.layout.columns import moved
from jotgraph.render.picture.layout.geometry import PAD, WIDE, Column, Placed, ruler
from jotgraph.render.picture.layout.packing import pack

BREATH = 26.0
"""Between two parts of a panel."""
GUTTER = 36.0
"""Between two columns of panels."""
SHAPES = (1.6, 1 / math.sqrt(2))
"""Width by height of a slide and of an upright sheet."""
MOST = 8
"""Most columns of panels."""

PanelPlace = tuple[str, str]


class Piece(NamedTuple):
    """What goes into one column of panels as it is: a part, or a row of things without lines."""

    home: PanelPlace
    part: Placed
    units: tuple[Placed, ...] = ()
    """The things of a row, each where its own column is."""


def strips_of(
    pieces: Iterable[Piece], at: dict[Column, float], shapes: Sequence[float] = SHAPES
) -> list[list[Piece]]:
    """The columns of panels that are largest on a sheet of one of these shapes."""
    pile = list(_shelved(pieces, at))
    return max(
        (_strips(pile, count) for count in range(1, min(MOST, len(pile)) + 1)),
        key=lambda strips: _size_on_a_page(strips, at, shapes),
    )


def _shelved(pieces: Iterable[Piece], at: dict[Column, float]) -> Iterator[Piece]:
    """The parts of each place, those that no line touches in rows at its end."""
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
    """Cut the pile of pieces into at most so many columns, the tallest as low as can be."""
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
    """How large these columns can be drawn on the page that suits them best."""
    wide = sum(right(columns(strip, at)) + GUTTER for strip in strips)
    high = max(sum(piece.part.high + BREATH for piece in strip) for strip in strips)
    return max(min(math.sqrt(shape) / wide, 1 / math.sqrt(shape) / high) for shape in shapes)


def columns(strip: list[Piece], at: dict[Column, float]) -> dict[Column, float]:
    """The columns of a strip: those that a part in an account is in, or else any. What stands in
    rows has room from the first of its columns to the last."""
    used = _ruled([piece for piece in strip if piece.home[0]] or strip, at)
    if any(piece.part.routes for piece in strip):
        return used
    return ruler(column for column in at if min(used) <= column <= max(used))


def _ruled(pieces: list[Piece], at: dict[Column, float]) -> dict[Column, float]:
    """The columns that these are in, next to one another."""
    used = {spot.x for _, part, units in pieces for unit in units or (part,) for spot in unit.spots}
    return ruler(column for column, x in at.items() if x in used)


def narrow(strip: list[Piece], at: dict[Column, float], chosen: dict[Column, float]) -> list[Piece]:
    """A strip in its own columns; what stands in rows is set anew, and what is in no account and
    has columns that the strip has not, in those."""

    def set_in(piece: Piece) -> Piece:
        own = _ruled([piece], at)
        to = chosen if own.keys() <= chosen.keys() else own
        part = piece.part if piece.units else moved(piece.part, at, to)
        return Piece(piece.home, part, tuple(moved(unit, at, to) for unit in piece.units))

    return list(_shelved(map(set_in, strip), chosen))


def right(ruled: dict[Column, float]) -> float:
    """The right end of the last column."""
    return max(ruled.values()) + WIDE
