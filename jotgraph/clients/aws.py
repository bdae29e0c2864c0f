"""One AWS session, and the rates of its calls."""

from __future__ import annotations

import threading
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from boto3.session import Session
    from urllib3 import PoolManager

WORKERS = 16
"""The most calls in progress in one account and region: at 50 ms a call, more than any quota of
Lambda admits."""

RATES: Mapping[str, float] = MappingProxyType(
    {
        "lambda": 15.0,
        "lambda:GetFunction": 95.0,
        "cloudtrail:LookupEvents": 1.9,
        "cloudwatch:GetMetricData": 45.0,
        "ecs": 20.0,
        "ecs:DescribeTaskDefinition": 20.0,
    }
)
"""Calls a second and account and region, by ``service`` or ``service:Action``. Lambda's control
plane shares 15 a second and GetFunction has 100 (docs.aws.amazon.com/lambda/latest/dg/
gettingstarted-limits.html, neither can be raised); GetMetricData has 50, LookupEvents 2. ECS has
buckets for groups of calls (AmazonECS/latest/APIReference/request-throttling.html); the one of
DescribeTasks refills with 20 a second (aws-solutions/workload-discovery-on-aws#355), and other
tools lose calls of DescribeTaskDefinition where they do not pace them (ekristen/aws-nuke#610,
cloud-custodian#5911). What is not named here is not paced."""

BURSTS: Mapping[str, float] = MappingProxyType({"ecs": 40.0, "ecs:DescribeTaskDefinition": 40.0})
"""How many calls may be made at once before the rate applies, where a bucket is known to be deeper
than a tenth of a second: that of DescribeClusters holds 50."""

EVERY_REGION = "all"
"""Stands for every enabled region of the account."""

ATTEMPTS = 5
"""Attempts of botocore for one call; throttled calls get several such rounds."""

ROUNDS = 3
"""Rounds of attempts for a throttled call, with a pause for all callers in between."""


class Elsewhere(NamedTuple):
    """A call to another region than its client's."""

    client: Any
    """boto3's client. Other calls made meanwhile, such as a renewal of credentials, keep their
    region."""
    region: str


OTHER_REGION: ContextVar[Elsewhere | None] = ContextVar("other_region", default=None)
"""The region of this thread's call, if it is not that of its client."""


@dataclass(frozen=True)
class Aws:
    """One AWS session: a profile, the regions to read, and clients created on demand.

    boto3's sessions are not thread-safe but its clients are
    (boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html), so their creation is
    locked.
    """

    profile: str
    regions: tuple[str, ...]
    session: Session = field(repr=False)
    config: Any = field(repr=False)
    rates: Mapping[str, float] = field(default_factory=lambda: RATES)
    workers: int = WORKERS
    rounds: int = ROUNDS
    everywhere: bool = False
    """Whether every enabled region was requested; ``regions`` then says where to list them."""
    account: str = ""
    """The account that it must belong to, if one was named."""
    account_name: str = ""
    """The display name of that account."""
    role_arn: str = ""
    """The role that it has assumed there."""
    enabled: tuple[str, ...] | None = None
    """The enabled regions of its account, if already read."""
    pool: PoolManager | None = field(default=None, repr=False)
    """Connections for presigned URLs; None for the pool of the process."""
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def home(self) -> str:
        """Return the region for calls to global services."""
        return self.session.region_name or self.regions[0]

    def client(self, service: str, region: str) -> Any:
        """Return the client of a service (boto3's name) in a region, created once. Existing clients
        are returned without waiting for another one's creation."""
        key = (service, region)
        if made := self._clients.get(key):
            return made
        with self._lock:
            if key not in self._clients:
                made = self.session.client(
                    service,  # type: ignore[call-overload]  # the stubs want a literal
                    region_name=region,
                    config=self.config,
                )
                sent = partial(_send_elsewhere, made)
                made.meta.events.register("before-endpoint-resolution", sent)
                self._clients[key] = made
            return self._clients[key]


def _send_elsewhere(
    client: Any, builtins: MutableMapping[str, Any], context: MutableMapping[str, Any], **_: Any
) -> None:
    """Resolve the endpoint of a call, and sign it, for another region. botocore asks its handlers
    (``_get_provider_params`` in botocore/regions.py, ``RequestSigner.sign``)."""
    elsewhere = OTHER_REGION.get()
    if elsewhere and elsewhere.client is client:
        builtins["AWS::Region"] = elsewhere.region
        context.setdefault("signing", {})["region"] = elsewhere.region
