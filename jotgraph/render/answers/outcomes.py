"""How each step of a run ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from jotgraph.records import kind_of, shortened
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.plan import NOWHERE, name_without_kind, place_said
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Group

    from jotgraph.plan.outcome import (
        Outcome,
        Receipt,
        ReleaseOutcome,
        ReleaseReceipt,
        UndoOutcome,
        UndoReceipt,
    )

    Ended: TypeAlias = Outcome | UndoOutcome | ReleaseOutcome
    PutBack: TypeAlias = UndoReceipt | ReleaseReceipt


def writers() -> Writers[Receipt]:
    """A writer for each format, of the receipt of a run."""
    return table_like(as_table, json_text, csv_rows, markdown_rows)


def undo_writers() -> Writers[PutBack]:
    """A writer for each format, of what came back."""
    return table_like(undone, json_text, csv_rows, markdown_rows)


_STYLES = {
    "done": "green", "skipped": "yellow", "refused": "yellow",
    "restored": "green", "there": "green", "cannot": "yellow", "released": "green",
    "changed": "yellow",
}  # fmt: skip


def as_table(made: Receipt) -> Group:
    """A row for every step, one line of counts, and where the journal is."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    said = f"\n{counted(made.outcomes)}\nRun {made.run}, journal {made.journal}"
    return Group(_rows(made.outcomes), Text(said))


def undone(made: PutBack) -> Group:
    """A row for everything that was to come back."""
    return _rows(made.outcomes)


def csv_rows(made: Receipt | PutBack) -> TextTable:
    """A row for each resource."""
    return TextTable(
        ("status", "kind", "resource", "because"),
        [
            (outcome.status, kind_of(outcome.id), outcome.id, outcome.because)
            for outcome in made.outcomes
        ],
    )


def markdown_rows(made: Receipt | PutBack) -> TextTable:
    """The same with short names."""
    return TextTable(
        ("Outcome", "Resource", "Because"),
        [
            (
                outcome.status,
                f"{kind_of(outcome.id)} {name_without_kind(outcome.id)}",
                shortened(outcome.because),
            )
            for outcome in made.outcomes
        ],
    )


def _rows(ended: Sequence[Ended]) -> Group:
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    here = place_said(each.id for each in ended)
    table = Table(box=None, pad_edge=False)
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Resource", overflow="fold")
    table.add_column("Because", style="dim", overflow="fold")
    for each in ended:
        style = _STYLES.get(str(each.status), "bold red")
        kind = kind_of(each.id)
        words = Text(str(each.status), style=style)
        name = f"{kind} {name_without_kind(each.id)}".replace(here, "").replace("@sha256:", "@")
        table.add_row(words, name, shortened(each.because).replace(here, ""))
    if here == NOWHERE:
        return Group(table)
    return Group(Text(here.rstrip("/").replace("/", " "), style="dim"), table)


def counted(ended: Iterable[Ended]) -> str:
    """``8 done, 1 refused, 2 skipped``."""
    counts = Counter(str(each.status) for each in ended)
    order = ("done", "refused", "failed", "skipped")
    found = [f"{counts[each]} {each}" for each in order if counts[each]]
    return ", ".join(found) or "nothing to do"
