"""The type of test results: for each case the newest."""

from __future__ import annotations

from datetime import datetime

import msgspec

from jotgraph.records import ResourceId
from jotgraph.records.phrases import counted, listed

_NAMED = 3
"""How many cases a sentence names."""


class NewestResult(msgspec.Struct, frozen=True):
    """The newest result of one case in one place."""

    name: str
    passed: bool
    at: datetime
    where: str
    """The name of the engine, or the ARN that was invoked."""
    function: ResourceId | None
    """What was invoked; None when an engine ran the image."""
    event: str
    """sha256 of the event."""
    expected: str
    """sha256 of the expectation; empty where any answer without an error passes."""


class Tested(msgspec.Struct, frozen=True):
    """The test results of one image, or of all images that something runs."""

    cases: tuple[NewestResult, ...] = ()
    """The newest results, by name and place; empty when none is known."""
    unknown: str = ""
    """Why there may be more results; empty when there are none."""

    @property
    def failed(self) -> tuple[NewestResult, ...]:
        return tuple(case for case in self.cases if not case.passed)

    @property
    def passed(self) -> bool:
        """Whether there are cases and all of them passed."""
        return bool(self.cases) and not self.failed

    @property
    def at(self) -> datetime | None:
        """The time of the newest result."""
        return max((case.at for case in self.cases), default=None)

    @property
    def where(self) -> tuple[str, ...]:
        """Where it was tested, sorted."""
        return tuple(sorted({case.where for case in self.cases}))

    def words(self) -> str:
        """``passed 3 cases``, ``failed 1 of 3 cases``, or nothing."""
        if not self.cases:
            return ""
        number = counted(len(self.cases), "case")
        return f"failed {len(self.failed)} of {number}" if self.failed else f"passed {number}"

    def statement(self) -> str:
        """``passed 3 cases on 2026-11-27 by engine vm``; of what failed by name."""
        if not self.cases:
            return ""
        names = listed([case.name for case in self.failed], _NAMED) if self.failed else ""
        which = f" ({names})" if names else ""
        places = dict.fromkeys(
            case.where if case.function else f"engine {case.where}" for case in self.cases
        )
        return f"{self.words()}{which} on {self.at:%Y-%m-%d} by {listed(sorted(places), _NAMED)}"
