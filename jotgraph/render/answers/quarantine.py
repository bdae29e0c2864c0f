"""What runs have set aside, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotgraph.records import kind_of
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.short_ids import short_id
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Group

    from jotgraph.plan.held import QuarantineReport


def writers() -> Writers[QuarantineReport]:
    """A writer for each format."""
    return table_like(as_table, json_text, csv_rows, markdown_rows)


def as_table(found: QuarantineReport) -> Group:
    """A row for everything in quarantine, oldest first; then what other machines hold."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.table import Table  # noqa: PLC0415 -- as above
    from rich.text import Text  # noqa: PLC0415 -- as above

    table = Table(box=None, pad_edge=False)
    for head in ("Since (UTC)", "Run", "State"):
        table.add_column(head, no_wrap=True)
    table.add_column("Resource", overflow="fold")
    table.add_column("Because", style="dim", overflow="fold")
    for held in found.held:
        state = Text(held.state, style="green" if held.state == "quiet" else "yellow")
        since = f"{held.since:%Y-%m-%d %H:%M}"
        table.add_row(since, held.run, state, short_id(held.id), held.because)
    parts: list[Table | Text] = [table] if found.held else []
    for other in found.elsewhere:
        marked = f"{short_id(other.id)}: put in quarantine by run {other.mark}"
        parts.append(Text(f"{marked}; it can be released only where its journal is"))
    if not parts:
        parts.append(Text("nothing is in quarantine"))
    return Group(*parts)


def csv_rows(found: QuarantineReport) -> TextTable:
    """A row for everything in quarantine; what a run of another machine marked is ``elsewhere``."""
    rows: list[tuple[object, ...]] = [
        (held.state, held.run, held.since, kind_of(held.id), held.id, held.because)
        for held in found.held
    ]
    rows += [
        ("elsewhere", other.mark, None, kind_of(other.id), other.id, None)
        for other in found.elsewhere
    ]
    return TextTable(("state", "run", "since", "kind", "resource", "because"), rows)


def markdown_rows(found: QuarantineReport) -> TextTable:
    """The same with short names."""
    rows = [
        (
            f"{held.since:%Y-%m-%d %H:%M}",
            held.run,
            str(held.state),
            short_id(held.id),
            held.because,
        )
        for held in found.held
    ]
    rows += [("", other.mark, "elsewhere", short_id(other.id), "") for other in found.elsewhere]
    return TextTable(("Since (UTC)", "Run", "State", "Resource", "Because"), rows)
