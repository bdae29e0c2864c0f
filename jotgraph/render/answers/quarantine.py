"""Resources in quarantine, and their states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from jotgraph.records import kind_of, place_of
from jotgraph.records.quarantine import mark_in_text
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
)
from jotgraph.render.answers.short_ids import without_place
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Group, RenderableType

    from jotgraph.plan.held import HeldResource, QuarantineReport

_NAME = 28
"""Columns that names keep in the narrowest terminal; a longer one has a line of its own."""
_GIVING_WAY = (
    Narrowing("Place"),
    Narrowing("Resource", Shortening.OWN_LINE),
    Narrowing("Place", Shortening.OUT),
    Narrowing("Since (UTC)", Shortening.OUT),
    Narrowing("Kind", Shortening.OUT),
)


def writers(named: Named = title) -> Writers[QuarantineReport]:
    """A writer for each format."""
    return table_like(
        partial(as_table, named=named), json_text, csv_rows, partial(markdown_rows, named=named)
    )


def as_table(report: QuarantineReport, *, named: Named = title) -> Group:
    """Return a row for everything in quarantine, oldest first; then what other machines hold."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    parts: list[RenderableType] = [_held(report.held, named)] if report.held else []
    for foreign in report.elsewhere:
        marked = (
            f"{kind_of(foreign.id)} {named(foreign.id)}: put in quarantine by run {foreign.mark}"
        )
        mark = mark_in_text(foreign.mark)
        here = f"or take it over: jotgraph sweep --take-over {mark.run if mark else ''}"
        parts.append(Text(f"{marked}; release or sweep it where its journal is, {here}"))
    if not parts:
        parts.append(Text("nothing is in quarantine"))
    return Group(*parts)


def _held(holdings: Sequence[HeldResource], named: Named) -> Group:
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    shared = common_place(place_of(resource.id) for resource in holdings)
    style = {"quiet": "green", "unseen": "green"}
    columns = [
        Column("State", [[Text(mark.state, style.get(mark.state, "yellow")) for mark in holdings]]),
        Column("Kind", [[Text(kind_of(mark.id).value) for mark in holdings]]),
        Column("Resource", [[Text(named(mark.id)) for mark in holdings]]),
        Column("Since (UTC)", [[Text(f"{mark.since:%Y-%m-%d %H:%M}") for mark in holdings]]),
        Column("Run", [[Text(mark.run) for mark in holdings]]),
        Column("Place", column_forms([place_forms(mark.id, shared) for mark in holdings])),
    ]
    prefix = place_prefix(shared)
    reasons = [Text(without_place(mark.because, prefix), "dim") for mark in holdings]
    table = Fitted(columns, _GIVING_WAY, "Resource", _NAME, reasons)
    return Group(*place_heading(shared), table)


def note(report: QuarantineReport) -> str:
    """Return how much is in quarantine, in which states, and what other machines hold."""
    counts = Counter(resource.state.value for resource in report.held)
    states = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    summary = f"{len(report.held)} in quarantine{f': {states}' if states else ''}"
    return summary + (f"; {len(report.elsewhere)} by other machines" if report.elsewhere else "")


def csv_rows(report: QuarantineReport) -> TextTable:
    """Return a row for everything in quarantine; what another machine's run marked is
    ``elsewhere``."""
    rows: list[tuple[object, ...]] = [
        (
            resource.state,
            resource.run,
            resource.since,
            kind_of(resource.id),
            resource.id,
            resource.because,
        )
        for resource in report.held
    ]
    rows += [
        ("elsewhere", foreign.mark, None, kind_of(foreign.id), foreign.id, None)
        for foreign in report.elsewhere
    ]
    return TextTable(("state", "run", "since", "kind", "resource", "because"), rows)


def markdown_rows(report: QuarantineReport, *, named: Named = title) -> TextTable:
    """The same with short names."""
    rows = [
        (
            str(resource.state),
            kind_of(resource.id).value,
            named(resource.id),
            f"{resource.since:%Y-%m-%d %H:%M}",
            resource.run,
            resource.because,
        )
        for resource in report.held
    ]
    rows += [
        ("elsewhere", kind_of(foreign.id).value, named(foreign.id), "", foreign.mark, "")
        for foreign in report.elsewhere
    ]
    return TextTable(("State", "Kind", "Resource", "Since (UTC)", "Run", "Because"), rows)
