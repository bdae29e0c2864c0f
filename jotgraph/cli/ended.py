"""Signals by which a system ends a program: taken as Ctrl-C is, so that what is half done is put
back, or said, before it ends."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

SIGNALS = tuple(
    signal.Signals[name] for name in ("SIGTERM", "SIGHUP") if name in signal.Signals.__members__
)
"""A container or a job that is stopped, a terminal that is closed."""


class Ended(KeyboardInterrupt):
    """One of these signals came."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def taken_as_interrupts() -> Iterator[None]:
    """While a command runs. A signal that the program was started to ignore (nohup) stays so."""
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
