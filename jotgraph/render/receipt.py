"""A run's receipt -> what a person needs to see: what was not done, and the sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from jotgraph.records import ResourceId, shortened
from jotgraph.render.planning import resource

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
    """What the table needs of an undo."""

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


def outcomes(made: Receipt) -> Group:
    """A row for every step, one line of counts, and where the journal is."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    said = f"\n{counted(made.outcomes)}\nRun {made.run}, journal {made.journal}"
    return Group(_rows(made.outcomes), Text(said))


def undone(made: Undoing) -> Table:
    """A row for everything that was to come back."""
    return _rows(made.outcomes)


def _rows(ended: Sequence[Outcome]) -> Table:
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    table = Table(box=None, pad_edge=False)
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Resource", overflow="fold")
    table.add_column("Because", style="dim", overflow="fold")
    for each in ended:
        style = _STYLES.get(str(each.status), "bold red")
        kind = each.id.partition(":")[0]
        words = Text(str(each.status), style=style)
        table.add_row(words, f"{kind} {resource(each.id)}", shortened(each.because))
    return table


_STYLES = {
    "done": "green", "skipped": "yellow", "refused": "yellow",
    "restored": "green", "there": "green", "cannot": "yellow",
}  # fmt: skip


def counted(ended: Iterable[Outcome]) -> str:
    """``8 done, 1 refused, 2 skipped``."""
    counts = Counter(str(each.status) for each in ended)
    order = ("done", "refused", "failed", "skipped")
    found = [f"{counts[each]} {each}" for each in order if counts[each]]
    return ", ".join(found) or "nothing to do"
