"""How each step of a run ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from jotgraph.analysis.coverage import assumption
from jotgraph.records import kind_of, place_of
from jotgraph.records.titles import title
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.fitted import Column, Fitted, Narrowing, Shortening
from jotgraph.render.answers.grid import (
    Named,
    column_forms,
    common_place,
    place_forms,
    place_heading,
    place_prefix,
    titled_by,
)
from jotgraph.render.answers.short_ids import without_place
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Group

    from jotgraph.plan.outcome import Outcome, PutBack, Receipt, ReleaseReceipt, UndoReceipt

    Ended: TypeAlias = Outcome | PutBack[Any]
    Returned: TypeAlias = UndoReceipt | ReleaseReceipt


def writers(named: Named = title) -> Writers[Receipt]:
    """Return a writer for each format of a run's receipt."""
    return table_like(
        partial(as_table, named=named), json_text, csv_rows, partial(markdown_rows, named=named)
    )


def undo_writers() -> Writers[Returned]:
    """Return a writer for each format of an undo's receipt."""
    return table_like(undone, json_text, csv_rows, _markdown_of_undone)


_NAME = 28
"""Columns that names keep in the narrowest terminal; a longer one has a line of its own."""
_GIVING_WAY = (
    Narrowing("Place"),
    Narrowing("Resource", Shortening.OWN_LINE),
    Narrowing("Place", Shortening.OUT),
)
_STYLES = {
    "done": "green", "skipped": "yellow", "refused": "yellow",
    "restored": "green", "removed": "green", "there": "green", "cannot": "yellow",
    "released": "green", "changed": "yellow", "gone": "yellow",
}  # fmt: skip


def as_table(receipt: Receipt, *, named: Named = title) -> Group:
    """Return a row for every step, a line of counts, and the path of the journal."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    assumed = assumption(receipt.assumed)
    lines = [counted(receipt.outcomes), *([assumed] if assumed else [])]
    where = [f"Run {receipt.run}, journal {receipt.journal}"] if receipt.run else []
    footer = "\n".join(["", *lines, *where])
    return Group(_rows(receipt.outcomes, named), Text(footer))


def undone(receipt: Returned) -> Group:
    """Return a row for everything that was to be restored."""
    return _rows(receipt.outcomes, partial(titled_by, receipt.titles))


def _markdown_of_undone(receipt: Returned) -> TextTable:
    return markdown_rows(receipt, named=partial(titled_by, receipt.titles))


def csv_rows(receipt: Receipt | Returned) -> TextTable:
    """A row for each resource."""
    return TextTable(
        ("status", "kind", "resource", "because"),
        [
            (outcome.status, kind_of(outcome.id), outcome.id, outcome.because)
            for outcome in receipt.outcomes
        ],
    )


def markdown_rows(receipt: Receipt | Returned, *, named: Named = title) -> TextTable:
    """Return the table with short names."""
    return TextTable(
        ("Outcome", "Kind", "Resource", "Place", "Because"),
        [
            (
                outcome.status,
                kind_of(outcome.id).value,
                named(outcome.id),
                " ".join(filter(None, place_of(outcome.id))),
                without_place(outcome.because),
            )
            for outcome in receipt.outcomes
        ],
    )


def _rows(ended: Sequence[Ended], named: Named) -> Group:
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    if not ended:
        return Group()
    shared = common_place(place_of(outcome.id) for outcome in ended)
    statuses = [str(outcome.status) for outcome in ended]
    columns = [
        Column("Outcome", [[Text(status, _STYLES.get(status, "bold red")) for status in statuses]]),
        Column("Kind", [[Text(kind_of(outcome.id).value) for outcome in ended]]),
        Column("Resource", [[Text(named(outcome.id)) for outcome in ended]]),
        Column("Place", column_forms([place_forms(outcome.id, shared) for outcome in ended])),
    ]
    prefix = place_prefix(shared)
    reasons = [Text(without_place(outcome.because, prefix), "dim") for outcome in ended]
    return Group(*place_heading(shared), Fitted(columns, _GIVING_WAY, "Resource", _NAME, reasons))


def counted(ended: Iterable[Ended]) -> str:
    """``8 done, 1 refused, 2 skipped``."""
    counts = Counter(str(outcome.status) for outcome in ended)
    order = ("done", "refused", "failed", "skipped")
    words = [f"{counts[status]} {status}" for status in order if counts[status]]
    return ", ".join(words) or "nothing to do"
