"""Clients from options: AWS sessions by profile and region, and the Docker engine.

Nothing is asked of AWS here: a session without credentials is found out by the first call. An
endpoint comes from ``AWS_ENDPOINT_URL`` as boto3 takes it (docs.aws.amazon.com/sdkref, "Service-
specific endpoints"). boto3 and docker are imported when a client is made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from jotgraph.clients.engine import NOT_ASKED, NoEngine, connect_docker
from jotgraph.errors import OptionError
from jotgraph.records import Gap

if TYPE_CHECKING:
    import docker
    from boto3.session import Session
    from urllib3 import PoolManager

WORKERS = 16
"""Calls under way at once in one account and region: with 50 ms a call, more than any of Lambda's
quotas admits."""

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
"""How many calls may go at once before the rate counts, where a bucket is known to be deeper than a
tenth of a second: that of DescribeClusters holds 50."""

EVERY_REGION = "all"
"""In place of a region: every one that the account has enabled."""

ATTEMPTS = 5
"""Attempts of botocore for one call; throttled calls get several such rounds."""

ROUNDS = 3
"""Rounds of attempts for a throttled call, with a pause for all callers between them."""


class Elsewhere(NamedTuple):
    """A call to another region than its client's."""

    client: Any
    """Of boto3. Calls of others in between, as when credentials are renewed, stay theirs."""
    region: str


OTHER_REGION: ContextVar[Elsewhere | None] = ContextVar("other_region", default=None)
"""Where the call goes that this thread makes, unless to the region of its client."""


@dataclass(frozen=True)
class Aws:
    """One AWS session: a profile, the regions to read, and clients made on demand.

    boto3's sessions are not thread-safe but its clients are
    (boto3.amazonaws.com/v1/documentation/api/latest/guide/clients.html), so making one is locked.
    """

    profile: str
    regions: tuple[str, ...]
    session: Session = field(repr=False)
    config: Any = field(repr=False)
    rates: Mapping[str, float] = field(default_factory=lambda: RATES)
    workers: int = WORKERS
    rounds: int = ROUNDS
    everywhere: bool = False
    """Every enabled region was asked for; ``regions`` is where to ask which these are."""
    account: str = ""
    """The account that it must lead to, where one was named."""
    account_name: str = ""
    """What people call that account."""
    role_arn: str = ""
    """The role that it has assumed there."""
    enabled: tuple[str, ...] | None = None
    """The regions that its account has enabled, where that was asked already."""
    pool: PoolManager | None = field(default=None, repr=False)
    """Connections for presigned URLs; None is one pool of the process."""
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def home(self) -> str:
        """The region to ask what is the same in all of them."""
        return self.session.region_name or self.regions[0]

    def client(self, service: str, region: str) -> Any:
        """Return the client of a service (boto3's name) in a region; made once. Who asks for one
        that is there does not wait while another is made."""
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
    """Find the endpoint of a call, and sign it, for another region: botocore asks its handlers
    (``_get_provider_params`` in botocore/regions.py, ``RequestSigner.sign``)."""
    elsewhere = OTHER_REGION.get()
    if elsewhere and elsewhere.client is client:
        builtins["AWS::Region"] = elsewhere.region
        context.setdefault("signing", {})["region"] = elsewhere.region


