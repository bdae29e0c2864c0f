"""What is in quarantine, and how each resource there stands: as it was set aside, or changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from jotgraph.plan.fingerprints import differing, fingerprint
from jotgraph.records import Function, Record, ResourceId, Role, Trigger
from jotgraph.records.quarantine import QUARANTINED


class HeldState(StrEnum):
    """How something in quarantine stands."""

    QUIET = "quiet"
    TOUCHED = "touched"
    """Used or changed since."""
    UNREAD = "unread"
    UNPROVEN = "unproven"
    """The run ended before it was seen to be set aside."""


class HeldResource(msgspec.Struct, frozen=True, kw_only=True):
    """One resource in quarantine, as it stands."""

    id: ResourceId
    run: str
    """The name that ``release`` takes."""
    since: datetime
    state: HeldState
    because: str


class MarkedElsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """A function or role that is marked by a run whose journal is not on this machine."""

    id: ResourceId
    mark: str
    """The run and since when."""


class QuarantineReport(msgspec.Struct, frozen=True, kw_only=True):
    """What is in quarantine."""

    format: str = "jotgraph/quarantined/1"
    held: tuple[HeldResource, ...]
    elsewhere: tuple[MarkedElsewhere, ...]


def facts_of(record: Record) -> dict[str, str]:
    """The fingerprint of a record, and what a quarantine changes of it."""
    facts = dict(fingerprint(record))
    if isinstance(record, Function):
        facts["reserved"] = "none" if record.concurrency is None else str(record.concurrency)
    if isinstance(record, Function | Role):
        facts["quarantined"] = dict(record.tags or ()).get(QUARANTINED, "")
    if isinstance(record, Trigger):
        facts["state"] = record.state
    return facts


_SURROUNDINGS = frozenset({"aliases", "urls", "callers"})
"""Lists of which a sweep itself takes members away before it takes the function."""


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """In words, what is different now; of lists of what is around a thing, what is new."""
    return [
        f"{fact} was {then or 'empty'}, is {after or 'empty'}"
        for fact, then, after in differing(before, now)
        if not (fact in _SURROUNDINGS and set(after.split()) <= set(then.split()))
    ]
