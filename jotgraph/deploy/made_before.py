"""What runs of this machine made of a resource, according to their journals."""

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
    """Return these lines about a resource, newest first, from all readable runs. Runs whose undo
    has finished with the resource are left out."""
    undone = {run for run, entry in _lines("undo", resource) if entry.result in TAKEN_BACK}
    lines = [
        Making(run, entry.at, entry.result, *_states(entry))
        for run, entry in _lines("made", resource)
        if run not in undone
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


TAKEN_BACK = (UndoStatus.REMOVED, UndoStatus.RESTORED)
"""Results of an undo after which it is done with a resource."""


def run_that_left(
    resource: ResourceId, state: Mapping[str, Any], but: str = "", since: datetime | None = None
) -> str:
    """Return the newest other run of this machine that left a resource in its present state; empty
    when none did. States before runs that were undone count as well. ``since`` excludes earlier
    runs."""
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
    """Return whether nobody changed a resource since it was left. A function gets another revision,
    and keeps its time, when something beside its configuration changes."""
    comparable = any(left.get(key) and left.get(key) == now.get(key) for key in _TOLD_BY)
    return comparable and left.get("digest") == now.get("digest")


_TOLD_BY = ("revision", "modified", "definition")
"""Facts of an alias, function or service that differ after every change."""


def same_states(resource: ResourceId, state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the present state of a resource, and earlier ones that undoing later runs recreated.
    Not if somebody else changed a fact that such an undo did not restore."""
    states, lines = [state], list(_lines("undo", resource))
    for known in states:
        for _, entry in lines:
            before, now = _states(entry)
            if before and is_left(now, known) and is_equal(before, now) and before not in states:
                states.append(before)
    return states


def is_equal(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Return whether two states of a resource have the same facts, regardless of when it had
    them."""
    return all(
        first[key] == second[key] for key in first.keys() & second.keys() if key not in _WHEN
    )


_WHEN = frozenset({"revision", "modified", "image", "asked"})
"""Facts of a state to ignore: those that differ every time, the repository of an image with the
same digest, and what a call requested."""


def journals() -> Iterator[tuple[str, tuple[JournalLine, ...]]]:
    """Yield the name and lines of every readable run."""
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
    """The lines of a journal, cached, because an undo asks about each resource in all runs. Raises
    ApplyError."""
    return tuple(read_lines(path).entries)


def _lines(what: str, resource: ResourceId) -> Iterator[tuple[str, JournalLine]]:
    for run, entries in journals():
        for entry in entries:
            if entry.what == what and resource in entry.steps:
                yield run, entry


def _states(entry: JournalLine) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return entry.params.get("before") or {}, entry.params.get("now") or {}
