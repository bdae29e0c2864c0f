"""Says why a run has no backup; its journal records a purge."""

from __future__ import annotations

from collections.abc import Sequence

from jotgraph.store.journal_lines import JournalLine

PURGED = "purged"
"""In a journal: the backup of its run is about to be removed."""
OLDER_THAN = "older_than_days"
"""In that line: the age in days that the purge was given. Journals of 0.1 do not have it."""


def without_backup(entries: Sequence[JournalLine]) -> str:
    """Return why a run has no copy of a resource to restore."""
    return purged(entries) or "it has no backup"


def purged(entries: Sequence[JournalLine]) -> str:
    """Return when the backup of a run was removed, and by which command; empty if it was not."""
    line = next((entry for entry in reversed(entries) if entry.what == PURGED), None)
    if line is None:
        return ""
    days = line.params.get(OLDER_THAN)
    asked = f" --older-than {days:g}d" if isinstance(days, int | float) else ""
    return f"its backup was removed {line.at:%Y-%m-%d %H:%M} UTC by jotgraph purge{asked}"
