"""The answers of ``test`` and ``invoke``: the result of each case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from jotgraph.records import ResourceId


class CaseStatus(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    DIFFERS = "differs"
    """The response differs from the expectation."""
    ERROR = "error"
    """The function failed, or its response cannot be parsed."""
    TIMEOUT = "timeout"
    STOPPED = "stopped"
    """The container exited before it responded."""


class Mismatch(msgspec.Struct, frozen=True):
    """One place where a response differs from the expectation."""

    path: str
    """``body.items[2].price``; empty for the whole response."""
    expected: str
    """JSON, shortened; empty where nothing is expected."""
    answered: str
    """JSON, shortened; empty where there is nothing."""


class FunctionError(msgspec.Struct, frozen=True):
    """An error that a function reported."""

    message: str
    type: str = ""
    trace: tuple[str, ...] = ()
    """The stack trace as the runtime reports it, innermost call last."""


class Figures(msgspec.Struct, frozen=True):
    """The numbers in Lambda's REPORT line of one invocation; each None where it is missing."""

    duration_ms: float | None = None
    billed_ms: float | None = None
    init_ms: float | None = None
    """Only for a cold start."""
    memory_mb: int | None = None
    max_memory_mb: int | None = None


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one case."""

    name: str
    status: CaseStatus
    seconds: float
    """Seconds from the call to the answer, measured by jotgraph."""
    differences: tuple[Mismatch, ...] = ()
    """The first differences; ``differing`` is their number."""
    differing: int = 0
    error: FunctionError | None = None
    answer: str = ""
    """The response, shortened."""
    figures: Figures | None = None
    """For a function in Lambda."""
    version: str = ""
    """The version that Lambda ran."""
    digest: str = ""
    """The digest of the image that Lambda ran; empty when unknown."""
    log: tuple[str, ...] = ()
    """The end of the log, for a function in Lambda."""

    @property
    def passed(self) -> bool:
        return self.status is CaseStatus.PASSED


class TestReport(msgspec.Struct, frozen=True, kw_only=True):
    """The results of all cases."""

    __test__ = False
    at: datetime
    image: str
    """The tested digest: the engine's id of a local image, the manifest digest of a function's;
    empty when unknown or changed meanwhile."""
    config_digest: str = ""
    where: str
    """The name of the engine, or the ARN of the function or alias."""
    function: ResourceId | None = None
    """The function, version or alias that was invoked; None for a local image."""
    results: tuple[CaseResult, ...]
    log: tuple[str, ...] = ()
    """The end of the container's log, when a case failed."""
    evidence: tuple[str, ...] = ()
    """The files with the stored results, one for each digest."""
    unkept: str = ""
    """Why a result was not stored; empty when all were."""

    @property
    def passed(self) -> bool:
        """Whether every case passed."""
        return all(result.passed for result in self.results)
