"""The types of a plan: ordered steps, blocks and survivors with reasons, and a digest of it all."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from jotgraph.analysis.health.model import Code
from jotgraph.analysis.usage.model import Options
from jotgraph.records import Gap, Kind, Pairs, ResourceId, Scope

FORMAT = "jotgraph/plan/1"
LIFETIME = timedelta(hours=1)
"""How long a plan is valid, counted from its scan."""


class Action(StrEnum):
    """What a step does: one API call, or a few that belong together."""

    DELETE_TRIGGER = "delete-trigger"
    DELETE_ALIAS = "delete-alias"
    DELETE_VERSION = "delete-version"
    DELETE_FUNCTION = "delete-function"
    DELETE_IMAGE = "delete-image"
    DELETE_REPOSITORY = "delete-repository"
    DELETE_ROLE = "delete-role"
    DELETE_LOG_GROUP = "delete-log-group"
    REMOVE_CONTAINER = "remove-container"
    REMOVE_LOCAL_IMAGE = "remove-local-image"
    DISABLE_TRIGGER = "disable-trigger"
    THROTTLE_FUNCTION = "throttle-function"
    ARCHIVE_IMAGE = "archive-image"
    DENY_ROLE = "deny-role"


ACTIONS = {
    Kind.TRIGGER: Action.DELETE_TRIGGER,
    Kind.ALIAS: Action.DELETE_ALIAS,
    Kind.VERSION: Action.DELETE_VERSION,
    Kind.FUNCTION: Action.DELETE_FUNCTION,
    Kind.ECR_IMAGE: Action.DELETE_IMAGE,
    Kind.ECR_REPO: Action.DELETE_REPOSITORY,
    Kind.ROLE: Action.DELETE_ROLE,
    Kind.LOG_GROUP: Action.DELETE_LOG_GROUP,
    Kind.CONTAINER: Action.REMOVE_CONTAINER,
    Kind.LOCAL_IMAGE: Action.REMOVE_LOCAL_IMAGE,
}
"""The action that deletes each kind. A commit is never deleted."""

QUARANTINES = {
    Kind.TRIGGER: Action.DISABLE_TRIGGER,
    Kind.FUNCTION: Action.THROTTLE_FUNCTION,
    Kind.ECR_IMAGE: Action.ARCHIVE_IMAGE,
    Kind.ROLE: Action.DENY_ROLE,
}
"""The action that puts each reversible kind in quarantine."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One deletion or, in a quarantine plan, one reversible change."""

    id: ResourceId
    action: Action
    because: str
    after: tuple[ResourceId, ...] = ()
    """Steps that must have succeeded before this one is tried."""
    fingerprint: Pairs = ()
    """The identity facts when it was planned; ``apply`` reads them again right before the call."""
    doubts: tuple[str, ...] = ()
    """The doubts when it was planned: codes, names of gaps, and for doubts that can occur several
    times what they are about. ``apply`` stops at any other doubt."""
    bytes: int | None = None
    at_most: bool = False
    held: str = ""
    """For a sweep, the run that quarantined it. It is deleted only while that mark remains."""
    finding: Code | None = None
    """For a cleanup of ``stale`` resources, the finding that justifies it. ``apply`` checks it
    again."""
    calls_nothing: bool = False
    """For a trigger, whether its target is gone, so that no undo can create it again."""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A requested deletion that is not done, and the reason."""

    id: ResourceId
    because: str
    by: tuple[ResourceId, ...] = ()


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A resource that something deleted uses, and that survives."""

    id: ResourceId
    because: str
    by: tuple[ResourceId, ...] = ()


class Caps(msgspec.Struct, frozen=True, kw_only=True):
    """The most that one plan may delete."""

    count: int | None = None
    percent: float | None = None
    """Share of all deletable resources in the inventory."""
    both: bool = False
    """Refuse only what exceeds both caps; otherwise what exceeds either."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A complete decision: ``apply`` does its steps and nothing else."""

    format: str = FORMAT
    asked: str
    """The command that made it, for display."""
    made_at: datetime
    expires_at: datetime
    taken_at: datetime
    """The time of the scan behind it."""
    scope: Scope
    gaps: tuple[Gap, ...] = ()
    complete: bool
    """Whether nothing unread could change it. ``apply`` refuses an incomplete plan unless its gaps
    are accepted by name."""
    unread: tuple[str, ...] = ()
    """What is deleted although something was not read, by the names that ``--accept-gaps`` takes:
    ``service:Action`` of a gap, or the code of a doubt."""
    undecided: tuple[str, ...] = ()
    """Services that were not read and may use what was asked for: the plan is incomplete."""
    assumed: tuple[str, ...] = ()
    """Services that the user declares to run none of it (``--assume-no``)."""
    options: Options | None = None
    """The options that decided; ``apply`` judges by the same."""
    over: str = ""
    """The caps that it exceeds; ``apply`` then refuses it."""
    steps: tuple[Step, ...] = ()
    blocks: tuple[Block, ...] = ()
    kept: tuple[Kept, ...] = ()
    without_copy: tuple[ResourceId, ...] = ()
    """Steps without a possible copy, each of which was accepted by name."""
    quarantine: bool = False
    """Whether the steps put resources in quarantine instead of deleting them."""
    left: tuple[Kept, ...] = ()
    """For a quarantine, resources without a quarantine of their own, which ``sweep`` deletes."""
    ecr_bytes: int = 0
    local_bytes: int = 0
    dollars_a_month: float = 0.0
    """The monthly cost of the freed bytes in ECR, by ``plan.prices``."""
    at_most: bool = False
    """Whether the bytes are an upper bound, because it is unknown who shares some layers."""
    titles: tuple[tuple[ResourceId, str], ...] = ()
    """Display names of resources whose id does not contain them: image tags, trigger sources and
    functions."""
    judged: int = 0
    """The number of deletable resources in the inventory, for caps in percent."""
    judged_of: tuple[tuple[Kind, int], ...] = ()
    """The same by kind, for the limits of whoever applies it."""
    digest: str = ""
    """sha256 of the plan's JSON with an empty digest; an edited file is refused."""


def seal(plan: Plan) -> Plan:
    """Return the plan with its digest set."""
    return msgspec.structs.replace(plan, digest=plan_digest(plan))


def plan_digest(plan: Plan) -> str:
    """Return the digest that a plan should have."""
    bare = msgspec.structs.replace(plan, digest="")
    return f"sha256:{hashlib.sha256(msgspec.json.encode(bare)).hexdigest()}"
