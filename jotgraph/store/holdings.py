"""What runs have in quarantine, according to their journals, and what is needed to restore it.

A ``hold`` line is written before the first call on a resource, with its previous state; ``held``
when the quarantine was verified, with the state then; ``free`` when it was restored; ``gone`` when
another run deleted it. The last line counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from jotgraph.records import ResourceId
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, JournalLine, journal_path
from jotgraph.store.journal_lines import read_lines

TAKEN_OVER = "taken-over"
"""Kind of line for resources taken over from another machine's run."""
SINCE = "since"
"""The time at which the other machine put a resource in quarantine."""


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One resource in quarantine."""

    id: ResourceId
    run: str
    since: datetime
    before: Mapping[str, Any]
    """What is to be restored, by setting: ``reserved``, ``state``, ``trust``, ``status``…"""
    after: Mapping[str, str] = {}
    """Its facts in quarantine; empty when the run ended before these were verified."""
    damage: str = ""
    """What is wrong with the journal. A line that cannot be read may say that it was restored, or
    something else."""


def holdings(run: str, entries: Iterable[JournalLine]) -> dict[ResourceId, Holding]:
    """Return what a run has in quarantine, in the order of the quarantine."""
    by_resource: dict[ResourceId, Holding] = {}
    for entry in entries:
        for resource in entry.steps:
            if entry.what == "hold":
                by_resource[resource] = Holding(
                    id=resource, run=run, since=_since(entry), before=entry.params
                )
            elif entry.what == "held" and resource in by_resource:
                by_resource[resource] = msgspec.structs.replace(
                    by_resource[resource], after=entry.params
                )
            elif entry.what in ("free", "gone"):
                by_resource.pop(resource, None)
    return by_resource


def _since(entry: JournalLine) -> datetime:
    """When a resource was put in quarantine; for one taken over from another machine, by its
    mark."""
    return datetime.fromisoformat(str(entry.params.get(SINCE) or entry.at.isoformat()))


def every_holding() -> list[Holding]:
    """Return what all runs of this machine have in quarantine, oldest first. Of a damaged journal
    the complete lines count. Raises ApplyError for one that cannot be read at all."""
    all_holdings: list[Holding] = []
    runs = runs_folder().iterdir() if runs_folder().is_dir() else ()
    for folder in sorted(path for path in runs if path.is_dir()):
        all_holdings += held_by(folder.name).values()
    return sorted(all_holdings, key=lambda holding: (holding.since, holding.id))


def held_by(run: str) -> dict[ResourceId, Holding]:
    """Return what one run of this machine has in quarantine. Raises ApplyError when its journal
    cannot be read."""
    path = journal_path(runs_folder() / run)
    lines = read_lines(path)
    damage = f"{path} is damaged: {lines.damage}" if lines.damage else ""
    by_resource = holdings(run, lines.entries)
    return {
        resource: msgspec.structs.replace(holding, damage=damage)
        for resource, holding in by_resource.items()
    }


def left_for_sweep(runs: Iterable[str]) -> dict[ResourceId, str]:
    """Return what the plans of runs left for the sweep (versions, aliases, repositories), with the
    run."""
    return {
        ResourceId(part): run
        for run in sorted(set(runs))
        for entry in read_lines(journal_path(runs_folder() / run)).entries
        if entry.what in ("run", TAKEN_OVER)
        for part in entry.params.get("left", ())
    }


def holding(journal: Journal, resource: ResourceId) -> Holding | None:
    """Return what the journal's run has in quarantine of one resource."""
    return holdings(journal.folder.name, journal.entries).get(resource)


def hold(
    journal: Journal, resource: ResourceId, before: Mapping[str, Any], *, anew: bool = False
) -> Holding:
    """Record the state of a resource before it is changed. An earlier attempt's record is kept,
    unless it is written ``anew`` because somebody changed the resource meanwhile."""
    current = holding(journal, resource)
    if current is None or anew:
        journal.add("hold", steps=(resource,), params=dict(before))
        current = holding(journal, resource)
    assert current is not None
    return current
