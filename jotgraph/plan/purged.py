"""What a purge says of each run that has a backup."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class PurgeStatus(StrEnum):
    """What becomes of the backup of a run."""

    PURGED = "purged"
    DUE = "due"
    """It would be purged; nothing was removed."""
    KEPT = "kept"
    FAILED = "failed"
    """Something of it could not be removed; the rest may be gone."""


class PurgedRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run that has a backup."""

    run: str
    ended: datetime | None
    """When the last line of its journal was written; None when that cannot be read."""
    bytes: int
    status: PurgeStatus
    because: str


class PurgeReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a purge did, or would do."""

    format: str = "jotgraph/purged/1"
    runs: tuple[PurgedRun, ...] = ()

    @property
    def bytes(self) -> int:
        """Bytes of what is purged, or due."""
        going = (PurgeStatus.PURGED, PurgeStatus.DUE)
        return sum(run.bytes for run in self.runs if run.status in going)
