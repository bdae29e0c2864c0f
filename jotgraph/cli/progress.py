"""Progress on stderr while something is read: one line on a terminal, else a line for each phase.

A source reports ``(what, done, total)``. A ``Phase`` has ended with a count; other totals are of
batches, whose remaining time can be estimated.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import click

if TYPE_CHECKING:
    from jotgraph.sources.phases import Phase

Tell: TypeAlias = Callable[[str, int, "int | None"], None]


def _nothing() -> None:
    """Used when no line has to be cleared before printing."""


@dataclass(frozen=True)
class Progress:
    """The progress callback, and a way to pause its display."""

    tell: Tell
    pause: Callable[[], None] = _nothing
    resume: Callable[[], None] = _nothing

    def __call__(self, what: str, done: int, total: int | None) -> None:
        self.tell(what, done, total)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to other output meanwhile."""
        self.pause()
        try:
            yield
        finally:
            self.resume()


OFF = "JOTGRAPH_PROGRESS"
"""The environment variable that is ``off`` to hide progress."""
QUIET = 2.0
"""Seconds without output when there is no terminal: most scans are done by then."""
BEAT = 30.0
"""Seconds between two lines about one long batch."""
_TELLING = 3
"""Items of a batch after which its remaining time is estimated."""


@dataclass
class Batch:
    """A batch with a known number of items."""

    started: float
    done: int
    total: int

    def remaining(self, now: float) -> float | None:
        """Return the seconds until it is done, once that can be estimated."""
        if self.done < _TELLING or now <= self.started:
            return None
        return (now - self.started) / self.done * (self.total - self.done)


@dataclass
class Phases:
    """The reports so far."""

    title: str
    started: float
    batches: dict[str, Batch] = field(default_factory=dict)
    last: str = ""
    _kept: list[str] = field(default_factory=list)
    """Lines of the first seconds, which are only printed if the scan takes longer."""
    _said_at: dict[str, float] = field(default_factory=dict)

    def tell(self, what: str, done: int, total: int | None, now: float) -> list[str]:
        """Add one report; return the lines to print when there is no terminal."""
        from jotgraph.sources.phases import Phase  # noqa: PLC0415 -- what only a scan needs

        ended = what if isinstance(what, Phase) else None
        self.last = self.last if ended else what
        line = self._ended(ended, done, now) if ended else self._batch(what, done, total, now)
        if line:
            self._kept.append(line)
        if now - self.started < QUIET:
            return []
        due, self._kept = self._kept, []
        return due

    def _ended(self, phase: Phase, count: int, now: float) -> str:
        return f"{self.title}: {phase.place}: {_counted(count, phase.noun)} ({self._seconds(now)})"

    def _batch(self, what: str, done: int, total: int | None, now: float) -> str:
        if total is None:
            return ""
        batch = self.batches.setdefault(what, Batch(now, 0, total))
        batch.done, batch.total = done, total
        last = self._said_at.setdefault(what, now)
        if now - last < BEAT:
            return ""
        self._said_at[what] = now
        return f"{self.title}: {what}: {of(batch, now)} ({self._seconds(now)})"

    def words(self, now: float) -> str:
        """Return one line for a terminal: the batch that takes longest, else the last report."""
        open_ = {what: batch for what, batch in self.batches.items() if batch.done < batch.total}
        if not open_:
            return self.last
        what = max(open_, key=lambda what: open_[what].total - open_[what].done)
        return f"{what} {of(open_[what], now)}"

    def _seconds(self, now: float) -> str:
        return duration(now - self.started)


def of(batch: Batch, now: float) -> str:
    """Return ``37 of 132, 28 %, 12 s left``."""
    share = f"{100 * batch.done // max(batch.total, 1)} %"
    left = batch.remaining(now)
    remaining = f", {duration(left)} left" if left is not None and left >= 1 else ""
    return f"{batch.done:,} of {batch.total:,}, {share}{remaining}"


def duration(seconds: float) -> str:
    """Return ``3 s``, ``2 min 5 s`` or ``1 h 2 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def progress(title: str = "scan") -> Iterator[Progress | None]:
    """Yield the progress callback; None if progress is hidden."""
    if os.environ.get(OFF, "").lower() in ("off", "no", "0"):
        yield None
        return
    phases = Phases(title, time.monotonic())
    if sys.stderr.isatty():
        with _on_a_terminal(phases) as tell:
            yield tell
        return

    def say(what: str, done: int, total: int | None) -> None:
        for line in phases.tell(what, done, total, time.monotonic()):
            click.echo(line, err=True)

    yield Progress(say)


@contextmanager
def _on_a_terminal(phases: Phases) -> Iterator[Progress]:
    """A line that overwrites itself and disappears in the end."""
    from rich.console import Console  # noqa: PLC0415 -- rich is imported only to draw
    from rich.progress import (  # noqa: PLC0415 -- as above
        Progress as Drawn,
    )
    from rich.progress import (  # noqa: PLC0415 -- as above
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Drawn(*columns, console=Console(stderr=True), transient=True) as line:
        task = line.add_task("reading")

        def tell(what: str, done: int, total: int | None) -> None:
            now = time.monotonic()
            phases.tell(what, done, total, now)
            line.update(task, description=phases.words(now))

        yield Progress(tell, line.stop, line.start)


def _counted(count: int, noun: str) -> str:
    from jotgraph.records.phrases import counted  # noqa: PLC0415 -- what only a run needs

    return counted(count, noun)
