"""What a test of an image, or of the function that runs it, found."""

from __future__ import annotations

from datetime import datetime

import msgspec

from jotgraph.records.fields import Fields
from jotgraph.records.ids import ResourceId


class CaseOutcome(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What came of one case."""

    name: str
    event: str
    """sha256 of the event's bytes."""
    expected: str
    """sha256 of the expectation's bytes; empty where any answer would do that was no error."""
    passed: bool


class ImageTest(Fields, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="image-test"):
    """One run of ``test`` or ``invoke``; of one digest alone, whatever tag it had."""

    at: datetime
    image: str
    """The digest that was tested: the engine's id of a local image, or the manifest's digest that
    a function of Lambda ran."""
    config_digest: str = ""
    """Of a local image, where the engine says it."""
    function: ResourceId | None = None
    """What was invoked: a function, version or alias. None: it was run by an engine."""
    where: str = ""
    """The engine's name for its machine, or the ARN that was invoked."""
    by: str = ""
    """``user@machine``, or the ARN of whoever was signed in."""
    cases: tuple[CaseOutcome, ...] = ()

    @property
    def passed(self) -> bool:
        return all(case.passed for case in self.cases)
