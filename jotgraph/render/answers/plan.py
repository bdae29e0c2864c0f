"""A plan: its steps in order, what blocks, and what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from jotgraph.analysis.costs.model import price_words
from jotgraph.plan.limits import Limits, exceeded
from jotgraph.plan.model import Action, Block, Kept, Plan, Step
from jotgraph.records import Kind, kind_of
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.plan_script import as_script, context
from jotgraph.render.answers.short_ids import (
    place_words,
    shared_place,
    short_id,
    short_key,
    without_place,
)
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like
from jotgraph.render.words import size

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, Group
    from rich.table import Table
    from rich.text import Text

_ENDLESS = 100_000
"""Columns of a terminal in which nothing is broken."""
_LEAST = 17
"""Columns that the reasons keep in the narrowest terminal."""
_LISTED = 200
"""Rows of one list shown; the JSON has all."""


def writers() -> Writers[Plan]:
    """A writer for each format."""
    return table_like(as_table, json_text, csv_rows, markdown_rows, sh=as_script)


def as_table(plan: Plan) -> Group:
    """Steps in order, then blocks, then what is kept, then the sum."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    rows: tuple[Step | Block | Kept, ...] = (*plan.steps, *plan.blocks, *plan.kept, *plan.left)
    place = shared_place(row.id for row in rows)
    parts: list[_Fitted | Text] = []
    if place:
        parts.append(Text(place_words(place), style="dim"))
    if plan.steps:
        parts.append(_Fitted(_steps(plan, place)))
    parts += _listed("Blocked", plan.blocks, place)
    parts += _listed("Left for the sweep", plan.left, place)
    parts += _listed("Kept", plan.kept, place)
    parts.append(Text(("\n" if parts else "") + summary(plan)))
    return Group(*parts)


def _steps(plan: Plan, place: str) -> Table:
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw

    table = Table(box=None, pad_edge=False)
    table.add_column("#", justify="right", style="dim")
    head, style = ("Set aside", "yellow") if plan.quarantine else ("Delete", "red")
    table.add_column(head, style=style, no_wrap=True)
    table.add_column("Resource", overflow="fold")
    table.add_column("" if plan.quarantine else "Frees", justify="right", no_wrap=True)
    table.add_column("Because", style="dim", overflow="fold")
    before = ""
    for number, step in enumerate(plan.steps[:_LISTED], 1):
        because = without_place(step.because, place)
        name = short_key(step.id, place).replace("@sha256:", "@")
        repeated = "″" if because == before else because
        table.add_row(str(number), kind_of(step.id), name, freed(step), repeated)
        before = because
    return table


def _listed(title: str, rows: Sequence[Block | Kept], place: str) -> Iterator[Text]:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    if rows:
        yield Text(f"\n{title}", style="bold")
    for row in rows[:_LISTED]:
        yield Text(f"  {short_id(row.id, place)}: {without_place(row.because, place)}")
    if len(rows) > _LISTED:
        yield Text(f"  … and {len(rows) - _LISTED} more (--format json lists them)")


class _Fitted(NamedTuple):
    """A table whose last column, of words, gives way first where the terminal is too narrow: names
    and digests in the others are broken only when they must be."""

    table: Table

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Table]:
        natural = console.measure(self.table, options=options.update_width(_ENDLESS))
        if natural.maximum > options.max_width:
            words = self.table.columns[-1]
            words.ratio, words.width, self.table.expand = 1, _LEAST, True
        yield self.table


def csv_rows(plan: Plan) -> TextTable:
    """A row for each step in order, then for each resource that is blocked, left for the sweep or
    kept. ``bytes`` is empty where only an upper bound is known."""
    rows: list[tuple[object, ...]] = [
        (
            "step",
            number,
            step.action,
            kind_of(step.id),
            step.id,
            None if step.at_most else step.bytes,
            step.bytes,
            step.because,
        )
        for number, step in enumerate(plan.steps, 1)
    ]
    for part, resources in (("block", plan.blocks), ("left", plan.left), ("kept", plan.kept)):
        rows += [
            (part, None, None, kind_of(row.id), row.id, None, None, row.because)
            for row in resources
        ]
    return TextTable(
        (
            "part", "number", "action", "kind", "resource", "bytes", "bytes_upper_bound", "because",
        ),
        rows,
    )  # fmt: skip


