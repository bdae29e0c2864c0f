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

from jotgraph.records import ResourceId
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, JournalLine, journal_path
from jotgraph.store.journal_lines import read_lines

TAKEN_OVER = "taken-over"
"""A line that says what of a run of another machine is held here by now."""
SINCE = "since"
"""Of what was taken over from another machine, when that set it aside."""


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """One resource in quarantine."""

    id: ResourceId
    run: str
    since: datetime
    before: Mapping[str, Any]
    """What is put back, by what it is of: ``reserved``, ``state``, ``trust``, ``status``…"""
    after: Mapping[str, str] = {}
    """Its facts once it was set aside; empty when the run ended before that was seen."""
    damage: str = ""
    """What is wrong with the journal that says so: it may have been put back, or be held otherwise,
    by a line that cannot be read."""


def holdings(run: str, entries: Iterable[JournalLine]) -> dict[ResourceId, Holding]:
    """What a run holds, in the order in which it was set aside."""
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
    """When a resource was set aside: by whoever took it over from another machine, its mark
    says."""
    return datetime.fromisoformat(str(entry.params.get(SINCE) or entry.at.isoformat()))


def every_holding() -> list[Holding]:
    """What all runs of this machine hold, oldest first; of a damaged journal, what its whole lines
    say. Raises ApplyError for a journal that cannot be read at all."""
    all_holdings: list[Holding] = []
    runs = runs_folder().iterdir() if runs_folder().is_dir() else ()
    for folder in sorted(path for path in runs if path.is_dir()):
        all_holdings += held_by(folder.name).values()
    return sorted(all_holdings, key=lambda holding: (holding.since, holding.id))


def held_by(run: str) -> dict[ResourceId, Holding]:
    """What one run of this machine holds. Raises ApplyError when its journal cannot be read."""
    path = journal_path(runs_folder() / run)
    lines = read_lines(path)
    damage = f"{path} is damaged: {lines.damage}" if lines.damage else ""
    by_resource = holdings(run, lines.entries)
    return {
        resource: msgspec.structs.replace(holding, damage=damage)
        for resource, holding in by_resource.items()
    }


def left_for_sweep(runs: Iterable[str]) -> dict[ResourceId, str]:
    """What the plans of runs left for the sweep (versions, aliases, repositories), with the run."""
    return {
        ResourceId(part): run
        for run in sorted(set(runs))
        for entry in read_lines(journal_path(runs_folder() / run)).entries
        if entry.what in ("run", TAKEN_OVER)
        for part in entry.params.get("left", ())
    }


def holding(journal: Journal, resource: ResourceId) -> Holding | None:
    """What the journal's run holds of one resource."""
    return holdings(journal.folder.name, journal.entries).get(resource)


def hold(
    journal: Journal, resource: ResourceId, before: Mapping[str, Any], *, anew: bool = False
) -> Holding:
    """Write how a resource is, before it is touched; what an earlier attempt wrote stands, unless
    it is written ``anew``: somebody changed it meanwhile."""
    current = holding(journal, resource)
    if current is None or anew:
        journal.add("hold", steps=(resource,), params=dict(before))
        current = holding(journal, resource)
    assert current is not None
    return current
