"""Removes old backups, without which a run cannot be undone. Journals are kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from jotgraph.apply.backup.paths import backup_folder
from jotgraph.apply.backup.purged import OLDER_THAN, PURGED
from jotgraph.errors import ApplyError
from jotgraph.plan.outcome import Status
from jotgraph.plan.purged import PurgedRun, PurgeReceipt, PurgeStatus
from jotgraph.records.phrases import age, counted
from jotgraph.store.folders import runs_folder
from jotgraph.store.holdings import holdings
from jotgraph.store.journal import Journal, journal_path
from jotgraph.store.journal_lines import JournalContent, read_lines

_DAY = 86400


def purge(
    now: datetime,
    older_than_days: float,
    *,
    really: bool,
    remove: Callable[[Path], None] | None = None,
) -> PurgeReceipt:
    """Remove the backups of old runs that are complete and hold nothing in quarantine, or list
    them."""
    folders = sorted(runs_folder().iterdir()) if runs_folder().is_dir() else []
    remove = remove or shutil.rmtree
    return PurgeReceipt(
        runs=tuple(
            _run(folder, now, older_than_days, remove if really else None)
            for folder in folders
            if backup_folder(folder).is_dir() and not backup_folder(folder).is_symlink()
        )
    )


def _run(
    folder: Path, now: datetime, least: float, remove: Callable[[Path], None] | None
) -> PurgedRun:
    size = sum(path.lstat().st_size for path in backup_folder(folder).rglob("*"))

    def said(status: PurgeStatus, because: str, ended: datetime | None = None) -> PurgedRun:
        return PurgedRun(run=folder.name, ended=ended, bytes=size, status=status, because=because)

    try:
        lines = read_lines(journal_path(folder))
    except ApplyError as error:
        return said(PurgeStatus.KEPT, str(error))
    written = (entry.at for entry in lines.entries if entry.what != PURGED)
    ended = max(written, default=None)  # a purge that was interrupted makes no run younger
    if ended is None or lines.damage:
        why = f"its journal is damaged ({lines.damage or 'it is empty'}): only the backup is left"
        return said(PurgeStatus.KEPT, why, ended)
    days = (now - ended).total_seconds() / _DAY
    if why := _needed(folder.name, lines):
        return said(PurgeStatus.KEPT, why, ended)
    if days < least:
        return said(PurgeStatus.KEPT, f"it ended {age(days)}", ended)
    if remove is None:
        return said(PurgeStatus.DUE, f"it ended {age(days)}", ended)
    try:
        with Journal(folder) as journal:
            # before anything is removed: an undo says why there is no copy
            journal.add(PURGED, params={OLDER_THAN: least})
            try:
                remove(backup_folder(folder))
            except OSError as error:
                why = f"not all of it could be removed ({error}); run the same command again"
                return said(PurgeStatus.FAILED, why, ended)
    except ApplyError as error:
        return said(PurgeStatus.KEPT, str(error), ended)
    return said(PurgeStatus.PURGED, f"it ended {age(days)}", ended)


def _needed(run: str, lines: JournalContent) -> str:
    """Why the backup of a run is still needed, whatever its age; empty when it is not."""
    if held := holdings(run, lines.entries):
        several = counted(len(held), "resource")
        return (
            f"it holds {several} in quarantine: jotgraph sweep deletes it, "
            f"jotgraph release {run} restores it"
        )
    answered = {entry.number for entry in lines.entries if entry.what == "outcome"}
    open_calls = [
        entry for entry in lines.entries if entry.what == "intent" and entry.number not in answered
    ]
    if open_calls:
        return f"it was interrupted: jotgraph undo {run} --dry-run closes it"
    last = {
        step: entry.result
        for entry in lines.entries
        if entry.what == "undo"
        for step in entry.steps
    }
    if failed := [step for step, result in last.items() if result == Status.FAILED]:
        return f"its undo left {counted(len(failed), 'resource')} unrestored: jotgraph undo {run}"
    return ""
