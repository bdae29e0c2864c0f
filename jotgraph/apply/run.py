"""What all deletions share: the run, a fresh look at a target, and proof that it is gone."""

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
"""Facts that are lists, from which an interrupted run may have removed members itself."""


@dataclass(frozen=True)
class Run:
    """One plan that is being applied."""

    plan: Plan
    session: Session
    brake: Brake = field(default_factory=Brake)
    key: BackupKey | None = None
    """The key that encrypts the descriptions in copies."""
    backup: bool = True
    """Whether a copy is stored beside the journal before anything is deleted."""
    tell: Callable[[str], None] = lambda words: None
    """Called with what is being read again, when that takes more than a moment."""

    def keeps_copy(self, resource: ResourceId) -> bool:
        """Return whether a copy must exist before a resource is deleted."""
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
        """What runs images beside Lambda, as of now."""
        return Consumers(self.plan, self.connections, self.tell)

    @cached_property
    def settled(self) -> set[str]:
        """ARN and revision of functions that were seen settled; an update changes the revision."""
        return set()

    @property
    def planned(self) -> frozenset[ResourceId]:
        return frozenset(step.id for step in self.plan.steps)

    def deleted(self, kind: Kind) -> tuple[ResourceId, ...]:
        """Return what this run has deleted so far, of one kind."""
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
        """Return the step about a resource, if there is one."""
        return next((step for step in self.plan.steps if step.id == resource), None)

    def regions_of(self, account: str) -> list[str]:
        """Return the regions of an account that the plan covers."""
        return [region for owner, region in self.plan.scope.places if owner == account]

    def accounts_in(self, region: str) -> frozenset[str]:
        """Return the accounts of which the plan covers a region."""
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
        """Make a journalled destructive call. Raises NotProvenError when a copy is incomplete,
        CallFailedError."""
        self.require_copies(steps)
        return self.session.call(steps, service, action, kept=kept, **params)

    def destroy_local(
        self, step: ResourceId, call: str, params: Mapping[str, Any], do: Callable[[], T]
    ) -> T:
        """Make a journalled destructive call to the Docker engine."""
        self.require_copies((step,))
        return self.journal.call((step,), call, params, do)

    def require_copies(self, resources: tuple[ResourceId, ...]) -> None:
        """Raise NotProvenError unless the required copies are complete."""
        for resource in resources:
            if self.keeps_copy(resource) and (why := self.copies.trouble(resource)):
                raise NotProvenError(f"its backup is incomplete: {why}")


def back_up(run: Run, step: Step, seen: Record | None = None) -> None:
    """Copy a resource, unless there is a complete copy: less of the resource may be left now.
    ``seen`` is what the caller read right before. Raises RefusedError when it differs from the
    plan, NotProvenError when this run removed part of it and its copy is incomplete,
    CallFailedError, ApplyError."""
    if not run.keeps_copy(step.id) or not (why := run.copies.trouble(step.id)):
        return
    record = seen or run.session.read(step.id)
    if record is None:
        return
    try:
        require_same(step, record)
    except RefusedError as error:
        if not run.journal.attempts(step.id):
            raise
        raise NotProvenError(f"its backup is incomplete ({why}), and {error}") from error
    keep(run.connections, run.copies, step.id)


def look(run: Run, step: Step, taken: Mapping[str, frozenset[str]] | None = None) -> Record | None:
    """Return the target as it is now, or None when it is gone. Raises RefusedError when it differs
    from the plan; ``taken`` are members of lists that this run itself removed before."""
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
    """Raise RefusedError when a record differs from the step's fingerprint. Through this run
    itself, lists may lack what it has ``taken``, and facts may have the values in ``ours``."""
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
    """Wait until a resource is gone. Raises NotProvenError when it stays, CallFailedError when that
    cannot be read."""
    session = run.session
    if not session.wait(lambda: session.read(resource) is None):
        raise NotProvenError(f"it was deleted, but still exists after {session.patience:g} s")