@dataclass(frozen=True)
class Clients:
    """Everything a scan reads with; ``gaps`` holds what could not be reached at all."""

    aws: tuple[Aws, ...] = ()
    git: tuple[str, ...] = ()
    """Paths of git repositories."""
    docker: docker.DockerClient | None = None
    gaps: tuple[Gap, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Account -> its name, where one is known."""
    no_engine: NoEngine | None = None
    """Why the engine that was asked for was not reached; it is among the gaps."""

    @property
    def why_no_engine(self) -> str:
        """Why there is no engine, where one is needed."""
        return self.no_engine.why if self.no_engine else NOT_ASKED


def connect(
    *,
    git: Iterable[str] = (),
    use_docker: bool = True,
    use_aws: bool = True,
    profiles: Iterable[str] = (),
    regions: Iterable[str] = (),
    rates: Mapping[str, float] = RATES,
    workers: int = WORKERS,
    attempts: int = ATTEMPTS,
    rounds: int = ROUNDS,
    connect_timeout: float = 5.0,
    read_timeout: float = 60.0,
) -> Clients:
    """Make the clients for a scan.

    ``profiles`` empty is the default credentials chain; ``regions`` empty is each session's own
    region, ``all`` every enabled one (``sources.aws.everywhere`` asks which). Raises OptionError
    for a profile that does not exist or when no region is known.
    """
    aws: tuple[Aws, ...] = ()
    if use_aws:
        config = _config(workers, attempts, connect_timeout, read_timeout)
        make = partial(Aws, config=config, rates=rates, workers=workers, rounds=rounds)
        aws = _sessions(tuple(profiles), tuple(regions), make)
    clients = Clients(aws, tuple(git))
    return with_engine(clients, connect_docker()) if use_docker else clients


def with_engine(clients: Clients, reached: docker.DockerClient | NoEngine) -> Clients:
    """The clients with the engine, or with the gap that says why there is none."""
    if isinstance(reached, NoEngine):
        return replace(clients, gaps=(*clients.gaps, reached.gap), no_engine=reached)
    return replace(clients, docker=reached)


def _config(workers: int, attempts: int, connect_timeout: float, read_timeout: float) -> Any:
    from botocore.config import Config  # noqa: PLC0415 -- botocore takes 0.3 s to import

    return Config(
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=workers,
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        user_agent_extra="jotgraph",
    )


@cache
def service_models(data_path: str | None = None) -> Any:
    """The botocore loader of the whole process: what reads service models from botocore and from
    ``data_path``, and remembers them."""
    from botocore.loaders import create_loader  # noqa: PLC0415 -- as above

    return create_loader(data_path)


def core_session(profile: str | None = None) -> Any:
    """A botocore session that shares the service models of the process, and reads times in UTC.
    Raises ProfileNotFound."""
    from botocore.session import Session as CoreSession  # noqa: PLC0415 -- as above

    core = CoreSession(profile=profile)
    core.register_component("data_loader", service_models(core.get_config_variable("data_path")))
    parsers = core.get_component("response_parser_factory")
    parsers.set_parser_defaults(timestamp_parser=parse_moment)
    return core


def parse_moment(value: Any) -> datetime:
    """A time as an answer of AWS has it, in UTC: as botocore reads it, which takes 30 times as
    long to find the zone of this machine. Raises ValueError."""
    with suppress(TypeError, ValueError, OverflowError, OSError):
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        if (moment := datetime.fromisoformat(value)).tzinfo:
            return moment.astimezone(UTC)
    from botocore.utils import parse_timestamp  # noqa: PLC0415 -- as above

    other: datetime = parse_timestamp(value)
    return other.astimezone(UTC)


def _sessions(
    profiles: tuple[str, ...], regions: tuple[str, ...], make: Callable[..., Aws]
) -> tuple[Aws, ...]:
    """One session a profile. All of a process share one botocore loader: parsing the service models
    again for each session costs 105 ms and 10 MB, sharing them 7 ms (boto/botocore#3078)."""
    import boto3  # noqa: PLC0415 -- boto3 takes 0.3 s to import
    import botocore.session  # noqa: PLC0415 -- as above
    from botocore.exceptions import ProfileNotFound  # noqa: PLC0415 -- as above

    sessions: list[Aws] = []
    for profile in profiles or (None,):
        try:
            session = boto3.session.Session(botocore_session=core_session(profile))
        except ProfileNotFound:
            known = ", ".join(botocore.session.Session().available_profiles) or "none"
            raise OptionError(
                f"there is no AWS profile {profile!r}; profiles here: {known}"
            ) from None
        if EVERY_REGION in regions:
            home = session.region_name or "us-east-1"
            sessions.append(make(profile or "", (home,), session, everywhere=True))
            continue
        where = regions or ((session.region_name,) if session.region_name else ())
        if not where:
            named = f" of profile {profile!r}" if profile else ""
            raise OptionError(
                f"no AWS region is set{named}; pass --region, set AWS_DEFAULT_REGION, "
                "or pass --no-aws"
            )
        _refuse_unknown(where, session)
        sessions.append(make(profile or "", tuple(dict.fromkeys(where)), session))
    return tuple(sessions)


def _refuse_unknown(regions: Iterable[str], session: Session) -> None:
    """Raise OptionError for a region that boto3 does not know in any partition: its endpoints would
    not be found, and what is not found reads as empty."""
    partitions = session.get_available_partitions()
    known = {name for part in partitions for name in session.get_available_regions("sts", part)}
    known |= {name for part in partitions for name in session.get_available_regions("ecr", part)}
    for region in regions:
        if region not in known:
            near = get_close_matches(region, sorted(known), n=1)
            hint = f"did you mean {near[0]}? If it is" if near else "if it is"
            raise OptionError(
                f"there is no AWS region {region!r}; {hint} newer than this boto3: "
                "pip install --upgrade boto3"
            )
