"""What runs have set aside, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from jotgraph.records import ResourceId
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.formats import Writers
from jotgraph.render.answers.plan import name_without_kind

if TYPE_CHECKING:
    from rich.console import Group


def writers() -> Writers[Quarantined]:
    """A writer for each format."""
    return {"table": as_table, "json": json_text}


class Quarantined(Protocol):
    """What the table needs of a list of what is in quarantine."""

    @property
    def held(self) -> Sequence[Held]: ...
    @property
    def elsewhere(self) -> Sequence[Elsewhere]: ...


class Held(Protocol):
    """One resource of such a list."""

    @property
    def id(self) -> ResourceId: ...
    @property
    def run(self) -> str: ...
    @property
    def since(self) -> datetime: ...
    @property
    def state(self) -> str: ...
    @property
    def because(self) -> str: ...


class Elsewhere(Protocol):
    """One that a run of another machine marked."""

    @property
    def id(self) -> ResourceId: ...
    @property
    def mark(self) -> str: ...


def as_table(found: Quarantined) -> Group:
    """A row for everything in quarantine, oldest first; then what other machines hold."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.table import Table  # noqa: PLC0415 -- as above
    from rich.text import Text  # noqa: PLC0415 -- as above

    table = Table(box=None, pad_edge=False)
    for head in ("Since (UTC)", "Run", "State"):
        table.add_column(head, no_wrap=True)
    table.add_column("Resource", overflow="fold")
    table.add_column("Because", style="dim", overflow="fold")
    for each in found.held:
        state = Text(each.state, style="green" if each.state == "quiet" else "yellow")
        name = f"{each.id.partition(':')[0]} {name_without_kind(each.id)}"
        table.add_row(f"{each.since:%Y-%m-%d %H:%M}", each.run, state, name, each.because)
    parts: list[Table | Text] = [table] if found.held else []
    for other in found.elsewhere:
        name = f"{other.id.partition(':')[0]} {name_without_kind(other.id)}"
        said = f"{name}: set aside by run {other.mark}"
        parts.append(Text(f"{said}; its journal is not on this machine, which cannot release it"))
    if not parts:
        parts.append(Text("nothing is in quarantine"))
    return Group(*parts)
