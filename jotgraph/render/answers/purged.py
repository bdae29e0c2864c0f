"""Backups that were purged, are due, or are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like
from jotgraph.render.words import day, size

if TYPE_CHECKING:
    from rich.console import Group

    from jotgraph.plan.purged import PurgeReceipt


def writers() -> Writers[PurgeReceipt]:
    """A writer for each format."""
    return table_like(as_table, json_text, csv_rows, markdown_rows)


def as_table(receipt: PurgeReceipt) -> Group:
    """Return a row for each run that has a backup, and the bytes freed."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    rows = markdown_rows(receipt)
    table = rich_table(rows.headings, rows.rows, key="Run", sentence="Because", out=("Size",))
    going = sum(run.status in ("purged", "due") for run in receipt.runs)
    listed = any(run.status == "due" for run in receipt.runs)
    many = f"{counted(going, 'backup')}, {size(receipt.bytes)}"
    words = many if going else "no backup to remove"
    words += "; nothing was removed: --yes removes them" if listed else ""
    return Group(*([table] if receipt.runs else []), Text(words))


def csv_rows(receipt: PurgeReceipt) -> TextTable:
    """A row for each run that has a backup."""
    rows = ((run.status, run.run, run.ended, run.bytes, run.because) for run in receipt.runs)
    return TextTable(("status", "run", "ended", "bytes", "because"), rows)


def markdown_rows(receipt: PurgeReceipt) -> TextTable:
    """The same with sizes and days in words."""
    rows = [
        (str(run.status), run.run, day(run.ended), size(run.bytes), run.because)
        for run in receipt.runs
    ]
    return TextTable(("Backup", "Run", "Ended (UTC)", "Size", "Because"), rows)
