"""Locks the runs that hold in quarantine what a plan deletes.

So nothing is released in the middle of a sweep, those runs record what was deleted, and the state
before the quarantine is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from jotgraph.errors import RefusedError
from jotgraph.plan import Plan, Step
from jotgraph.plan.held import STILL
from jotgraph.records import ResourceId
from jotgraph.sources.connections import Connections
from jotgraph.sources.quarantine import look_at
from jotgraph.store.folders import runs_folder
from jotgraph.store.holdings import every_holding, held_by, holding
from jotgraph.store.journal import Journal, journal_path

BEFORE = "before"
"""Kind of journal line: the state before the quarantine of what is deleted, by id."""


_MARKED = "quarantined"
"""The doubt of a step whose resource carried a quarantine mark when planned."""


@dataclass(frozen=True)
class Holders:
    """The locked journals of runs that hold something of a plan, by resource."""

    journals: dict[ResourceId, Journal]

    def gone(self, resource: ResourceId, by: str) -> None:
        """Record in the holder's journal which run deleted a resource. Raises ApplyError."""
        journal = self.journals.get(resource)
        if journal is not None and holding(journal, resource):
            journal.add("gone", steps=(resource,), params={"run": by})


@contextmanager
def holders(plan: Plan, journal: Journal) -> Iterator[Holders]:
    """Lock the runs that hold what a plan deletes. The states before their quarantines are written
    to the plan's own ``journal``, for an undo. Raises ApplyError when one of the runs is being
    released."""
    with ExitStack() as stack:
        opened: dict[str, Journal] = {}
        journals: dict[ResourceId, Journal] = {}
        for resource, run in _runs_of(plan).items():
            if run not in opened:
                opened[run] = stack.enter_context(Journal(runs_folder() / run, damaged=True))
            journals[resource] = opened[run]
        written = {
            resource
            for entry in journal.entries
            if entry.what == BEFORE
            for resource in entry.params
        }
        before = {
            resource: dict(held.before)
            for resource, holder in journals.items()
            if resource not in written and (held := holding(holder, resource))
        }
        if before:
            journal.add(BEFORE, params=before)
        yield Holders(journals)


def _runs_of(plan: Plan) -> dict[ResourceId, str]:
    """The run that holds each step's target: a sweep names it, for other plans it is looked up."""
    if plan.quarantine:
        return {}
    holders = {holding.id: holding.run for holding in every_holding()}
    wanted = {step.id: step.held or holders.get(step.id, "") for step in plan.steps}
    known = {path.name for path in runs_folder().iterdir() if journal_path(path).exists()}
    return {resource: run for resource, run in wanted.items() if run in known}


def require_held(connections: Connections, step: Step) -> None:
    """Raise RefusedError when what a sweep deletes was released, used or changed."""
    if not step.held:
        if _MARKED in step.doubts and all(holding.id != step.id for holding in every_holding()):
            raise RefusedError(
                "it is in quarantine, and the journal of its earlier state is not on this "
                "machine: apply the plan on the machine that has it"
            )
        return
    expected = held_by(step.held).get(step.id)
    if expected is None:
        journalled = journal_path(runs_folder() / step.held).exists()
        why = "it was released" if journalled else "its journal is not on this machine"
        raise RefusedError(f"run {step.held} no longer holds it in quarantine: {why}")
    resource = look_at(connections, expected, datetime.now(UTC))
    if resource is not None and resource.state not in STILL:
        raise RefusedError(f"it is in quarantine, and now {resource.state}: {resource.because}")
