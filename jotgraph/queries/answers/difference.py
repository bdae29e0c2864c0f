"""What differs between two inventories, and since when a resource is known."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from jotgraph.analysis.usage.model import Verdict
from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId


class FieldChange(msgspec.Struct, frozen=True):
    """One field with its value then and now."""

    field: str
    before: Any
    after: Any


class CommitRange(msgspec.Struct, frozen=True):
    """From the commit of what ran to that of what runs now."""

    before: str
    after: str
    added: int | None = None
    """Commits that the later one has and the earlier has not; None where history was not read."""
    removed: int | None = None
    """The other way round: more than none where it was rolled back, or is of another branch."""


class VerdictChange(msgspec.Struct, frozen=True):
    """One resource in both inventories whose verdict is another now."""

    id: ResourceId
    kind: Kind
    before: Verdict
    after: Verdict
    because: str
    """The reason for the later one."""


class Changed(msgspec.Struct, frozen=True):
    """One resource whose record is another now."""

    id: ResourceId
    kind: Kind
    fields: tuple[str, ...]
    """Names of the fields that differ, in the order of the record."""
    says: tuple[str, ...] = ()
    """What a change comes to, where that can be said: of a workload, what it runs now."""
    values: tuple[FieldChange, ...] = ()
    """Of each field its value then and now."""
    commits: CommitRange | None = None
    """Of what runs another image now, where both commits are known."""


class Difference(msgspec.Struct, frozen=True):
    """What happened between two inventories; each list sorted by id."""

    before: datetime
    about: About
    """Of the later one, with the gaps of both."""
    added: tuple[ResourceId, ...]
    removed: tuple[ResourceId, ...]
    changed: tuple[Changed, ...]
    unread: tuple[ResourceId, ...]
    """In one of the two only, and the other did not look where it is, or could not."""
    verdicts: tuple[VerdictChange, ...] = ()
    """Of what is in both; sorted by id."""


class Seen(msgspec.Struct, frozen=True):
    """What stored inventories know of one resource's past."""

    first_seen: datetime
    """In the oldest of the inventories without a break up to the newest."""
    orphan_since: datetime | None = None
    """Since when it has been an orphan in each inventory; None when it is none now."""
    orphan_at_least: bool = False
    """It may have been one before: no earlier inventory tells that it was not."""
    orphan_unread: int = 0
    """Inventories since, or right before, that did not read what tells it."""