def markdown_rows(plan: Plan) -> TextTable:
    """The same with short names."""
    goes = "set aside" if plan.quarantine else "delete"
    rows = [
        (goes, short_id(step.id), freed(step), without_place(step.because)) for step in plan.steps
    ]
    for part, resources in (
        ("blocked", plan.blocks),
        ("left for the sweep", plan.left),
        ("kept", plan.kept),
    ):
        rows += [(part, short_id(row.id), "", without_place(row.because)) for row in resources]
    return TextTable(("What", "Resource", "Frees", "Because"), rows)


def summary(plan: Plan) -> str:
    """How much goes, what that frees, and whether it may be applied."""
    steps = counted(len(plan.steps), "step")
    counts = f"{steps}, {len(plan.blocks)} blocked, {len(plan.kept)} kept"
    lines = _of_quarantine(plan, counts) if plan.quarantine else [counts]
    most = "at most " if plan.at_most else ""
    sizes = [
        f"{most}{size(count)} {where}"
        for count, where in ((plan.ecr_bytes, "in ECR"), (plan.local_bytes, "on this machine"))
        if count
    ]
    if sizes:
        lines[0] += f"; frees {' and '.join(sizes)}"
    if plan.dollars_a_month:
        lines.append(f"That costs {most}${plan.dollars_a_month:,.2f} a month ({price_words()})")
    if lost := _lost(plan):
        lines.append(f"Undo cannot bring back {lost}")
    if plan.over:
        lines.append(f"Over the limit: {plan.over}; jotgraph apply will refuse it")
    if more := exceeded(plan, Limits()):
        lines.append(f"More than jotgraph apply allows unless it is told: {more}")
    lines += context(plan)
    if plan.undecided:
        unread = ", ".join(plan.undecided)
        lines.append(f"Incomplete: whether {unread} use what was asked for was not read")
    if plan.unread:
        named = " ".join(f"--accept-gaps {name}" for name in plan.unread)
        lines.append(f"Incomplete: what was not read could change it; jotgraph apply needs {named}")
    return "\n".join([*lines, f"Valid until {plan.expires_at:%Y-%m-%d %H:%M} UTC"])


def _lost(plan: Plan) -> str:
    """What no undo of a plan brings back, whatever copies are kept; empty for nothing."""
    if plan.quarantine:
        return ""
    kinds = Counter(kind_of(step.id) for step in plan.steps)
    parts = [
        f"{counted(kinds[kind], word)}{how}"
        for kind, word, how in (
            (Kind.VERSION, "version", " under its number"),
            (Kind.CONTAINER, "container", ""),
        )
        if kinds[kind]
    ]
    if plan.without_copy:
        parts.append(f"{counted(len(plan.without_copy), 'resource')} without a copy")
    return ", ".join(parts)


def _of_quarantine(plan: Plan, counts: str) -> list[str]:
    lines = [
        f"Quarantine: {counts}, {len(plan.left)} left for the sweep; nothing is deleted",
        "jotgraph release restores it, jotgraph sweep deletes it later",
    ]
    actions = {step.action for step in plan.steps}
    if Action.ARCHIVE_IMAGE in actions:
        lines.append("ECR charges an archived image for 90 days, even if it is deleted earlier")
    if Action.DISABLE_TRIGGER in actions:
        lines.append(
            "Messages for a disabled trigger wait in its source, and are lost after its retention "
            "(SQS: 4 days by default, streams: 1 day)"
        )
    return lines


def freed(step: Step) -> str:
    """What a step frees, in words."""
    return size(step.bytes or None, step.at_most)
