"""What a plan is: steps in order, blocks, what is kept, each with *because*; and its own digest."""

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
"""How long a plan is valid, counted from the scan that it was made from."""


class Action(StrEnum):
    """What a step does. One call of the owner's API each, or a few that belong together."""

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
"""How each kind goes. A commit never does."""

QUARANTINES = {
    Kind.TRIGGER: Action.DISABLE_TRIGGER,
    Kind.FUNCTION: Action.THROTTLE_FUNCTION,
    Kind.ECR_IMAGE: Action.ARCHIVE_IMAGE,
    Kind.ROLE: Action.DENY_ROLE,
}
"""How the kinds that can be put back are set aside."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One deletion, or in a quarantine one setting aside."""

    id: ResourceId
    action: Action
    because: str
    after: tuple[ResourceId, ...] = ()
    """Steps that must have succeeded before this one may be tried."""
    fingerprint: Pairs = ()
    """Identity facts at planning time; ``apply`` reads them again just before the call."""
    doubts: tuple[str, ...] = ()
    """The doubts that stood when it was planned: codes, names of gaps, and with what they are about
    those of which there may be several. ``apply`` stops at any other."""
    bytes: int | None = None
    at_most: bool = False
    held: str = ""
    """Of a sweep: the run that holds it in quarantine. It goes only while that is so."""
    finding: Code | None = None
    """Of a cleanup of what ``stale`` lists: the finding for whose sake it goes. ``apply`` looks for
    it again."""
    calls_nothing: bool = False
    """Of a trigger: whether what it calls is gone, so that no undo can create it again."""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Something asked for that will not be deleted, and what stops it."""

    id: ResourceId
    because: str
    by: tuple[ResourceId, ...] = ()


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Something that what is deleted was using, and that survives."""

    id: ResourceId
    because: str
    by: tuple[ResourceId, ...] = ()


class Caps(msgspec.Struct, frozen=True, kw_only=True):
    """How much one plan may delete."""

    count: int | None = None
    percent: float | None = None
    """Of all deletable resources in the inventory."""
    both: bool = False
    """Refuse only what exceeds both; otherwise what exceeds either."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, complete in itself: ``apply`` does its steps and nothing else."""

    format: str = FORMAT
    asked: str
    """The command that made it, for people."""
    made_at: datetime
    expires_at: datetime
    taken_at: datetime
    """When the inventory it was made from was read."""
    scope: Scope
    gaps: tuple[Gap, ...] = ()
    complete: bool
    """Whether nothing unread could change it. ``apply`` refuses an incomplete plan unless its gaps
    are accepted by name."""
    unread: tuple[str, ...] = ()
    """What of it would go although something was not read, by the names that ``--accept-gaps``
    takes: ``service:Action`` of a gap, or the code of a doubt."""
    undecided: tuple[str, ...] = ()
    """Services that were not read and may use what was asked for: it is not complete."""
    assumed: tuple[str, ...] = ()
    """Services of which the user says that they run none of it (``--assume-no``)."""
    options: Options | None = None
    """What decided; ``apply`` judges what it reads by the same."""
    over: str = ""
    """Which cap it exceeds; ``apply`` refuses it then."""
    steps: tuple[Step, ...] = ()
    blocks: tuple[Block, ...] = ()
    kept: tuple[Kept, ...] = ()
    without_copy: tuple[ResourceId, ...] = ()
    """Steps that go though no copy of them can be kept: each was named."""
    quarantine: bool = False
    """Whether the steps set aside what ``release`` puts back, instead of deleting it."""
    left: tuple[Kept, ...] = ()
    """Of a quarantine: what goes along and has no quarantine of its own; ``sweep`` takes it."""
    ecr_bytes: int = 0
    local_bytes: int = 0
    dollars_a_month: float = 0.0
    """What the bytes in ECR cost, by ``plan.prices``."""
    at_most: bool = False
    """The bytes are an upper bound: some layers' sharing is not known."""
    titles: tuple[tuple[ResourceId, str], ...] = ()
    """The names that people are shown, of what has another than its id says: tags of images, the
    source and the function of a trigger."""
    judged: int = 0
    """Deletable resources in the inventory, for caps in percent."""
    judged_of: tuple[tuple[Kind, int], ...] = ()
    """The same by kind, for the limits of whoever applies it."""
    digest: str = ""
    """sha256 of the plan's JSON with an empty digest; a file that was edited is refused."""


def seal(plan: Plan) -> Plan:
    """Return the plan with its digest set."""
    return msgspec.structs.replace(plan, digest=plan_digest(plan))


def plan_digest(plan: Plan) -> str:
    """The digest that a plan should carry."""
    bare = msgspec.structs.replace(plan, digest="")
    return f"sha256:{hashlib.sha256(msgspec.json.encode(bare)).hexdigest()}"
