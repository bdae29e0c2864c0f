"""Why a run has no backup: that it was purged is in its journal."""

from __future__ import annotations

from collections.abc import Sequence

from jotgraph.store.journal_lines import JournalLine

PURGED = "purged"
"""In a journal: the backup of its run is about to be removed."""
OLDER_THAN = "older_than_days"
"""Of such a line: the age, in days, that the purge asked for. Journals of 0.1 do not say it."""


def without_backup(entries: Sequence[JournalLine]) -> str:
    """Why a resource of a run cannot be restored of which there is no copy."""
    return purged(entries) or "it has no backup"


def purged(entries: Sequence[JournalLine]) -> str:
    """When the backup of a run was removed, and by which command; empty where none did that."""
    line = next((entry for entry in reversed(entries) if entry.what == PURGED), None)
    if line is None:
        return ""
    days = line.params.get(OLDER_THAN)
    asked = f" --older-than {days:g}d" if isinstance(days, int | float) else ""
    return f"its backup was removed {line.at:%Y-%m-%d %H:%M} UTC by jotgraph purge{asked}"
