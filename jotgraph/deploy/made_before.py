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
    lines = [Making(run, entry.at, entry.result, *_states(entry)) for run, entry in _made(resource)]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _made(resource: ResourceId) -> Iterator[tuple[str, Entry]]:
    folders = sorted(runs_folder().iterdir()) if runs_folder().is_dir() else []
    for folder in folders:
        try:
            entries = read_lines(journal_path(folder)).entries
        except ApplyError:
            continue  # a run of somebody else; what it made is not known here
        for entry in entries:
            if entry.what == "made" and resource in entry.steps:
                yield folder.name, entry


def _states(entry: Entry) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    return entry.params.get("before") or {}, entry.params.get("now") or {}
