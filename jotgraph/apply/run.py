"""What every writer shares: the run, a fresh look at a target, and proof that it is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from jotgraph.apply.backup import document_path, keep
from jotgraph.plan import Plan, Step, fingerprint
from jotgraph.plan.fingerprints import differing
from jotgraph.plan.outcome import NotProven, Refused
from jotgraph.records import Record, ResourceId
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.session import World
from jotgraph.sources.single import read
from jotgraph.store.journal import Journal

T = TypeVar("T")

_LISTS = frozenset({"tags", "attached", "inline", "profiles"})
"""Facts that are lists, of which a run that was interrupted may have taken some away itself."""


@dataclass(frozen=True)
class Run:
    """One plan being applied."""

    plan: Plan
    world: World
    journal: Journal
    patience: float = 60.0
    """Seconds to wait until something that was deleted is gone."""
    pause: Callable[[float], None] = time.sleep
    backup: bool = True
    """Whether a copy is kept beside the journal before anything is deleted."""

    @property
    def planned(self) -> frozenset[ResourceId]:
        return frozenset(each.id for each in self.plan.steps)

    def write(
        self,
        step: ResourceId,
        place: RegionClient,
        service: str,
        action: str,
        kept: Mapping[str, Any] | None = None,
        *,
        putting_back: bool = False,
        **params: Any,
    ) -> Mapping[str, Any]:
        """Make one journalled call. Raises CallFailedError."""
        return self.journal.call(
            (step,),
            f"{service}:{action}",
            params,
            lambda: place.ask(service, action, **params),
            kept,
            putting_back=putting_back,
        )


def back_up(run: Run, step: ResourceId) -> None:
    """Keep what describes a resource, unless an earlier run of the plan did: what is left of it by
    then may be less. Raises CallFailedError."""
    if run.backup and not document_path(run.journal.folder, step).exists():
        keep(run.world, run.journal.folder, step)


def look(run: Run, step: Step, taken: Mapping[str, frozenset[str]] | None = None) -> Record | None:
    """The target as it is now, or None when it is gone. Raises Refused when it is not what the
    plan was made from; ``taken`` are members of lists that this run itself took away before."""
    found = read(run.world, step.id)
    if found is not None:
        require_same(step, found, taken)
    return found


def require_same(
    step: Step,
    found: Record,
    taken: Mapping[str, frozenset[str]] | None = None,
    ours: Mapping[str, Collection[str]] | None = None,
) -> None:
    """Raise Refused when a record differs from the step's fingerprint. By what this run itself did
    before, lists may lack what it has ``taken``, and facts may have the values that are ``ours``.
    """
    for fact, before, after in differing(dict(step.fingerprint), dict(fingerprint(found))):
        if fact in _LISTS and taken:
            lacking = set(before.split()) - taken.get(fact, frozenset())
            if lacking <= set(after.split()) <= set(before.split()):
                continue
        if after in (ours or {}).get(fact, ()):
            continue
        raise Refused(
            f"it changed since the plan was made: {fact} was {_said(before)}, is {_said(after)}"
        )


def wait_gone(run: Run, step: ResourceId) -> None:
    """Look until a resource is gone. Raises NotProven when it stays, CallFailedError when that
    cannot be seen."""
    if not wait(run, lambda: read(run.world, step) is None):
        raise NotProven(f"it was deleted, and is still there after {run.patience:g} s")


def wait(run: Run, done: Callable[[], bool]) -> bool:
    """Ask until it is so or the patience is over; pauses double from a tenth of a second."""
    waited, step = 0.0, 0.1
    while not done():
        if waited >= run.patience:
            return False
        run.pause(step)
        waited += step
        step = min(step * 2, 5.0)
    return True


def _said(fact: str) -> str:
    return fact or "empty"
