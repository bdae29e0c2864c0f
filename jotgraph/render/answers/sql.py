"""The rows that an SQL query selected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from jotgraph.graph import About
from jotgraph.queries.answers.dataset import Selected
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import RenderableType


def writers(about: About) -> Writers[Selected]:
    """A writer for each format."""
    return table_like(as_table, partial(as_json, about), csv_rows, markdown_rows)


_PLAN = "explain_value"
"""The column in which DuckDB draws a plan, of many lines."""


def as_table(selected: Selected) -> RenderableType:
    """Return the rows as text; a column of nulls is kept, because it was requested."""
    headings = _told_apart(selected.columns)
    plan = [column == _PLAN for column in selected.columns]
    rows = [
        [(_text(cell) if drawn else _line(cell)) for cell, drawn in zip(row, plan, strict=True)]
        for row in selected.rows
    ]
    return rich_table(headings, rows, key=next(iter(headings), ""))


def as_json(about: About, selected: Selected) -> str:
    """Columns and rows."""
    body = {
        "scan": selected.scan,
        "columns": selected.columns,
        "rows": selected.rows,
        "left_out": selected.left_out,
    }
    return answer_text("sql", about, body)


def csv_rows(selected: Selected) -> TextTable:
    """The rows as they were selected."""
    return TextTable(selected.columns, selected.rows)


def markdown_rows(selected: Selected) -> TextTable:
    """The rows as text; nothing for null."""
    return TextTable(selected.columns, [[_text(cell) for cell in row] for row in selected.rows])


def _told_apart(columns: Sequence[str]) -> list[str]:
    """The names of columns, with repeated ones numbered: ``n``, ``n 2``."""
    times: Counter[str] = Counter()
    headings = []
    for column in columns:
        times[column] += 1
        headings.append(column if times[column] == 1 else f"{column} {times[column]}")
    return headings


def _line(cell: object) -> str:
    """A value in one line: what follows a line break would look like a row of its own."""
    return "\N{REPLACEMENT CHARACTER}".join(_text(cell).splitlines()) or " "


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return ", ".join(map(_text, cell)) if isinstance(cell, list) else str(cell)
