"""The snapshots that are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotgraph.queries.answers.snapshots import StoredSnapshots
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like
from jotgraph.render.words import size

if TYPE_CHECKING:
    from rich.console import Group


def writers() -> Writers[StoredSnapshots]:
    """A writer for each format."""
    return table_like(as_table, json_text, csv_rows, markdown_rows)


def as_table(answer: StoredSnapshots) -> Group:
    """A row for each snapshot, and what all take."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    rows = markdown_rows(answer)
    table = rich_table(rows.headings, rows.rows, key="Snapshot", out=("Layers",))
    words = f"{counted(len(answer.snapshots), 'snapshot')}, {size(answer.bytes)}, in "
    return Group(*([table] if answer.snapshots else []), Text(f"{words}{answer.location}"))


def csv_rows(answer: StoredSnapshots) -> TextTable:
    """A row for each snapshot."""
    return TextTable(
        ("snapshot", "taken_at", "records", "layers", "bytes_added", "problem"),
        [
            (
                snapshot.ref,
                snapshot.taken_at,
                snapshot.records,
                snapshot.layers,
                snapshot.added,
                snapshot.problem,
            )
            for snapshot in answer.snapshots
        ],
    )


def markdown_rows(answer: StoredSnapshots) -> TextTable:
    """The same in words."""
    return TextTable(
        ("Snapshot", "Taken (UTC)", "Records", "Layers", "Added"),
        [
            (
                snapshot.ref,
                f"{snapshot.taken_at:%Y-%m-%d %H:%M}" if snapshot.taken_at else snapshot.problem,
                f"{snapshot.records:,}",
                str(snapshot.layers or ""),
                size(snapshot.added),
            )
            for snapshot in answer.snapshots
        ],
    )
