"""The resources in quarantine, and whether they were used or changed since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from jotgraph.plan.fingerprints import APART, differing, fingerprint
from jotgraph.records import Function, Kind, Record, ResourceId, Role, Scope, Trigger
from jotgraph.records.quarantine import QUARANTINED, seal_of


class HeldState(StrEnum):
    """The state of a resource in quarantine."""

    QUIET = "quiet"
    """Unchanged, and not called, which would have been noticed."""
    UNSEEN = "unseen"
    """Unchanged; its use leaves no trace while it is in quarantine."""
    TOUCHED = "touched"
    """Used or changed since."""
    UNREAD = "unread"
    UNPROVEN = "unproven"
    """The run ended before the resource was seen in quarantine."""


STILL = frozenset({HeldState.QUIET, HeldState.UNSEEN})
"""States of resources that may be swept."""

NO_SOUND: Mapping[Kind, str] = {
    Kind.ECR_IMAGE: "who asks for an archived image is not recorded",
    Kind.ROLE: "who tries to assume a role that denies everybody is not recorded with it",
}
"""Kinds whose use cannot be seen in quarantine, and why. A call of a function is counted as a
throttle, and a message for a disabled trigger waits in its source."""


def use_unseen(kind: Kind) -> str:
    """Return the name for accepting that uses of a kind were not visible."""
    return f"use-unseen:{kind}"


class HeldResource(msgspec.Struct, frozen=True, kw_only=True):
    """One resource in quarantine, and its state."""

    id: ResourceId
    run: str
    """The name of the run, which ``release`` takes."""
    since: datetime
    state: HeldState
    because: str


class MarkedElsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """A resource with the mark of a run whose journal is not on this machine."""

    id: ResourceId
    mark: str
    """The run and the time."""


class QuarantineReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything in quarantine."""

    format: str = "jotgraph/quarantined/1"
    held: tuple[HeldResource, ...]
    elsewhere: tuple[MarkedElsewhere, ...]
    scope: Scope = Scope()
    """The scope of the scan behind it, and which services that read."""


def facts_of(record: Record) -> dict[str, str]:
    """Return the fingerprint of a record, with what a quarantine changes of it."""
    facts = dict(fingerprint(record))
    if isinstance(record, Function):
        facts["reserved"] = "none" if record.concurrency is None else str(record.concurrency)
    if isinstance(record, Function | Role):
        facts["quarantined"] = dict(record.tags or ()).get(QUARANTINED, "")
    if isinstance(record, Trigger):
        facts["state"] = record.state
    return facts


def seal_of_facts(facts: Mapping[str, str]) -> str:
    """Return a hash of a quarantined resource's facts for its tag, by which another machine sees
    that it is unchanged. Facts that tagging itself changes are left out."""
    apart = {*APART, "revision", "quarantined"}
    return seal_of({fact: value for fact, value in facts.items() if fact not in apart})


_SURROUNDINGS = frozenset({"aliases", "urls", "callers"})
"""Lists from which a sweep removes members itself before it deletes the function."""


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Describe what differs now; for lists of surrounding resources, what is new."""
    return [
        f"{fact} was {then or 'empty'}, is {after or 'empty'}"
        for fact, then, after in differing(before, now)
        if not (fact in _SURROUNDINGS and set(after.split()) <= set(then.split()))
    ]
