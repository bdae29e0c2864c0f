"""Stops a run from starting further steps after too many failures, or too much time."""

from __future__ import annotations

import time
from collections.abc import Callable

from jotgraph.plan.outcome import Status
from jotgraph.records.phrases import counted


class Brake:
    """Counts failures and time. The step in progress is always finished."""

    def __init__(
        self,
        max_failures: int | None = None,
        seconds: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_failures, self.seconds, self.clock = max_failures, seconds, clock
        self.began, self.failures = clock(), 0

    def count(self, status: Status) -> None:
        """Count how a step ended. A refused step did not fail: the world had changed."""
        self.failures += status is Status.FAILED

    def pulled(self) -> str:
        """Return why no further step is started; empty while steps are."""
        if self.max_failures is not None and self.failures >= max(1, self.max_failures):
            return f"not begun: {counted(self.failures, 'step')} failed (--max-failures)"
        if self.seconds is not None and self.clock() - self.began >= self.seconds:
            return f"not begun: the time limit of {self.seconds:g} seconds is over (--time-limit)"
        return ""
