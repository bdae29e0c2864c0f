"""The kinds of resource, and the table of everything the program knows about each.

A new kind begins with a member of ``Kind`` and a row of ``KINDS``; ``tests/records/test_kinds.py``
then names every part that is still missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from jotgraph.records.kind_traits import Home, Stage, Way


class Kind(StrEnum):
    """The kinds of resource, in the order in which work flows."""

    __hash__ = str.__hash__  # that of Enum is written in Python, and takes ten times as long

    COMMIT = "commit"
    LOCAL_IMAGE = "local-image"
    CONTAINER = "container"
    ECR_REPO = "ecr-repo"
    ECR_IMAGE = "ecr-image"
    FUNCTION = "function"
    VERSION = "version"
    ALIAS = "alias"
    TRIGGER = "trigger"
    WORKLOAD = "workload"
    ROLE = "role"
    LOG_GROUP = "log-group"


class Shape(StrEnum):
    """Outlines of cards in pictures. Each kind has its own, so that no kind is told by colour
    alone."""

    STADIUM = "stadium"
    FOLDED = "folded"
    RIDGED = "ridged"
    CYLINDER = "cylinder"
    RECTANGLE = "rect"
    HEXAGON = "hexagon"
    ROUNDED = "rounded"
    TAG = "tag"
    SLANTED = "slanted"
    TRAPEZIUM = "trapezium"
    OCTAGON = "octagon"
    WAVED = "waved"


class KindInfo(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Everything the program knows about one kind."""

    word: str
    """The noun where the surrounding text names the service: ``repository``, ``image``."""
    title: str
    """The noun by itself: ``ECR repository``, ``registry image``."""
    plural: str
    """The plural by itself."""
    stage: Stage
    lane: int | None = None
    """Its position within the column; None orders by distance from the first card of the kind."""
    shape: Shape
    home: Home
    services: tuple[str, ...]
    """The services whose calls list it, as gaps name them."""
    listed_with: Kind | None = None
    """A kind that has to be listed first: when that is unread, so is this one."""
    field: str
    """The field of ``Inventory`` that holds the records."""
    key: str
    """Regular expression of the whole id without the kind: names as git, Docker, ECR, Lambda and
    IAM allow them (their API references)."""
    named: Way
    """How the name in the id can be typed when nothing else is known about the resource."""
    by_prefix: bool = False
    """Whether a prefix of its name or digest identifies it."""
    from_commit: bool = False
    """Whether it contains files that were built from a commit."""
    acts: bool = False
    """Whether it runs or is called by itself, so that a dependent does not put it in use."""
    never_deleted: str = ""
    """Why nothing deletes it; empty for a kind that plans may delete."""
    never_judged: str = ""
    """Why its use is never judged; empty for a kind that ``orphans`` judges."""


_HERE = r"[0-9]{12}/[a-z]{2,}(?:-[a-z]+)+-[0-9]+"
_FILE = r"elsewhere/[!-.0-~]{1,2048}"
"""Key of a workload that a ``--used-by`` file names: it belongs to no account."""
_FUNCTION = r"[A-Za-z0-9_-]{1,140}"
_REPOSITORY = r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*"

CONSUMERS = (
    "apprunner", "batch", "bedrock-agentcore", "codebuild", "ecs", "eks", "emr-serverless",
    "gamelift", "sagemaker",
)  # fmt: skip
"""Services beside Lambda that run images and are scanned, by the prefix of their IAM actions."""
SERVICES = ("lambda", *CONSUMERS)

