"""What runs hold in quarantine, by their journals, and what is needed to put it back.

``hold`` is written before the first call on a resource and says how it was; ``held`` when it was
seen to be set aside, and says how it is then; ``free`` when it was put back, ``gone`` when another
run deleted it. The last one counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from jotgraph.folders import runs_folder
from jotgraph.records import ResourceId
from jotgraph.store.journal import Entry, Journal, read_entries


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One resource in quarantine."""

    id: ResourceId
    run: str
    since: datetime
    before: Mapping[str, Any]
    """What is put back, by what it is of: ``reserved``, ``state``, ``trust``, ``status``…"""
    after: Mapping[str, str] = {}
    """Its facts once it was set aside; empty when the run ended before that was seen."""


def holdings(run: str, entries: Iterable[Entry]) -> dict[ResourceId, Holding]:
    """What a run holds, in the order in which it was set aside."""
    found: dict[ResourceId, Holding] = {}
    for entry in entries:
        for resource in entry.steps:
            if entry.what == "hold":
                found[resource] = Holding(id=resource, run=run, since=entry.at, before=entry.params)
            elif entry.what == "held" and resource in found:
                found[resource] = msgspec.structs.replace(found[resource], after=entry.params)
            elif entry.what in ("free", "gone"):
                found.pop(resource, None)
    return found


def every_holding() -> list[Holding]:
    """What all runs of this machine hold, oldest first. Raises ApplyError for a damaged journal."""
    found: list[Holding] = []
    here = runs_folder().iterdir() if runs_folder().is_dir() else ()
    folders = sorted(folder for folder in here if folder.is_dir())
    for folder in folders:
        found += holdings(folder.name, read_entries(folder / "journal.jsonl")).values()
    return sorted(found, key=lambda holding: (holding.since, holding.id))


def left_for_sweep(runs: Iterable[str]) -> dict[ResourceId, str]:
    """What the plans of runs left for the sweep (versions, aliases, repositories), with the run."""
    return {
        ResourceId(part): run
        for run in sorted(set(runs))
        for entry in read_entries(runs_folder() / run / "journal.jsonl")
        if entry.what == "run"
        for part in entry.params.get("left", ())
    }


def holding(journal: Journal, resource: ResourceId) -> Holding | None:
    """What the journal's run holds of one resource."""
    return holdings(journal.folder.name, journal.entries).get(resource)


def hold(journal: Journal, resource: ResourceId, before: Mapping[str, Any]) -> Holding:
    """Write how a resource is, before it is touched; what an earlier attempt wrote stands."""
    held = holding(journal, resource)
    if held is None:
        journal.add("hold", steps=(resource,), params=dict(before))
        held = holding(journal, resource)
    assert held is not None
    return held
