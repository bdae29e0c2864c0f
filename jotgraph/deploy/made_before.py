"""What runs of this machine made of a resource, by their journals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from jotgraph.errors import ApplyError
from jotgraph.records import ResourceId
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Entry, journal_path
from jotgraph.store.journal_lines import read_lines


class Making(NamedTuple):
    """One line that says what a run made of a resource."""

    run: str
    at: datetime
    result: str
    before: Mapping[str, Any]
    now: Mapping[str, Any]


def makings_of(resource: ResourceId) -> list[Making]:
    """Every such line about a resource, newest first, of runs that can be read."""
    lines = [
        Making(run, entry.at, entry.result, *_states(entry))
        for run, entry in _lines("made", resource)
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def run_that_left(resource: ResourceId, state: Mapping[str, Any], but: str = "") -> str:
    """The newest run of this machine that left a resource as it is now, but one; empty where none
    did."""
    for making in makings_of(resource):
        if making.run != but and is_left(making.now, state):
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
    made it again."""
    states, lines = [state], list(_lines("undo", resource))
    for known in states:
        for _, entry in lines:
            before, now = _states(entry)
            if before and is_left(now, known) and before not in states:
                states.append(before)
    return states


def _lines(what: str, resource: ResourceId) -> Iterator[tuple[str, Entry]]:
    folders = sorted(runs_folder().iterdir()) if runs_folder().is_dir() else []
    for folder in folders:
        try:
            entries = read_lines(journal_path(folder)).entries
        except ApplyError:
            continue  # a run of somebody else; what it made is not known here
        for entry in entries:
            if entry.what == what and resource in entry.steps:
                yield folder.name, entry


def _states(entry: Entry) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return entry.params.get("before") or {}, entry.params.get("now") or {}
