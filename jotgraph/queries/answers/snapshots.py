"""Stored snapshots: which there are, and which go."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from jotgraph.records import KINDS


class PruneStatus(StrEnum):
    """What became of a snapshot, or would."""

    KEPT = "kept"
    DUE = "due"
    """It would go; nothing was removed."""
    PRUNED = "pruned"


class SnapshotFate(msgspec.Struct, frozen=True):
    """One snapshot, and whether it stays."""

    ref: str
    taken_at: datetime | None
    """None where its header cannot be read."""
    status: PruneStatus
    because: str


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """What a pruning did, or would do."""

    format: str = "jotgraph/pruned/1"
    location: str
    snapshots: tuple[SnapshotFate, ...]
    shared: int
    """Bytes of objects that only pruned snapshots need: they go a day after these."""
    freed: int
    """Bytes of objects that were removed now."""
    notes: tuple[str, ...] = ()


class StoredSnapshot(msgspec.Struct, frozen=True):
    """One snapshot, as its header says."""

    ref: str
    taken_at: datetime | None
    counts: tuple[tuple[str, int], ...] = ()
    """Lines by kind."""
    layers: int = 0
    added: int = 0
    """Bytes of its own: those that the one before it does not need."""
    problem: str = ""
    """Why it cannot be read; empty if its header is whole."""

    @property
    def records(self) -> int:
        return sum(count for kind, count in self.counts if kind in KINDS)


class StoredSnapshots(msgspec.Struct, frozen=True, kw_only=True):
    """The snapshots of a place."""

    format: str = "jotgraph/snapshots/1"
    location: str
    snapshots: tuple[StoredSnapshot, ...]
    bytes: int
    """Of everything that is stored there."""
