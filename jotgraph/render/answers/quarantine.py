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


def as_table(report: QuarantineReport) -> Group:
    """A row for everything in quarantine, oldest first; then what other machines hold."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.table import Table  # noqa: PLC0415 -- as above
    from rich.text import Text  # noqa: PLC0415 -- as above

    table = Table(box=None, pad_edge=False)
    for head in ("Since (UTC)", "Run", "State"):
        table.add_column(head, no_wrap=True)
    table.add_column("Resource", overflow="fold")
    table.add_column("Because", style="dim", overflow="fold")
    for resource in report.held:
        state = Text(
            resource.state, style="green" if resource.state in ("quiet", "unseen") else "yellow"
        )
        since = f"{resource.since:%Y-%m-%d %H:%M}"
        table.add_row(since, resource.run, state, short_id(resource.id), resource.because)
    parts: list[Table | Text] = [table] if report.held else []
    for other in report.elsewhere:
        marked = f"{short_id(other.id)}: put in quarantine by run {other.mark}"
        parts.append(Text(f"{marked}; release it where its journal is, or with --marked"))
    if not parts:
        parts.append(Text("nothing is in quarantine"))
    return Group(*parts)


def csv_rows(report: QuarantineReport) -> TextTable:
    """A row for everything in quarantine; what a run of another machine marked is ``elsewhere``."""
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
        ("elsewhere", other.mark, None, kind_of(other.id), other.id, None)
        for other in report.elsewhere
    ]
    return TextTable(("state", "run", "since", "kind", "resource", "because"), rows)


def markdown_rows(report: QuarantineReport) -> TextTable:
    """The same with short names."""
    rows = [
        (
            f"{resource.since:%Y-%m-%d %H:%M}",
            resource.run,
            str(resource.state),
            short_id(resource.id),
            resource.because,
        )
        for resource in report.held
    ]
    rows += [("", other.mark, "elsewhere", short_id(other.id), "") for other in report.elsewhere]
    return TextTable(("Since (UTC)", "Run", "State", "Resource", "Because"), rows)
