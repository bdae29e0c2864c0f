"""What a run says of each step, and how a step is given up."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jotgraph.plan.model import Action
from jotgraph.records import ResourceId

FORMAT = "jotgraph/outcomes/1"


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

    format: str = FORMAT
    run: str
    """The name that ``undo`` takes."""
    plan: str
    """The plan's digest."""
    journal: str
    """Path of the journal."""
    outcomes: tuple[Outcome, ...]
    """In the order of the plan's steps."""

    @property
    def proven(self) -> bool:
        """Whether every step is done."""
        return all(each.status is Status.DONE for each in self.outcomes)


class Refused(Exception):  # noqa: N818 -- it is no error: the world says no
    """The resource must stay; the message says why."""


class NotProven(Exception):  # noqa: N818 -- as above
    """It cannot be said that the step is done; the message says why."""
