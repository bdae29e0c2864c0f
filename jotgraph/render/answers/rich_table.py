"""A plain table for a terminal that breaks no word: columns shrink when it is narrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from jotgraph.render.answers.fitted import Column, Fitted, Narrowing, Shortening

if TYPE_CHECKING:
    from rich.console import Group

_NAME = 28
"""Columns that names keep in the narrowest terminal; a longer one has a line of its own."""


def rich_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    key: str,
    sentence: str = "",
    out: Sequence[str] = (),
) -> Fitted | Group:
    """Return a table with one line a row; None without rows. ``key`` is the heading of the names,
    which stay whole. ``sentence`` is the heading of the last column, whose text wraps below itself,
    or below its row. ``out`` are the columns to leave out, the least important first."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    cells = [[cell if isinstance(cell, Text) else Text(str(cell)) for cell in row] for row in rows]
    if not cells:
        return Group()
    columns = dict(zip(headings, map(list, zip(*cells, strict=True)), strict=True))
    reasons = columns.pop(sentence, ())
    return Fitted(
        [Column(heading, [of_rows]) for heading, of_rows in columns.items()],
        (
            Narrowing(key, Shortening.OWN_LINE),
            *(Narrowing(heading, Shortening.OUT) for heading in out),
        ),
        key,
        _NAME,
        reasons,
        sentence or "Because",
    )
