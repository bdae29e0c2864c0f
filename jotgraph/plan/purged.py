"""The result of a purge for each run that has a backup."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class PurgeStatus(StrEnum):
    """What happens to the backup of a run."""

    PURGED = "purged"
    DUE = "due"
    """It would be purged; nothing was removed."""
    KEPT = "kept"
    FAILED = "failed"
    """Part of it could not be removed; the rest may be gone."""


class PurgedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run that has a backup."""

    run: str
    ended: datetime | None
    """The time of the last line of its journal; None when that cannot be read."""
    bytes: int
    status: PurgeStatus
    because: str


class PurgeReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a purge, or of a dry run."""

    format: str = "jotgraph/purged/1"
    runs: tuple[PurgedRun, ...] = ()

    @property
    def bytes(self) -> int:
        """Return the bytes that were purged, or would be."""
        going = (PurgeStatus.PURGED, PurgeStatus.DUE)
        return sum(run.bytes for run in self.runs if run.status in going)