KINDS: Mapping[Kind, KindInfo] = MappingProxyType(
    {
        Kind.COMMIT: KindInfo(
            word="commit",
            title="commit",
            plural="commits",
            stage=Stage.COMMIT,
            shape=Shape.STADIUM,
            home=Home.GIT,
            services=("git",),
            field="commits",
            key=r"[0-9a-f]{40}(?:[0-9a-f]{24})?",
            named=Way.DIGEST,
            by_prefix=True,
            acts=True,
            never_deleted="commits are never deleted",
            never_judged="nothing ever deletes a commit",
        ),
        Kind.LOCAL_IMAGE: KindInfo(
            word="local image",
            title="local image",
            plural="local images",
            stage=Stage.ENGINE,
            shape=Shape.FOLDED,
            home=Home.ENGINE,
            services=("docker",),
            field="local_images",
            key=r"sha256:[0-9a-f]{64}",
            named=Way.DIGEST,
            by_prefix=True,
            from_commit=True,
        ),
        Kind.CONTAINER: KindInfo(
            word="container",
            title="container",
            plural="containers",
            stage=Stage.ENGINE,
            shape=Shape.RIDGED,
            home=Home.ENGINE,
            services=("docker",),
            field="containers",
            key=r"[0-9a-f]{12,64}",
            named=Way.DIGEST,
            by_prefix=True,
            acts=True,
        ),
        Kind.ECR_REPO: KindInfo(
            word="repository",
            title="ECR repository",
            plural="repositories",
            stage=Stage.REGISTRY,
            shape=Shape.CYLINDER,
            home=Home.REGION,
            services=("ecr",),
            field="ecr_repositories",
            key=rf"{_HERE}/{_REPOSITORY}",
            named=Way.PLAIN,
        ),
        Kind.ECR_IMAGE: KindInfo(
            word="image",
            title="registry image",
            plural="registry images",
            stage=Stage.REGISTRY,
            shape=Shape.RECTANGLE,
            home=Home.REGION,
            services=("ecr",),
            listed_with=Kind.ECR_REPO,
            field="ecr_images",
            key=rf"{_HERE}/{_REPOSITORY}@sha256:[0-9a-f]{{64}}",
            named=Way.QUALIFIED,
            by_prefix=True,
            from_commit=True,
        ),
        Kind.FUNCTION: KindInfo(
            word="function",
            title="function",
            plural="functions",
            stage=Stage.RUNTIME,
            lane=0,
            shape=Shape.HEXAGON,
            home=Home.REGION,
            services=("lambda",),
            field="functions",
            key=rf"{_HERE}/{_FUNCTION}",
            named=Way.FUNCTION,
            from_commit=True,
            acts=True,
        ),
        Kind.VERSION: KindInfo(
            word="version",
            title="version",
            plural="versions",
            stage=Stage.RUNTIME,
            lane=0,
            shape=Shape.ROUNDED,
            home=Home.REGION,
            services=("lambda",),
            listed_with=Kind.FUNCTION,
            field="versions",
            key=rf"{_HERE}/{_FUNCTION}:(?:[0-9]{{1,20}}|\$LATEST\.PUBLISHED)",
            named=Way.QUALIFIED,
            from_commit=True,
            acts=True,
        ),
        Kind.ALIAS: KindInfo(
            word="alias",
            title="alias",
            plural="aliases",
            stage=Stage.RUNTIME,
            lane=1,
            shape=Shape.TAG,
            home=Home.REGION,
            services=("lambda",),
            listed_with=Kind.FUNCTION,
            field="aliases",
            key=rf"{_HERE}/{_FUNCTION}:(?![0-9]+\Z)[A-Za-z0-9_-]{{1,128}}",
            named=Way.QUALIFIED,
            from_commit=True,
            acts=True,
        ),
        Kind.TRIGGER: KindInfo(
            word="trigger",
            title="trigger",
            plural="triggers",
            stage=Stage.RUNTIME,
            lane=2,
            shape=Shape.SLANTED,
            home=Home.REGION,
            services=("lambda",),
            field="triggers",
            key=rf"{_HERE}/[0-9A-Za-z-]{{1,64}}",
            named=Way.PLAIN,
            by_prefix=True,
            acts=True,
        ),
        Kind.WORKLOAD: KindInfo(
            word="workload",
            title="workload",
            plural="workloads",
            stage=Stage.RUNTIME,
            lane=0,
            shape=Shape.TRAPEZIUM,
            home=Home.REGION,
            services=CONSUMERS,
            field="workloads",
            key=rf"(?:{_HERE}|{_FILE})/[a-z][a-z0-9-]*/[a-z][a-z-]*/[!-~]{{1,512}}",
            named=Way.QUALIFIED,
            from_commit=True,
            acts=True,
            never_deleted="jotgraph never changes its service",
            never_judged="it uses resources, and is not judged itself",
        ),
        Kind.ROLE: KindInfo(
            word="role",
            title="role",
            plural="roles",
            stage=Stage.ROLE,
            shape=Shape.OCTAGON,
            home=Home.ACCOUNT,
            services=("iam",),
            field="roles",
            key=r"[0-9]{12}/(?:[!-.0-~]{1,510}/)*[A-Za-z0-9_+=,.@-]{1,64}",
            named=Way.PLAIN,
        ),
        Kind.LOG_GROUP: KindInfo(
            word="log group",
            title="log group",
            plural="log groups",
            stage=Stage.ROLE,
            shape=Shape.WAVED,
            home=Home.REGION,
            services=("logs",),
            field="log_groups",
            key=rf"{_HERE}/[A-Za-z0-9._/#-]{{1,512}}",
            named=Way.PLAIN,
        ),
    }
)
"""Every kind, in the order of ``Kind``."""

DELETABLE = tuple(kind for kind, info in KINDS.items() if not info.never_deleted)
JUDGED = tuple(kind for kind, info in KINDS.items() if not info.never_judged)
RUNNERS = tuple(kind for kind, info in KINDS.items() if info.from_commit and info.acts)
BUILT = tuple(kind for kind, info in KINDS.items() if info.from_commit)
ACTING = frozenset(kind for kind, info in KINDS.items() if info.acts)
LOCAL = frozenset(kind for kind, info in KINDS.items() if info.home is Home.ENGINE)


def kinds_of_service(service: str) -> tuple[Kind, ...]:
    """Return the kinds that a service lists; empty for one that lists none."""
    return tuple(kind for kind, info in KINDS.items() if service in info.services)


def listed_with(kind: Kind) -> tuple[Kind, ...]:
    """Return the kinds that are unread whenever this kind's listing is."""
    return tuple(other for other, info in KINDS.items() if info.listed_with is kind)
