"""What differs between two inventories, and since when a resource is known."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from jotgraph.analysis.usage.model import Verdict
from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId


class FieldChange(msgspec.Struct, frozen=True):
    """The old and new value of one field."""

    field: str
    before: Any
    after: Any


class CommitRange(msgspec.Struct, frozen=True):
    """The commits between what ran and what runs now."""

    before: str
    after: str
    added: int | None = None
    """Commits that the later one contains and the earlier does not; None where history was not
    read."""
    removed: int | None = None
    """The opposite: more than 0 after a rollback, or between branches."""


class VerdictChange(msgspec.Struct, frozen=True):
    """A resource in both inventories whose verdict changed."""

    id: ResourceId
    kind: Kind
    before: Verdict
    after: Verdict
    because: str
    """The reason for the new verdict."""


class Changed(msgspec.Struct, frozen=True):
    """A resource whose record changed."""

    id: ResourceId
    kind: Kind
    fields: tuple[str, ...]
    """Names of the fields that differ, in the order of the record."""
    says: tuple[str, ...] = ()
    """The change in words, where possible: for a workload, what it runs now."""
    values: tuple[FieldChange, ...] = ()
    """The old and new value of each changed field."""
    commits: CommitRange | None = None
    """For what runs another image now, the commits between, if both are known."""


class Difference(msgspec.Struct, frozen=True):
    """What happened between two inventories; each list sorted by id."""

    before: datetime
    about: About
    """The scope of the later inventory, with the gaps of both."""
    added: tuple[ResourceId, ...]
    removed: tuple[ResourceId, ...]
    changed: tuple[Changed, ...]
    unread: tuple[ResourceId, ...]
    """Resources in one inventory, where the other did not or could not look."""
    verdicts: tuple[VerdictChange, ...] = ()
    """Verdict changes of resources in both inventories, sorted by id."""


class Seen(msgspec.Struct, frozen=True):
    """The history of one resource in stored inventories."""

    first_seen: datetime
    """The oldest of the unbroken series of inventories that contain it."""
    orphan_since: datetime | None = None
    """Since when it has been an orphan in each inventory; None when it is none now."""
    orphan_at_least: bool = False
    """Whether it may have been an orphan before, because no earlier inventory shows otherwise."""
    orphan_unread: int = 0
    """Number of inventories since, or right before, that did not read what decides it."""
