"""How each step of a run ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from jotgraph.analysis.coverage import assumption
from jotgraph.records import kind_of
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.short_ids import (
    place_words,
    shared_place,
    short_id,
    without_place,
)
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Group

    from jotgraph.plan.outcome import Outcome, PutBack, Receipt, ReleaseReceipt, UndoReceipt

    Ended: TypeAlias = Outcome | PutBack[Any]
    Returned: TypeAlias = UndoReceipt | ReleaseReceipt


def writers() -> Writers[Receipt]:
    """A writer for each format, of the receipt of a run."""
    return table_like(as_table, json_text, csv_rows, markdown_rows)


def undo_writers() -> Writers[Returned]:
    """A writer for each format, of what came back."""
    return table_like(undone, json_text, csv_rows, markdown_rows)


_STYLES = {
    "done": "green", "skipped": "yellow", "refused": "yellow",
    "restored": "green", "there": "green", "cannot": "yellow", "released": "green",
    "changed": "yellow", "gone": "yellow",
}  # fmt: skip


def as_table(receipt: Receipt) -> Group:
    """A row for every step, one line of counts, and where the journal is."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    assumed = assumption(receipt.assumed)
    lines = [counted(receipt.outcomes), *([assumed] if assumed else [])]
    footer = "\n".join(["", *lines, f"Run {receipt.run}, journal {receipt.journal}"])
    return Group(_rows(receipt.outcomes), Text(footer))


def undone(receipt: Returned) -> Group:
    """A row for everything that was to come back."""
    return _rows(receipt.outcomes)


def csv_rows(receipt: Receipt | Returned) -> TextTable:
    """A row for each resource."""
    return TextTable(
        ("status", "kind", "resource", "because"),
        [
            (outcome.status, kind_of(outcome.id), outcome.id, outcome.because)
            for outcome in receipt.outcomes
        ],
    )


def markdown_rows(receipt: Receipt | Returned) -> TextTable:
    """The same with short names."""
    return TextTable(
        ("Outcome", "Resource", "Because"),
        [
            (
                outcome.status,
                short_id(outcome.id),
                without_place(outcome.because),
            )
            for outcome in receipt.outcomes
        ],
    )


def _rows(ended: Sequence[Ended]) -> Group:
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    place = shared_place(outcome.id for outcome in ended)
    table = Table(box=None, pad_edge=False)
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Resource", overflow="fold")
    table.add_column("Because", style="dim", overflow="fold")
    for outcome in ended:
        status = Text(str(outcome.status), _STYLES.get(str(outcome.status), "bold red"))
        name = short_id(outcome.id, place).replace("@sha256:", "@")
        table.add_row(status, name, without_place(outcome.because, place))
    return Group(Text(place_words(place), style="dim"), table) if place else Group(table)


def counted(ended: Iterable[Ended]) -> str:
    """``8 done, 1 refused, 2 skipped``."""
    counts = Counter(str(outcome.status) for outcome in ended)
    order = ("done", "refused", "failed", "skipped")
    words = [f"{counts[status]} {status}" for status in order if counts[status]]
    return ", ".join(words) or "nothing to do"
