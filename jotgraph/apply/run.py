"""What every writer shares: the run, a fresh look at a target, and proof that it is gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from jotgraph.apply.backup import Copies, keep
from jotgraph.apply.brake import Brake
from jotgraph.apply.consumers import Consumers
from jotgraph.apply.session import Session
from jotgraph.errors import NotProvenError, RefusedError
from jotgraph.plan import Plan, Step, fingerprint
from jotgraph.plan.fingerprints import differing
from jotgraph.plan.outcome import Status
from jotgraph.records import Kind, Record, ResourceId, kind_of
from jotgraph.sources.aws.calls import Answer
from jotgraph.sources.connections import Connections
from jotgraph.store.encryption import BackupKey
from jotgraph.store.journal import Journal

T = TypeVar("T")

GONE_ALREADY = "already gone"
_LISTS = frozenset({"tags", "attached", "inline", "profiles"})
"""Facts that are lists, of which a run that was interrupted may have taken some away itself."""


@dataclass(frozen=True)
class Run:
    """One plan being applied."""

    plan: Plan
    session: Session
    brake: Brake = field(default_factory=Brake)
    key: BackupKey | None = None
    """What the documents of copies are encrypted with."""
    backup: bool = True
    """Whether a copy is kept beside the journal before anything is deleted."""
    tell: Callable[[str], None] = lambda words: None
    """Told what is looked at again, where that takes more than a moment."""

    def keeps_copy(self, resource: ResourceId) -> bool:
        """Whether a copy must be there before a resource goes."""
        return self.backup and resource not in self.plan.without_copy

    @property
    def connections(self) -> Connections:
        return self.session.connections

    @property
    def journal(self) -> Journal:
        return self.session.journal

    @cached_property
    def copies(self) -> Copies:
        return Copies(self.journal.folder, self.key)

    @cached_property
    def consumers(self) -> Consumers:
        """What runs images beside Lambda, as it is now."""
        return Consumers(self.plan, self.connections, self.tell)

    @property
    def planned(self) -> frozenset[ResourceId]:
        return frozenset(step.id for step in self.plan.steps)

    def deleted(self, kind: Kind) -> tuple[ResourceId, ...]:
        """What this run has deleted so far, of one kind."""
        results = {
            resource: entry.result
            for entry in self.journal.entries
            if entry.what == "step"
            for resource in entry.steps
        }
        return tuple(
            resource
            for resource, result in results.items()
            if kind_of(resource) is kind and result == Status.DONE
        )

    def step_of(self, resource: ResourceId) -> Step | None:
        """The step about a resource, if there is one."""
        return next((step for step in self.plan.steps if step.id == resource), None)

    def regions_of(self, account: str) -> list[str]:
        """Regions of an account that the plan was made from."""
        return [region for owner, region in self.plan.scope.places if owner == account]

    def accounts_in(self, region: str) -> frozenset[str]:
        """Accounts of which the plan was made from a region."""
        return frozenset(
            account for account, read_region in self.plan.scope.places if read_region == region
        )

    def destroy(
        self,
        steps: tuple[ResourceId, ...],
        service: str,
        action: str,
        *,
        kept: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> Answer:
        """Make a journalled call that takes something away. Raises NotProvenError when a copy is
        not whole, CallFailedError."""
        self.require_copies(steps)
        return self.session.call(steps, service, action, kept=kept, **params)

    def destroy_local(
        self, step: ResourceId, call: str, params: Mapping[str, Any], do: Callable[[], T]
    ) -> T:
        """The same of the Docker engine."""
        self.require_copies((step,))
        return self.journal.call((step,), call, params, do)

    def require_copies(self, resources: tuple[ResourceId, ...]) -> None:
        """Raise NotProvenError unless the copies that are to be kept are there whole."""
        for resource in resources:
            if self.keeps_copy(resource) and (why := self.copies.trouble(resource)):
                raise NotProvenError(f"no backup: its copy is not whole: {why}")


def back_up(run: Run, step: Step, seen: Record | None = None) -> None:
    """Keep a copy of a resource, unless there is a whole one: what is left of the resource by then
    may be less. ``seen`` is what the caller read just before, with no call since. Raises
    NotProvenError when part of it was taken and its copy is not whole, CallFailedError,
    ApplyError."""
    if not run.keeps_copy(step.id) or not (why := run.copies.trouble(step.id)):
        return
    record = seen or run.session.read(step.id)
    if record is None:
        return
    try:
        require_same(step, record)
    except RefusedError as error:
        raise NotProvenError(f"its copy is not whole ({why}), and {error}") from error
    keep(run.connections, run.copies, step.id)


def look(run: Run, step: Step, taken: Mapping[str, frozenset[str]] | None = None) -> Record | None:
    """The target as it is now, or None when it is gone. Raises RefusedError when it is not what
    the plan was made from; ``taken`` are members of lists that this run itself took away before."""
    record = run.session.read(step.id)
    if record is not None:
        require_same(step, record, taken)
    return record


def require_same(
    step: Step,
    record: Record,
    taken: Mapping[str, frozenset[str]] | None = None,
    ours: Mapping[str, Collection[str]] | None = None,
) -> None:
    """Raise RefusedError when a record differs from the step's fingerprint. By what this run itself
    did before, lists may lack what it has ``taken``, and facts may have the values that are
    ``ours``."""
    for fact, before, after in differing(dict(step.fingerprint), dict(fingerprint(record))):
        if fact in _LISTS and taken:
            lacking = set(before.split()) - taken.get(fact, frozenset())
            if lacking <= set(after.split()) <= set(before.split()):
                continue
        if after in (ours or {}).get(fact, ()):
            continue
        raise RefusedError(
            f"it changed since the plan was made: {fact} was {before or 'empty'}, "
            f"is {after or 'empty'}"
        )


def wait_gone(run: Run, resource: ResourceId) -> None:
    """Look until a resource is gone. Raises NotProvenError when it stays, CallFailedError when that
    cannot be seen."""
    session = run.session
    if not session.wait(lambda: session.read(resource) is None):
        raise NotProvenError(f"it was deleted, but still exists after {session.patience:g} s")
