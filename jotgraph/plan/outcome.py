"""The outcomes of a run, an undo and a release for each resource."""

from __future__ import annotations

from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

import msgspec

from jotgraph.plan.model import Action
from jotgraph.records import ResourceId, Scope

S = TypeVar("S", bound=StrEnum)


class Status(StrEnum):
    """How a step ended."""

    DONE = "done"
    """It is gone, which was verified."""
    REFUSED = "refused"
    """The world differs from the plan, so the resource was kept."""
    FAILED = "failed"
    """A call failed, or it could not be verified that the resource is gone."""
    SKIPPED = "skipped"
    """A step that had to succeed first did not."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The end of one step."""

    id: ResourceId
    action: Action
    status: Status
    because: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What one run of ``apply`` did."""

    format: str = "jotgraph/outcomes/1"
    run: str
    """The run's name, for ``undo``; empty when there was nothing to do."""
    plan: str
    """The digest of the plan."""
    journal: str
    """Path of the journal; empty when there is none."""
    outcomes: tuple[Outcome, ...]
    """In the order of the plan's steps."""
    assumed: tuple[str, ...] = ()
    """Services that were not asked, because the plan assumes that they run none of it."""
    scope: Scope = Scope()
    """The scope of the plan's scan, and which services that read."""

    @property
    def proven(self) -> bool:
        """Whether every step is done."""
        return all(outcome.status is Status.DONE for outcome in self.outcomes)


class PutBack(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """The outcome for one resource that was to be restored."""

    id: ResourceId
    status: S
    because: str


class PutBackReceipt(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """What was done to restore what a run deleted or changed."""

    format: str
    run: str
    outcomes: tuple[PutBack[S], ...]
    damage: str = ""
    """What is wrong with the run's journal, which may have contained more."""
    titles: tuple[tuple[ResourceId, str], ...] = ()
    """Display names from the run's plan, where the ids do not contain them."""


class UndoStatus(StrEnum):
    """What happened to a resource that a run deleted or created."""

    RESTORED = "restored"
    """It was changed by the run and is restored to its state before."""
    REMOVED = "removed"
    """It was created by the run and is deleted."""
    THERE = "there"
    """It exists already: the very same, or one that an earlier undo created."""
    GONE = "gone"
    """It is gone already, and nothing was done: this was a dry run."""
    CANNOT = "cannot"
    """It cannot be restored, by its nature, without a copy, or because its name is taken."""
    FAILED = "failed"


UndoOutcome: TypeAlias = PutBack[UndoStatus]


class UndoReceipt(PutBackReceipt[UndoStatus], frozen=True, kw_only=True):
    """What ``undo`` did."""

    format: str = "jotgraph/undone/1"

    @property
    def whole(self) -> bool:
        """Return whether everything is restored, and everything created is gone."""
        back = (UndoStatus.RESTORED, UndoStatus.THERE, UndoStatus.REMOVED)
        return all(outcome.status in back for outcome in self.outcomes)


class ReleaseStatus(StrEnum):
    """What happened to a resource that a run had put in quarantine."""

    RELEASED = "released"
    THERE = "there"
    """It was released before."""
    CHANGED = "changed"
    """Somebody else changed it, and that is left alone."""
    FAILED = "failed"


ReleaseOutcome: TypeAlias = PutBack[ReleaseStatus]


class ReleaseReceipt(PutBackReceipt[ReleaseStatus], frozen=True, kw_only=True):
    """What ``release`` did."""

    format: str = "jotgraph/released/1"

    @property
    def whole(self) -> bool:
        """Return whether everything is as it was, as far as is known."""
        back = (ReleaseStatus.RELEASED, ReleaseStatus.THERE)
        return not self.damage and all(outcome.status in back for outcome in self.outcomes)
