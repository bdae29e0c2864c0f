"""What a run, an undo and a release say of each resource."""

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
    """It is gone, and that was looked at."""
    REFUSED = "refused"
    """The world is not what the plan was made from: the resource stays."""
    FAILED = "failed"
    """A call went wrong, or it could not be proven that the resource is gone."""
    SKIPPED = "skipped"
    """A step that had to come first is not done."""


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
    """The name that ``undo`` takes; empty where nothing was to be done."""
    plan: str
    """The plan's digest."""
    journal: str
    """Path of the journal; empty where there is none."""
    outcomes: tuple[Outcome, ...]
    """In the order of the plan's steps."""
    assumed: tuple[str, ...] = ()
    """Services that were not asked: the plan assumed that they run none of it."""
    scope: Scope = Scope()
    """Where the scan looked that the plan was made from, and which services it read."""

    @property
    def proven(self) -> bool:
        """Whether every step is done."""
        return all(outcome.status is Status.DONE for outcome in self.outcomes)


class PutBack(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """What became of one resource that was to come back."""

    id: ResourceId
    status: S
    because: str


class PutBackReceipt(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """What was done to bring back what a run took."""

    format: str
    run: str
    outcomes: tuple[PutBack[S], ...]
    damage: str = ""
    """What is wrong with the run's journal: it may hold more."""
    titles: tuple[tuple[ResourceId, str], ...] = ()
    """The names that people were shown by the run's plan, where these say more than the ids."""


class UndoStatus(StrEnum):
    """What became of something that a run deleted, or made."""

    RESTORED = "restored"
    """Of what a run changed: it is as it was before."""
    REMOVED = "removed"
    """Of what a run created: it is gone."""
    THERE = "there"
    """It was seen to be there: the very same, or what an earlier undo made."""
    GONE = "gone"
    """It was seen to be gone, and nothing was done: that was only asked."""
    CANNOT = "cannot"
    """By its nature, for want of a copy, or since something else has its name."""
    FAILED = "failed"


UndoOutcome: TypeAlias = PutBack[UndoStatus]


class UndoReceipt(PutBackReceipt[UndoStatus], frozen=True, kw_only=True):
    """What ``undo`` did."""

    format: str = "jotgraph/undone/1"

    @property
    def whole(self) -> bool:
        """Whether everything is back, and what was created is gone."""
        back = (UndoStatus.RESTORED, UndoStatus.THERE, UndoStatus.REMOVED)
        return all(outcome.status in back for outcome in self.outcomes)


class ReleaseStatus(StrEnum):
    """What became of something that a run set aside."""

    RELEASED = "released"
    THERE = "there"
    """It was put back before."""
    CHANGED = "changed"
    """By somebody else, who is not overruled."""
    FAILED = "failed"


ReleaseOutcome: TypeAlias = PutBack[ReleaseStatus]


class ReleaseReceipt(PutBackReceipt[ReleaseStatus], frozen=True, kw_only=True):
    """What ``release`` did."""

    format: str = "jotgraph/released/1"

    @property
    def whole(self) -> bool:
        """Whether everything is as it was, as far as is known."""
        back = (ReleaseStatus.RELEASED, ReleaseStatus.THERE)
        return not self.damage and all(outcome.status in back for outcome in self.outcomes)
