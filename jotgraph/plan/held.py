"""What is in quarantine, and how each resource there stands: as it was set aside, or changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from jotgraph.plan.fingerprints import APART, differing, fingerprint
from jotgraph.records import Function, Kind, Record, ResourceId, Role, Scope, Trigger
from jotgraph.records.quarantine import QUARANTINED, seal_of


class HeldState(StrEnum):
    """How something in quarantine stands."""

    QUIET = "quiet"
    """Unchanged, and nothing called it: that would have been heard."""
    UNSEEN = "unseen"
    """Unchanged; but whether something asked for it leaves no trace while it is in quarantine."""
    TOUCHED = "touched"
    """Used or changed since."""
    UNREAD = "unread"
    UNPROVEN = "unproven"
    """The run ended before it was seen to be set aside."""


STILL = frozenset({HeldState.QUIET, HeldState.UNSEEN})
"""States of what may be swept."""

NO_SOUND: Mapping[Kind, str] = {
    Kind.ECR_IMAGE: "who asks for an archived image is not recorded",
    Kind.ROLE: "who tries to assume a role that denies everybody is not recorded with it",
}
"""Kinds of which a use cannot be seen while they are in quarantine, and why not. A call of a
function is a throttle, and a message for a disabled trigger waits in its source."""


def use_unseen(kind: Kind) -> str:
    """The name by which it is accepted that uses of a kind were not seen."""
    return f"use-unseen:{kind}"


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
    scope: Scope = Scope()
    """Where the scan looked by which it is judged, and which services it read."""


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


def seal_of_facts(facts: Mapping[str, str]) -> str:
    """The facts of something set aside as one word for its tag, by which another machine sees that
    it is unchanged: those that tagging itself does not move."""
    apart = {*APART, "revision", "quarantined"}
    return seal_of({fact: value for fact, value in facts.items() if fact not in apart})


_SURROUNDINGS = frozenset({"aliases", "urls", "callers"})
"""Lists of which a sweep itself takes members away before it takes the function."""


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """In words, what is different now; of lists of what is around a thing, what is new."""
    return [
        f"{fact} was {then or 'empty'}, is {after or 'empty'}"
        for fact, then, after in differing(before, now)
        if not (fact in _SURROUNDINGS and set(after.split()) <= set(then.split()))
    ]
