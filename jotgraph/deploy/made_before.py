"""What runs of this machine made of a resource, by their journals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from jotgraph.errors import ApplyError
from jotgraph.plan.outcome import UndoStatus
from jotgraph.queries.answers.making import Made
from jotgraph.records import ResourceId
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import JournalLine, journal_path
from jotgraph.store.journal_lines import read_lines


class Making(NamedTuple):
    """One line that says what a run made of a resource."""

    run: str
    at: datetime
    result: str
    before: Mapping[str, Any]
    now: Mapping[str, Any]


def makings_of(resource: ResourceId) -> list[Making]:
    """Every such line about a resource, newest first, of runs that can be read; without the runs
    whose undo came to its end with the resource."""
    undone = {run for run, entry in _lines("undo", resource) if entry.result in TAKEN_BACK}
    lines = [
        Making(run, entry.at, entry.result, *_states(entry))
        for run, entry in _lines("made", resource)
        if run not in undone
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


TAKEN_BACK = (UndoStatus.REMOVED, UndoStatus.RESTORED)
"""How an undo ends with a resource that it need not look at again."""


def run_that_left(
    resource: ResourceId, state: Mapping[str, Any], but: str = "", since: datetime | None = None
) -> str:
    """The newest run of this machine, but one, that left a resource as it is now, or as it was
    before others that were undone; empty where none did, or none ``since`` then."""
    states = same_states(resource, state)
    for making in makings_of(resource):
        if making.run == but or making.result == Made.THERE:
            continue
        if since is not None and making.at <= since:
            return ""
        if any(is_left(making.now, known) for known in states):
            return making.run
    return ""


def is_left(left: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a resource is as it was left: nobody changed it since. Of a function, a change of
    what is beside its configuration gives it another revision and leaves its time."""
    told = any(left.get(key) and left.get(key) == now.get(key) for key in _TOLD_BY)
    return told and left.get("digest") == now.get("digest")


_TOLD_BY = ("revision", "modified", "definition")
"""Of an alias, a function and a service: what is another after each change."""


def same_states(resource: ResourceId, state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The state that a resource is in, and those that it was in before, of which undo of later runs
    made it again. Where somebody else changed a fact that an undo did not put back, it did not."""
    states, lines = [state], list(_lines("undo", resource))
    for known in states:
        for _, entry in lines:
            before, now = _states(entry)
            if before and is_left(now, known) and is_equal(before, now) and before not in states:
                states.append(before)
    return states


def is_equal(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two states of a resource have the same facts, whenever it came to be in them."""
    return all(
        first[key] == second[key] for key in first.keys() & second.keys() if key not in _WHEN
    )


_WHEN = frozenset({"revision", "modified", "image", "asked"})
"""Of a state: what is another each time, where an image of the same digest is, and what a call
asked for."""


def journals() -> Iterator[tuple[str, tuple[JournalLine, ...]]]:
    """The name and the lines of every run that can be read."""
    folders = sorted(runs_folder().iterdir()) if runs_folder().is_dir() else []
    for folder in folders:
        path = journal_path(folder)
        try:
            state = path.stat()
            yield folder.name, _entries(path, state.st_size, state.st_mtime_ns)
        except (ApplyError, OSError):
            continue  # a run of somebody else, or one that has written nothing


@lru_cache(maxsize=1024)
def _entries(path: Path, size: int, changed: int) -> tuple[JournalLine, ...]:
    """The lines of a journal, read once as it is: an undo asks of each resource what all runs did.
    Raises ApplyError."""
    return tuple(read_lines(path).entries)


def _lines(what: str, resource: ResourceId) -> Iterator[tuple[str, JournalLine]]:
    for run, entries in journals():
        for entry in entries:
            if entry.what == what and resource in entry.steps:
                yield run, entry


def _states(entry: JournalLine) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return entry.params.get("before") or {}, entry.params.get("now") or {}
