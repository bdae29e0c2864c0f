"""Journals of runs that create things: which run a command resumes, how runs start and end, and
their identities."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from jotgraph.errors import ApplyError
from jotgraph.queries.answers.making import Made
from jotgraph.store.audit import Auditing
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, JournalLine, journal_path
from jotgraph.store.journal_lines import read_lines

_DIGITS = 8
"""Length of the suffix of a run's identity, after its name."""


def identity_of(name: str, entries: Iterable[JournalLine]) -> str:
    """Return the identity that a run marks its resources with. It is in the first line, or, should
    that be damaged, in the calls that mark something. A run without it marks by its name."""
    mark = re.compile(rf"\b{re.escape(name)}\.[0-9a-f]{{{_DIGITS}}}\b")
    for entry in entries:
        if match := mark.search(json.dumps(entry.params, default=str)):
            return match[0]
    return name


def description_of(identity: str) -> str:
    """Return the description of versions and aliases that a run creates."""
    return f"jotgraph {identity}"


def is_making(entries: list[JournalLine]) -> bool:
    """Return whether a journal belongs to a run that creates things, even if its first line is
    damaged."""
    return any(entry.what in ("make", "made", "finished") for entry in entries)


@contextmanager
def opened(base: str, auditing: Auditing | None) -> Iterator[Journal]:
    """The journal of the newest run of a name, or of the next one where that has ended; one that
    fails before it does anything leaves none. Raises ApplyError."""
    serial = newest(base)
    while True:
        name = base if serial == 1 else f"{base}-{serial}"
        with Journal(runs_folder() / name, damaged=True, auditing=auditing) as journal:
            if not has_ended(journal.entries):
                if journal.damage:
                    raise ApplyError(
                        f"{journal.path} is damaged ({journal.damage}): jotgraph undo {name} takes "
                        "back what its undamaged lines say; then run the same command again"
                    )
                try:
                    yield journal
                except BaseException:
                    if not _has_begun(journal.entries):
                        journal.discard()
                    raise
                return
        serial += 1


def newest(base: str) -> int:
    """Return the serial number of the newest run of a name; 1 when there is none."""
    serial = 1
    while journal_path(runs_folder() / f"{base}-{serial + 1}").exists():
        serial += 1
    return serial


def has_ended(entries: list[JournalLine]) -> bool:
    """Return whether a run finished, or an undo of it began, so that the same command starts a new
    run."""
    return any(
        entry.what == "finished" or (entry.what == "by" and entry.call == "undo")
        for entry in entries
    )


def _has_begun(entries: list[JournalLine]) -> bool:
    """Whether a run announced a call, or wrote of anything but that it was there."""
    return any(entry.what not in ("make", "by") and entry.result != Made.THERE for entry in entries)


def begin(
    journal: Journal,
    command: str,
    subject: Mapping[str, str],
    by: Mapping[str, object],
    *,
    resumed: bool,
) -> None:
    if resumed:
        journal.add("by", call=command, params=dict(by))
    else:
        identity = f"{journal.folder.name}.{secrets.token_hex(_DIGITS // 2)}"
        params = {"identity": identity, "subject": dict(subject), "by": dict(by)}
        journal.add("make", call=command, params=params)


def finish(journal: Journal) -> None:
    """Write that the run finished, and close calls that a crash left open."""
    for intent in journal.unanswered():
        because = "the same run went on to its end"
        journal.add("outcome", number=intent.number, result="lost", because=because)
    journal.add("finished")


def is_unfinished(folder: Path, command: str, about: tuple[str, str]) -> bool:
    """Return whether a folder holds an interrupted run of the same command on the same thing that
    began to create something."""
    try:
        entries = read_lines(journal_path(folder)).entries
    except ApplyError:
        return False
    first = next((entry for entry in entries if entry.what == "make"), None)
    if first is None or first.call != command or has_ended(entries):
        return False
    began = any(entry.what == "intent" for entry in entries)
    return began and bool(first.params["subject"].get(about[0]) == about[1])
