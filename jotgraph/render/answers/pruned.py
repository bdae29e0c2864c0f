"""Snapshots that were pruned, are due, or are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotgraph.queries.answers.snapshots import Pruned, PruneStatus
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like
from jotgraph.render.words import size

if TYPE_CHECKING:
    from rich.console import Group


def writers() -> Writers[Pruned]:
    """A writer for each format."""
    return table_like(as_table, json_text, csv_rows, markdown_rows)


def as_table(answer: Pruned) -> Group:
    """Return a row for each snapshot, and the objects removed with them."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    rows = markdown_rows(answer)
    table = rich_table(rows.headings, rows.rows, key="Snapshot", sentence="Because")
    return Group(*([table] if answer.snapshots else []), Text(_words(answer)))


def _words(answer: Pruned) -> str:
    going = sum(snapshot.status is not PruneStatus.KEPT for snapshot in answer.snapshots)
    words = f"{counted(going, 'snapshot')} of {len(answer.snapshots)}, {size(answer.shared)}"
    if any(snapshot.status is PruneStatus.DUE for snapshot in answer.snapshots):
        return f"{words}; nothing was removed: --yes removes them"
    freed = f"; {size(answer.freed)} freed now" if answer.freed else ""
    return f"{words} to be freed by a pruning in a day{freed}" if going else f"{words}{freed}"


def csv_rows(answer: Pruned) -> TextTable:
    """A row for each snapshot."""
    rows = (
        (snapshot.status, snapshot.ref, snapshot.taken_at, snapshot.because)
        for snapshot in answer.snapshots
    )
    return TextTable(("status", "snapshot", "taken_at", "because"), rows)


def markdown_rows(answer: Pruned) -> TextTable:
    """The same in words."""
    rows = [
        (
            str(snapshot.status),
            snapshot.ref,
            f"{snapshot.taken_at:%Y-%m-%d %H:%M}" if snapshot.taken_at else "?",
            snapshot.because,
        )
        for snapshot in answer.snapshots
    ]
    return TextTable(("Fate", "Snapshot", "Taken (UTC)", "Because"), rows)
