"""A plain table for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table


def rich_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Table | Group:
    """A plain table: bold headings, two blanks between columns, words wrapped; nothing without a
    row."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)  # type: ignore[arg-type] # text or rich Text
    return table if table.row_count else Group()
