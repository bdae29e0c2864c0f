"""A plan: its steps in order, what blocks, and what is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from jotgraph.plan.model import Action, Block, Kept, Plan, Step
from jotgraph.records import ResourceId, key_of, kind_of, place_of, shortened
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.plan_script import as_script
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like
from jotgraph.render.words import size

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, Group
    from rich.table import Table

_ENDLESS = 100_000
"""Columns of a terminal in which nothing is broken."""
_LEAST = 17
"""Columns that the reasons keep in the narrowest terminal."""
_LISTED = 200
"""Rows of one list shown; the JSON has all."""


def writers() -> Writers[Plan]:
    """A writer for each format."""
    return table_like(as_table, json_text, csv_rows, markdown_rows, sh=as_script)


def as_table(made: Plan) -> Group:
    """Steps in order, then blocks, then what is kept, then the sum."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.table import Table  # noqa: PLC0415 -- as above
    from rich.text import Text  # noqa: PLC0415 -- as above

    all_: list[Step | Block | Kept] = [*made.steps, *made.blocks, *made.kept, *made.left]
    here = place_said(row.id for row in all_)
    before = ""
    parts: list[_Fitted | Text] = []
    if here != NOWHERE:
        parts.append(Text(here.rstrip("/").replace("/", " "), style="dim"))
    if made.steps:
        table = Table(box=None, pad_edge=False)
        table.add_column("#", justify="right", style="dim")
        head, style = ("Set aside", "yellow") if made.quarantine else ("Delete", "red")
        table.add_column(head, style=style, no_wrap=True)
        table.add_column("Resource", overflow="fold")
        table.add_column("" if made.quarantine else "Frees", justify="right", no_wrap=True)
        table.add_column("Because", style="dim", overflow="fold")
        for number, step in enumerate(made.steps[:_LISTED], 1):
            kind = kind_of(step.id)
            because = shortened(step.because).replace(here, "")
            shown = "″" if because == before else because
            name = name_without_kind(step.id).replace(here, "").replace("@sha256:", "@")
            table.add_row(str(number), kind, name, freed(step), shown)
            before = because
        parts.append(_Fitted(table))
    for title, rows in (
        ("Blocked", made.blocks),
        ("Left for the sweep", made.left),
        ("Kept", made.kept),
    ):
        if rows:
            parts.append(Text(f"\n{title}", style="bold"))
        for row in rows[:_LISTED]:
            kind = kind_of(row.id)
            said = f"  {kind} {name_without_kind(row.id)}: {shortened(row.because)}"
            parts.append(Text(said.replace(here, "")))
        if len(rows) > _LISTED:
            parts.append(Text(f"  … and {len(rows) - _LISTED} more (--format json lists them)"))
    parts.append(Text(("\n" if parts else "") + summary(made)))
    return Group(*parts)


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


NOWHERE = "\0"
"""In no name."""


def place_said(ids: Iterable[ResourceId]) -> str:
    """What every name begins with and nobody needs to read again: the account, where there is one,
    and its region, where there is one; else NOWHERE."""
    places = set(map(place_of, ids)) - {("", "")}
    accounts = {account for account, _ in places}
    regions = {region for _, region in places} - {""}
    if len(accounts) != 1:
        return NOWHERE
    only = f"{regions.pop()}/" if len(regions) == 1 else ""
    return f"{accounts.pop()}/{only}"


def csv_rows(made: Plan) -> TextTable:
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
        for number, step in enumerate(made.steps, 1)
    ]
    for part, resources in (("block", made.blocks), ("left", made.left), ("kept", made.kept)):
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


def markdown_rows(made: Plan) -> TextTable:
    """The same with short names."""
    goes = "set aside" if made.quarantine else "delete"
    rows = [(goes, _named(step.id), freed(step), shortened(step.because)) for step in made.steps]
    for part, resources in (
        ("blocked", made.blocks),
        ("left for the sweep", made.left),
        ("kept", made.kept),
    ):
        rows += [(part, _named(row.id), "", shortened(row.because)) for row in resources]
    return TextTable(("What", "Resource", "Frees", "Because"), rows)


def _named(resource: ResourceId) -> str:
    return f"{kind_of(resource)} {name_without_kind(resource)}"


def summary(made: Plan) -> str:
    """One line: how much goes, what that frees, whether it may be applied."""
    steps = f"{len(made.steps)} step{'s' * (len(made.steps) != 1)}"
    most = "at most " if made.at_most else ""
    freed = [
        f"{most}{size(count)} {where}"
        for count, where in ((made.ecr_bytes, "in ECR"), (made.local_bytes, "on this machine"))
        if count
    ]
    said = f"{steps}, {len(made.blocks)} blocked, {len(made.kept)} kept"
    if made.quarantine:
        said = (
            f"Quarantine: {said}, {len(made.left)} left for the sweep; nothing is deleted\n"
            "jotgraph release puts it back, jotgraph sweep deletes it later"
        )
        if any(step.action is Action.ARCHIVE_IMAGE for step in made.steps):
            said += (
                "\nAn archived image is charged for at least 90 days, deleted before or not (ECR)"
            )
        if any(step.action is Action.DISABLE_TRIGGER for step in made.steps):
            said += (
                "\nWhat waits in the source of a disabled trigger is lost when its retention is "
                "over (SQS: 4 days unless set, streams: 1 day)"
            )
    if freed:
        said += f"; frees {' and '.join(freed)}"
    if made.over:
        said += f"\nOver the cap: {made.over}; apply will refuse it"
    if not made.complete:
        named = " ".join(f"--accept-gaps {name}" for name in made.unread)
        said += f"\nIncomplete: something unread could change it; apply needs {named}"
    return f"{said}\nGood until {made.expires_at:%Y-%m-%d %H:%M} UTC"


def name_without_kind(resource: ResourceId) -> str:
    """An id without its kind, long digests short."""
    return shortened(key_of(resource))


def freed(step: Step) -> str:
    return size(step.bytes or None, step.at_most)
