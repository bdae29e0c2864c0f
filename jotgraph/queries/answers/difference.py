"""What differs between two inventories, and since when a resource is known."""

from __future__ import annotations

from datetime import datetime

import msgspec

from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId


class Changed(msgspec.Struct, frozen=True):
    """One resource whose record is another now."""

    id: ResourceId
    kind: Kind
    fields: tuple[str, ...]
    """Names of the fields that differ, in the order of the record."""
    says: tuple[str, ...] = ()
    """What a change comes to, where that can be said: of a workload, what it runs now."""


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


class Seen(msgspec.Struct, frozen=True):
    """What stored inventories know of one resource's past."""

    first_seen: datetime
    """In the oldest of the inventories without a break up to the newest."""
    orphan_since: datetime | None = None
    """Since when it has been an orphan in each inventory; None when it is none now."""
