"""Termination signals, handled like Ctrl-C, so that unfinished work is restored or reported
first."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

SIGNALS = tuple(
    signal.Signals[name] for name in ("SIGTERM", "SIGHUP") if name in signal.Signals.__members__
)
"""Signals when a container or job is stopped, or a terminal closed."""


class Ended(KeyboardInterrupt):
    """One of these signals arrived."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def taken_as_interrupts() -> Iterator[None]:
    """Handle the signals while a command runs. A signal that was ignored at the start (nohup) stays
    so."""
    taken = []
    try:
        for number in SIGNALS:
            if signal.getsignal(number) is signal.SIG_DFL:
                with suppress(ValueError):  # only the main thread may
                    signal.signal(number, _end)
                    taken.append(number)
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise Ended(number)
