"""The estimated calls of a scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotgraph.graph import About
from jotgraph.queries.answers.estimate import Estimate
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.grid import account_words
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import RenderableType

_SHOWN = 10


def writers(about: About) -> Writers[Estimate]:
    """A writer for each format."""
    return table_like(as_table, lambda estimate: as_json(about, estimate), csv_rows, markdown_rows)


def as_json(about: About, estimate: Estimate) -> str:
    """Return all limits, and the calls by name."""
    body = {
        "calls": estimate.calls,
        "seconds": estimate.seconds,
        "binds": estimate.binds,
        "by_call": dict(estimate.by_call),
        "limits": estimate.limits,
        "known": estimate.known,
        "unknown": estimate.unknown,
    }
    return answer_text("estimate", about, body)


def as_table(estimate: Estimate) -> RenderableType:
    """Return the limits that take longest."""
    rows = markdown_rows(estimate)
    return rich_table(rows.headings, [*rows.rows][:_SHOWN], key="Limit", sentence="")


def csv_rows(estimate: Estimate) -> TextTable:
    """A row for each limit."""
    return TextTable(
        ("account", "region", "quota", "calls", "rate", "seconds"),
        [
            (limit.account, limit.region, limit.quota, limit.calls, limit.rate, limit.seconds)
            for limit in estimate.limits
        ],
    )


def markdown_rows(estimate: Estimate) -> TextTable:
    """Return the table in words."""
    names = dict(estimate.names)
    return TextTable(
        ("Limit", "Place", "Calls", "A second", "Seconds"),
        [
            (
                limit.quota,
                f"{account_words(limit.account, names)} {limit.region}",
                f"{limit.calls:,}",
                f"{limit.rate:g}",
                f"{limit.seconds:,.1f}",
            )
            for limit in estimate.limits
        ],
    )


def note(estimate: Estimate) -> str:
    """``12,345 calls, 54 s at least, bound by lambda of 111122223333 in eu-west-1``."""
    unknown = (
        f"; {counted(estimate.unknown, 'place')} nobody has scanned, counted as empty"
        if estimate.unknown
        else ""
    )
    return (
        f"{counted(estimate.calls, 'call')}, {estimate.seconds:,.1f} s at least, bound by "
        f"{estimate.binds}{unknown}"
    )


def more_limits(estimate: Estimate) -> str:
    """Return how many limits the table leaves out; empty for none."""
    left = len(estimate.limits) - _SHOWN
    return f"{left:,} more below these (--format csv lists all)" if left > 0 else ""
