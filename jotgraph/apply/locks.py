"""What a plan deletes and a quarantine holds: the runs that hold it are locked meanwhile, so that
nothing is released in the middle of a sweep, are told what went, and how it was is remembered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from jotgraph.errors import ApplyError
from jotgraph.folders import runs_folder
from jotgraph.plan import Plan
from jotgraph.records import ResourceId
from jotgraph.store.holdings import every_holding, holding
from jotgraph.store.journal import Journal

BEFORE = "before"
"""In a journal: how what is deleted was before it was set aside, by id."""


@dataclass(frozen=True)
class Holders:
    """Locked journals of runs that hold something of a plan, by what they hold."""

    of: dict[ResourceId, Journal]

    def gone(self, resource: ResourceId, by: str) -> None:
        """Tell the run that holds a resource which run deleted it. Raises ApplyError."""
        journal = self.of.get(resource)
        if journal is not None and holding(journal, resource):
            journal.add("gone", steps=(resource,), params={"run": by})


@contextmanager
def holders(plan: Plan, journal: Journal) -> Iterator[Holders]:
    """Lock the runs that hold what a plan deletes; write into the plan's own ``journal`` how that
    was before, which an undo puts back. Raises ApplyError when one of them is being released."""
    with ExitStack() as stack:
        open_now: dict[str, Journal] = {}
        of: dict[ResourceId, Journal] = {}
        for resource, run in _runs_of(plan).items():
            if run not in open_now:
                open_now[run] = stack.enter_context(Journal(runs_folder() / run))
            of[resource] = open_now[run]
        said = {each for entry in journal.entries if entry.what == BEFORE for each in entry.params}
        how = {each: holding(its, each) for each, its in of.items() if each not in said}
        if fresh := {each: dict(held.before) for each, held in how.items() if held}:
            journal.add(BEFORE, params=fresh)
        yield Holders(of)


def _runs_of(plan: Plan) -> dict[ResourceId, str]:
    """Run that holds each step's target: a sweep says it, what was named is looked up."""
    if plan.quarantine:
        return {}
    held: dict[ResourceId, str] = {}
    with suppress(ApplyError):  # another run's journal is damaged: what was named goes all the same
        held = {each.id: each.run for each in every_holding()}
    found = {each.id: each.held or held.get(each.id, "") for each in plan.steps}
    here = {each.name for each in runs_folder().iterdir() if (each / "journal.jsonl").exists()}
    return {each: run for each, run in found.items() if run in here}
