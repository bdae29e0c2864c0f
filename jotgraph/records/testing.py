"""Results of testing an image, or a function that runs it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from jotgraph.records.fields import Fields
from jotgraph.records.ids import ResourceId


class CaseOutcome(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The result of one test case."""

    name: str
    event: str
    """sha256 of the event's bytes."""
    expected: str
    """sha256 of the expectation's bytes; empty where any answer without an error passes."""
    passed: bool


class ImageTest(Fields, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="image-test"):
    """One run of ``test`` or ``invoke`` on one digest, whatever tags it has."""

    at: datetime
    image: str
    """The digest that was tested: the engine's id of a local image, or the manifest's digest that
    a function of Lambda ran."""
    config_digest: str = ""
    """Config digest of a local image, where the engine reports it."""
    function: ResourceId | None = None
    """The function, version or alias that was invoked; None when an engine ran the image."""
    where: str = ""
    """The engine's name for its machine, or the ARN that was invoked."""
    by: str = ""
    """Who ran it: ``user@machine``, or the ARN of the identity that was signed in."""
    cases: tuple[CaseOutcome, ...] = ()

    @property
    def passed(self) -> bool:
        return all(case.passed for case in self.cases)
