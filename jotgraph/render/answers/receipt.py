"""A run's receipt -> what a person needs to see: what was not done, and the sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from jotgraph.records import ResourceId, shortened
from jotgraph.render.answers.planning import NOWHERE, place_said, resource

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table


class Receipt(Protocol):
    """What the table needs of a receipt: apply is above this layer."""

    @property
    def run(self) -> str: ...
    @property
    def journal(self) -> str: ...
    @property
    def outcomes(self) -> Sequence[Outcome]: ...


class Undoing(Protocol):
    """What the table needs of an undo, or of a release."""

    @property
    def outcomes(self) -> Sequence[Outcome]: ...


class Outcome(Protocol):
    """What the table needs of an outcome."""

    @property
    def id(self) -> ResourceId: ...
    @property
    def status(self) -> str: ...
    @property
    def because(self) -> str: ...


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


def quarantined(found: Quarantined) -> Group:
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
        name = f"{each.id.partition(':')[0]} {resource(each.id)}"
        table.add_row(f"{each.since:%Y-%m-%d %H:%M}", each.run, state, name, each.because)
    parts: list[Table | Text] = [table] if found.held else []
    for other in found.elsewhere:
        said = f"{other.id.partition(':')[0]} {resource(other.id)}: set aside by run {other.mark}"
        parts.append(Text(f"{said}; its journal is not on this machine, which cannot release it"))
    if not parts:
        parts.append(Text("nothing is in quarantine"))
    return Group(*parts)


def outcomes(made: Receipt) -> Group:
    """A row for every step, one line of counts, and where the journal is."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    said = f"\n{counted(made.outcomes)}\nRun {made.run}, journal {made.journal}"
    return Group(_rows(made.outcomes), Text(said))


def undone(made: Undoing) -> Group:
    """A row for everything that was to come back."""
    return _rows(made.outcomes)


def _rows(ended: Sequence[Outcome]) -> Group:
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    here = place_said(each.id for each in ended)
    table = Table(box=None, pad_edge=False)
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Resource", overflow="fold")
    table.add_column("Because", style="dim", overflow="fold")
    for each in ended:
        style = _STYLES.get(str(each.status), "bold red")
        kind = each.id.partition(":")[0]
        words = Text(str(each.status), style=style)
        name = f"{kind} {resource(each.id)}".replace(here, "").replace("@sha256:", "@")
        table.add_row(words, name, shortened(each.because).replace(here, ""))
    if here == NOWHERE:
        return Group(table)
    return Group(Text(here.rstrip("/").replace("/", " "), style="dim"), table)


_STYLES = {
    "done": "green", "skipped": "yellow", "refused": "yellow",
    "restored": "green", "there": "green", "cannot": "yellow", "released": "green",
    "changed": "yellow",
}  # fmt: skip


def counted(ended: Iterable[Outcome]) -> str:
    """``8 done, 1 refused, 2 skipped``."""
    counts = Counter(str(each.status) for each in ended)
    order = ("done", "refused", "failed", "skipped")
    found = [f"{counts[each]} {each}" for each in order if counts[each]]
    return ", ".join(found) or "nothing to do"
