"""What was written to a dataset."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from jotgraph.graph import About
from jotgraph.queries.answers.dataset import Exported
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like
from jotgraph.render.words import size

if TYPE_CHECKING:
    from rich.console import RenderableType


def writers(about: About) -> Writers[Exported]:
    """A writer for each format."""
    return table_like(as_table, partial(as_json, about), csv_rows, markdown_rows)


def as_table(exported: Exported) -> RenderableType:
    """How many rows each table has."""
    rows = markdown_rows(exported)
    return rich_table(rows.headings, rows.rows, key="Table", out=("Files", "Size"))


def as_json(about: About, exported: Exported) -> str:
    """Where a scan was written, and how much of it."""
    body = {
        "location": exported.location,
        "scan": exported.scan,
        "tables": exported.tables,
    }
    return answer_text("export", about, body)


def csv_rows(exported: Exported) -> TextTable:
    """A row for each table."""
    return TextTable(
        ("table", "rows", "files", "bytes"),
        [(table.name, table.rows, table.files, table.bytes) for table in exported.tables],
    )


def markdown_rows(exported: Exported) -> TextTable:
    """The same in words."""
    return TextTable(
        ("Table", "Rows", "Files", "Size"),
        [
            (table.name, f"{table.rows:,}", str(table.files), size(table.bytes))
            for table in exported.tables
        ],
    )
