"""The number of records of each kind that a scan read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from jotgraph.graph import About
from jotgraph.records import KINDS, Inventory, Kind, Scope, kind_of
from jotgraph.records.kind_traits import Home
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import RenderableType


def writers(about: About, stored: Iterable[str]) -> Writers[Inventory]:
    """Return a writer for each format; ``stored`` are the places where the inventory is stored."""
    return table_like(
        as_table, lambda inventory: as_json(about, inventory, stored), csv_rows, markdown_rows
    )


def as_table(inventory: Inventory) -> RenderableType:
    """Return how many resources of each kind were read, and for which kinds some were not."""
    rows = markdown_rows(inventory)
    return rich_table(rows.headings, rows.rows, key="Kind", sentence="")


def as_json(about: About, inventory: Inventory, stored: Iterable[str]) -> str:
    """Return what a scan read, by kind, and where it is stored."""
    body = {"records": count_kinds(inventory), "stored": list(stored)}
    return answer_text("scan", about, body)


def count_kinds(inventory: Inventory) -> dict[Kind, int]:
    """Return the number of records of every kind in an inventory."""
    counts = Counter(kind_of(record.id) for record in inventory.records())
    return {kind: counts[kind] for kind in Kind}


def csv_rows(inventory: Inventory) -> TextTable:
    """Return a row for each kind; it is complete when nothing unread may hide more."""
    hidden = _hidden(inventory) | _unasked(inventory.scope)
    return TextTable(
        ("kind", "read", "whole"),
        [(kind, number, kind not in hidden) for kind, number in count_kinds(inventory).items()],
    )


def markdown_rows(inventory: Inventory) -> TextTable:
    """The same in words."""
    return TextTable(
        ("Kind", "Read", ""),
        [
            (KINDS[kind].word, str(number), _more(kind, number, inventory))
            for kind, number in count_kinds(inventory).items()
        ],
    )


def _unasked(scope: Scope) -> set[Kind]:
    """Kinds of places that the scan was not asked to read."""
    asked = {
        Home.GIT: bool(scope.git),
        Home.ENGINE: bool(scope.engine),
        Home.REGION: bool(scope.accounts),
        Home.ACCOUNT: bool(scope.accounts),
    }
    unasked = {kind for kind in Kind if not asked[KINDS[kind].home]}
    return unasked if scope.logs else {*unasked, Kind.LOG_GROUP}


def _more(kind: Kind, number: int, inventory: Inventory) -> str:
    if kind in _hidden(inventory):
        return "and maybe more"
    return "not asked for" if not number and kind in _unasked(inventory.scope) else ""


def _hidden(inventory: Inventory) -> set[Kind]:
    return {kind for gap in inventory.gaps for kind in gap.hides}
