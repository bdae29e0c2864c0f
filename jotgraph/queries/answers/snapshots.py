"""The answers about stored snapshots: which exist, and which are pruned."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from jotgraph.records import KINDS


class PruneStatus(StrEnum):
    """What happened to a snapshot, or would happen."""

    KEPT = "kept"
    DUE = "due"
    """It would be pruned; nothing was removed."""
    PRUNED = "pruned"


class SnapshotFate(msgspec.Struct, frozen=True):
    """One snapshot, and whether it is kept."""

    ref: str
    taken_at: datetime | None
    """None when its header cannot be read."""
    status: PruneStatus
    because: str


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """The result of pruning, or of a dry run."""

    format: str = "jotgraph/pruned/1"
    location: str
    snapshots: tuple[SnapshotFate, ...]
    shared: int
    """Bytes of objects that only pruned snapshots need; they are removed a day later."""
    freed: int
    """Bytes of the objects that were removed now."""
    notes: tuple[str, ...] = ()


class StoredSnapshot(msgspec.Struct, frozen=True):
    """One snapshot, as described by its header."""

    ref: str
    taken_at: datetime | None
    counts: tuple[tuple[str, int], ...] = ()
    """Number of lines by kind."""
    layers: int = 0
    added: int = 0
    """Bytes that it does not share with the snapshot before it."""
    problem: str = ""
    """Why it cannot be read; empty when its header is intact."""

    @property
    def records(self) -> int:
        return sum(count for kind, count in self.counts if kind in KINDS)


class StoredSnapshots(msgspec.Struct, frozen=True, kw_only=True):
    """The snapshots in one place."""

    format: str = "jotgraph/snapshots/1"
    location: str
    snapshots: tuple[StoredSnapshot, ...]
    bytes: int
    """Bytes of everything stored there."""
