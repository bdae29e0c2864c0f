"""What ``test`` and ``invoke`` answer: what came of each case."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from jotgraph.records import ResourceId


class CaseStatus(StrEnum):
    """What came of a case."""

    PASSED = "passed"
    DIFFERS = "differs"
    """The answer is not the one that is expected."""
    ERROR = "error"
    """The function failed, or what it answered is no answer."""
    TIMEOUT = "timeout"
    STOPPED = "stopped"
    """The container ended before it answered."""


class Mismatch(msgspec.Struct, frozen=True):
    """One place where an answer is not what is expected."""

    path: str
    """``body.items[2].price``; empty for the whole answer."""
    expected: str
    """As JSON, shortened; empty where nothing is expected."""
    answered: str
    """As JSON, shortened; empty where nothing is there."""


class FunctionError(msgspec.Struct, frozen=True):
    """What a function says of its failure."""

    message: str
    type: str = ""
    trace: tuple[str, ...] = ()
    """The stack, the innermost call last, as the runtime tells it."""


class Figures(msgspec.Struct, frozen=True):
    """What Lambda's REPORT line says of one invocation; each None where it says nothing."""

    duration_ms: float | None = None
    billed_ms: float | None = None
    init_ms: float | None = None
    """Only of a cold start."""
    memory_mb: int | None = None
    max_memory_mb: int | None = None


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one case."""

    name: str
    status: CaseStatus
    seconds: float
    """From the call to the answer, as measured here."""
    differences: tuple[Mismatch, ...] = ()
    """The first of ``differing``."""
    differing: int = 0
    error: FunctionError | None = None
    answer: str = ""
    """What the function answered, shortened."""
    figures: Figures | None = None
    """Of a function of Lambda."""
    version: str = ""
    """The version that Lambda ran."""
    digest: str = ""
    """The digest of the image that Lambda ran; empty where it was not seen."""
    log: tuple[str, ...] = ()
    """The end of what was logged, of a function of Lambda."""

    @property
    def passed(self) -> bool:
        return self.status is CaseStatus.PASSED


class TestReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of all cases."""

    __test__ = False
    at: datetime
    image: str
    """The digest that was tested: the engine's id of a local image, the manifest's of a function;
    empty where it is not known, or where it changed meanwhile."""
    config_digest: str = ""
    where: str
    """The name of the engine, or the function or alias by ARN."""
    function: ResourceId | None = None
    """The function, version or alias that was invoked; None for a local image."""
    results: tuple[CaseResult, ...]
    log: tuple[str, ...] = ()
    """The end of what the container logged, where a case failed."""
    evidence: tuple[str, ...] = ()
    """The files that keep what was found, one for each digest."""
    unkept: str = ""
    """Why something was not kept; empty where all was."""

    @property
    def passed(self) -> bool:
        """Whether every case passed."""
        return all(result.passed for result in self.results)
