"""A plan: its ordered steps, its blocks, and what is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from jotgraph.analysis.costs.model import price_words
from jotgraph.plan.limits import Limits, exceeded
from jotgraph.plan.model import Action, Block, Kept, Plan, Step
from jotgraph.plan.tags import tags_along
from jotgraph.records import Kind, Place, ResourceId, kind_of, place_of
from jotgraph.records.phrases import ahead, counted, listed
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.fitted import Column, Fitted, Narrowing, Shortening
from jotgraph.render.answers.grid import (
    column_forms,
    common_place,
    place_forms,
    place_heading,
    place_prefix,
    titled_by,
)
from jotgraph.render.answers.plan_script import as_script, context
from jotgraph.render.answers.short_ids import without_place
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like
from jotgraph.render.words import size

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.text import Text

_NAME = 28
"""Columns that names keep in the narrowest terminal; a longer one has a line of its own."""
_GIVING_WAY = (
    Narrowing("Place"),
    Narrowing("Resource", Shortening.OWN_LINE),
    Narrowing("Place", Shortening.OUT),
    Narrowing("Frees", Shortening.OUT),
)
_LISTED = 200
"""The most rows shown of one list; JSON has all."""


def writers(now: datetime | None = None) -> Writers[Plan]:
    """Return a writer for each format; ``now`` is the time for the plan's remaining validity."""
    table = partial(as_table, now=now)
    return table_like(table, json_text, csv_rows, markdown_rows, sh=as_script)


def as_table(plan: Plan, now: datetime | None = None) -> Group:
    """Return the steps in order, then blocks, then what is kept, then the summary."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    rows: tuple[Step | Block | Kept, ...] = (*plan.steps, *plan.blocks, *plan.kept, *plan.left)
    shared = common_place(place_of(row.id) for row in rows)
    parts: list[RenderableType] = [*place_heading(shared)]
    if plan.steps:
        parts.append(_steps(plan, shared))
    parts += _listed("Blocked", plan.blocks, plan, shared)
    parts += _listed("Left for the sweep", plan.left, plan, shared)
    parts += _listed("Kept", plan.kept, plan, shared)
    parts.append(Text(("\n" if parts else "") + summary(plan, now)))
    return Group(*parts)


def _steps(plan: Plan, shared: Place) -> Fitted:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    shown = plan.steps[:_LISTED]
    head, style = ("Set aside", "yellow") if plan.quarantine else ("Delete", "red")
    columns = [
        Column("#", [[Text(str(number), "dim") for number in range(1, len(shown) + 1)]], True),
        Column(head, [[Text(kind_of(step.id).value, style) for step in shown]]),
        Column("Resource", [[Text(titled(plan, step.id)) for step in shown]]),
        Column("Frees", [[Text("" if plan.quarantine else freed(step)) for step in shown]], True),
        Column("Place", column_forms([place_forms(step.id, shared) for step in shown])),
    ]
    return Fitted(columns, _GIVING_WAY, "Resource", _NAME, _reasons(shown, shared))


def _listed(
    heading: str, rows: Sequence[Block | Kept], plan: Plan, shared: Place
) -> Iterator[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    if not rows:
        return
    shown = rows[:_LISTED]
    columns = [
        Column(heading, [[Text(kind_of(row.id).value) for row in shown]]),
        Column("Resource", [[Text(titled(plan, row.id)) for row in shown]]),
        Column("Place", column_forms([place_forms(row.id, shared) for row in shown])),
    ]
    yield Text()
    yield Fitted(columns, _GIVING_WAY, "Resource", _NAME, _reasons(shown, shared))
    if len(rows) > _LISTED:
        yield Text(f"… and {len(rows) - _LISTED} more (--format json lists them)")


def _reasons(rows: Sequence[Step | Block | Kept], shared: Place) -> list[Text]:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    prefix = place_prefix(shared)
    return [Text(without_place(row.because, prefix), "dim") for row in rows]


def titled(plan: Plan, resource: ResourceId) -> str:
    """Return the display name of a resource."""
    return titled_by(plan.titles, resource)


def csv_rows(plan: Plan) -> TextTable:
    """Return a row for each step in order, then for each resource that is blocked, left for the
    sweep or kept. ``bytes`` is empty when only an upper bound is known."""
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
        (goes, *_named(plan, step.id), freed(step), without_place(step.because))
        for step in plan.steps
    ]
    for part, resources in (
        ("blocked", plan.blocks),
        ("left for the sweep", plan.left),
        ("kept", plan.kept),
    ):
        rows += [(part, *_named(plan, row.id), "", without_place(row.because)) for row in resources]
    return TextTable(("Action", "Kind", "Resource", "Place", "Frees", "Because"), rows)


def _named(plan: Plan, resource: ResourceId) -> tuple[str, str, str]:
    place = " ".join(filter(None, place_of(resource)))
    return kind_of(resource).value, titled(plan, resource), place


def summary(plan: Plan, now: datetime | None = None) -> str:
    """Return how much is deleted, what that frees, and whether the plan may be applied."""
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
    if tags := tags_along(plan):
        what = "put in quarantine" if plan.quarantine else "deleted"
        lines.append(f"Images are {what} with all their tags, including {listed(tags, 5)}")
    if lost := _lost(plan):
        lines.append(f"Undo cannot bring back {lost}")
    if plan.over:
        lines.append(f"Over the limit: {plan.over}; jotgraph apply will refuse it")
    if more := exceeded(plan, Limits()):
        lines.append(f"More than jotgraph apply allows by default: {more}")
    lines += context(plan)
    if plan.undecided:
        unread = ", ".join(plan.undecided)
        lines.append(f"Incomplete: whether {unread} use what was asked for was not read")
    if plan.unread:
        named = " ".join(f"--accept-gaps {name}" for name in plan.unread)
        lines.append(f"Incomplete: what was not read could change it; jotgraph apply needs {named}")
    left = f" ({ahead((plan.expires_at - now).total_seconds() / 86400)})" if now else ""
    return "\n".join([*lines, f"Valid until {plan.expires_at:%Y-%m-%d %H:%M} UTC{left}"])


def _lost(plan: Plan) -> str:
    """What no undo can restore, whatever copies exist; empty for nothing."""
    if plan.quarantine:
        return ""
    kinds = Counter(kind_of(step.id) for step in plan.steps)
    parts = [
        f"{counted(kinds[kind], word)}{how if kinds[kind] == 1 else of_several}"
        for kind, word, how, of_several in (
            (Kind.VERSION, "version", " under its number", " under their numbers"),
            (Kind.CONTAINER, "container", "", ""),
            (Kind.LOG_GROUP, "log group", " with its events", " with their events"),
        )
        if kinds[kind]
    ]
    if calls_nothing := sum(step.calls_nothing for step in plan.steps):
        parts.append(f"{counted(calls_nothing, 'trigger')} whose function is gone")
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
    return size(step.bytes, step.at_most)
