"""The state of the embedded AWS: what moto keeps, and what the sandbox keeps beside it.

moto holds ECR repositories (their policies, lifecycle, tags), IAM, STS, CloudWatch, logs and the
rest. The sandbox holds images, Lambda and Lambda's metrics itself, because nearly every call on
them needed a correction. So it does for the other services that run images (``kept``): moto 5.2
resolves no tag to a digest there, knows no revision of an ECS service, starts no task for one,
drops the images of EMR applications and of most Batch jobs, and pages hardly any listing.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from jotgraph.sandbox.paging import BadTokenError, Pages
from jotgraph.sandbox.wire import AwsError, Reply, Request

ACCOUNT = "123456789012"
REGION = "us-east-1"
ENABLED = frozenset({"eu-central-1", "eu-west-1", "us-east-1", "us-west-2"})
"""Regions that an account of the sandbox has enabled, unless told: a scan asks each of them whether
anything is there, and AWS's 37 would make every scan of a test do so."""


@dataclass
class Scan:
    """The last vulnerability scan of an image, as ECR shows it."""

    status: str
    description: str
    counts: Mapping[str, int] | None = None
    completed_at: float | None = None
    described: bool = True
    """Whether DescribeImages tells of it; DescribeImageScanFindings always does."""


@dataclass
class Image:
    """One manifest in one repository. Times are seconds since 1970."""

    digest: str
    manifest: str
    media_type: str
    size: int
    pushed_at: float
    tags: list[str] = field(default_factory=list)
    artifact_media_type: str | None = None
    artifact_type: str | None = None
    subject: str | None = None
    blobs: tuple[str, ...] = ()
    """Digests of the config and of every layer."""
    children: tuple[str, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    pulled_at: float | None = None
    archived_at: float | None = None
    activated_at: float | None = None
    archived: bool = False
    scan: Scan | None = None


@dataclass
class Images:
    """The images of one repository; truthy when there is any, as moto's DeleteRepository asks."""

    by_digest: dict[str, Image] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    parents: dict[str, set[str]] = field(default_factory=dict)
    """Child digest -> digests of the indexes that list it."""
    blobs: dict[str, bytes] = field(default_factory=dict)
    users: Counter[str] = field(default_factory=Counter)
    """Digest of a blob -> how many images have it."""
    preview: Any = None
    """The last lifecycle policy preview started."""

    def __len__(self) -> int:
        return len(self.by_digest)


@dataclass
class Function:
    """One Lambda function; configurations are dicts in the shape of the API."""

    latest: dict[str, Any]
    versions: dict[int, dict[str, Any]] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    """What was last published to a capacity provider: ``$LATEST.PUBLISHED``; empty for nothing."""
    aliases: dict[str, dict[str, Any]] = field(default_factory=dict)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Qualifier (``""``: none) -> {"Policy": statements, "RevisionId": ...}."""
    urls: dict[str, dict[str, Any]] = field(default_factory=dict)
    extras: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """(what, qualifier) -> event invoke, provisioned concurrency and such configurations."""
    tags: dict[str, str] = field(default_factory=dict)
    concurrency: int | None = None
    next_version: int = 1
    warm: set[str] = field(default_factory=set)
    """Revisions that were invoked before: the next call of one is no cold start."""
    changed: bool = True
    """Whether code or configuration changed since the last published version."""
    looks: int = 0
    """Looks for which the last change still goes on."""
    creating: bool = False
    """Whether that change is its creation."""


@dataclass(frozen=True)
class Invoked:
    """The context that a function gets with its event."""

    request_id: str
    name: str
    version: str
    digest: str
    """Of the image that runs, ``sha256:<hex>``; empty for a zip package."""
    log: Callable[[str], None] = field(repr=False)
    """Writes a line to the function's log."""


Answer: TypeAlias = Callable[[Any, Invoked], Any]
"""What a function answers: the event and its context in, what becomes its JSON out. What it raises
is an unhandled error of the function. It is run while the sandbox answers nobody else."""


@dataclass
class Lambda:
    """Lambda of one account and region."""

    functions: dict[str, Function] = field(default_factory=dict)
    triggers: dict[str, dict[str, Any]] = field(default_factory=dict)
    trigger_tags: dict[str, dict[str, str]] = field(default_factory=dict)
    """By UUID."""
    numbers: dict[str, int] = field(default_factory=dict)
    """Name of a deleted function -> the number that its next version would have had."""


@dataclass(frozen=True)
class Member:
    """One account of an organization."""

    name: str
    status: str = "ACTIVE"
    """``ACTIVE``, ``SUSPENDED`` or ``PENDING_CLOSURE``."""


@dataclass(frozen=True)
class Organization:
    """An organization of AWS Organizations."""

    management: str
    members: Mapping[str, Member]
    """By account, the management account among them."""
    delegated: frozenset[str] = frozenset()
    """Accounts that may list the others, too."""

    @property
    def administrators(self) -> frozenset[str]:
        return self.delegated | {self.management}


@dataclass
class World:
    """The state that the handlers of calls may change."""

    endpoint: str = ""
    pages: Pages = field(default_factory=Pages)
    lambdas: dict[tuple[str, str], Lambda] = field(default_factory=dict)
    kept: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    """(account, region, kind) -> resources by name; see ``kept``."""
    pull_through: dict[tuple[str, str], dict[str, dict[str, Any]]] = field(default_factory=dict)
    pull_exclusions: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    """(account, region) -> principal -> when its pulls stopped to move pull times."""
    metrics: dict[tuple[str, str], dict[tuple[Any, ...], list[tuple[float, float]]]] = field(
        default_factory=dict
    )
    """(account, region) -> (metric, sorted dimensions) -> [(time, value)] of AWS/Lambda."""
    accounts: dict[str, str] = field(default_factory=dict)
    """Access key -> account, for keys handed out in process."""
    sessions: dict[str, float] = field(default_factory=dict)
    """Access key of an assumed role -> when its session ends."""
    organization: Organization | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    """By name of a function, or by digest of an image: what Invoke runs; see ``Sandbox.answer``."""
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    """Chooses between the versions of a weighted alias, the same in each new sandbox."""
    packages: dict[str, bytes] = field(default_factory=dict)
    """CodeSha256 -> zip package."""
    regions: frozenset[str] = ENABLED
    regions_of: dict[str, frozenset[str]] = field(default_factory=dict)
    """Account -> the regions that it has enabled, where they are others."""
    """Regions that the account has enabled; empty is every region there is."""
    ahead: float = 0.0
    """Seconds that the sandbox's clock is ahead of the real one."""
    restore_seconds: float = 0.0
    """How long an archived image stays ACTIVATING."""
    require_layers: bool = True
    """Whether PutImage insists on blobs uploaded before, as AWS does."""
    settle_looks: int = 0
    """Looks at a function (GetFunction) for which a change of it still goes on."""
    role_refusals: int = 0
    """Calls more that are told that their role cannot be assumed, as Lambda says for some seconds
    of a role that was just made."""

    def now(self) -> float:
        return time.time() + self.ahead

    def stamp(self) -> str:
        """Now, as Lambda writes it."""
        return lambda_time(self.now())

    def lambda_of(self, account: str, region: str) -> Lambda:
        return self.lambdas.setdefault((account, region), Lambda())

    def page(
        self,
        request: Request,
        items: Callable[[], Any],
        size: int,
        token: str | None,
        error: str = "InvalidParameterException",
    ) -> tuple[Any, str | None]:
        """Cut one page; raise ``error`` for a token of another listing."""
        skip = {
            "nextToken", "NextToken", "maxResults", "MaxResults", "Marker", "MaxItems", "Limit",
            "PaginationToken",
        }  # fmt: skip
        asked = sorted((k, str(v)) for k, v in request.params.items() if k not in skip)
        key = (request.action, request.account, request.region, tuple(asked))
        try:
            return self.pages.take(key, items, size, token)
        except BadTokenError:
            raise AwsError(error, "Invalid pagination token provided.") from None


Handler: TypeAlias = Callable[[World, Request], Reply | None]
"""Answers a call; None leaves it to moto."""


def lambda_time(seconds: float) -> str:
    """``2026-11-24T17:00:00.000+0000``: how Lambda writes LastModified (API_FunctionConfiguration,
    "ISO-8601 format (YYYY-MM-DDThh:mm:ss.sTZD)")."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def ecr_backend(account: str, region: str) -> Any:
    """moto's ECR of one account and region."""
    from moto.ecr.models import ecr_backends  # noqa: PLC0415 -- moto takes a second to import

    return ecr_backends[account][region]


def logs_backend(account: str, region: str) -> Any:
    """moto's CloudWatch Logs of one account and region."""
    from moto.logs.models import logs_backends  # noqa: PLC0415 -- as above

    return logs_backends[account][region]


def iam_backend(account: str) -> Any:
    """moto's IAM of one account."""
    from moto.iam.models import iam_backends  # noqa: PLC0415 -- moto takes a second to import

    return iam_backends[account]["aws"]


def images_of(repository: Any) -> Images:
    """The images of a moto repository, in the sandbox's own store."""
    if not isinstance(repository.images, Images):
        repository.images = Images()
    images: Images = repository.images
    return images


def repository_of(world: World, account: str, region: str, name: str) -> Any:
    """Find a repository. Raises AwsError(RepositoryNotFoundException)."""
    repository = ecr_backend(account, region).repositories.get(name)
    if repository is None:
        raise AwsError(
            "RepositoryNotFoundException",
            f"The repository with name '{name}' does not exist in the registry with id '{account}'",
        )
    return repository
