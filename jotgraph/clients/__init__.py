"""Clients from options: AWS sessions by profile and region, and the Docker engine.

Nothing is asked of AWS here: a session without credentials is found out by the first call. An
endpoint comes from ``AWS_ENDPOINT_URL`` as boto3 takes it (docs.aws.amazon.com/sdkref, "Service-
specific endpoints"). boto3 and docker are imported when a client is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from jotgraph.clients.aws import ATTEMPTS, RATES, ROUNDS, WORKERS, Aws
from jotgraph.clients.engine import NOT_ASKED, NoEngine, connect_docker
from jotgraph.clients.sessions import sessions
from jotgraph.records import Gap

if TYPE_CHECKING:
    import docker


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
        aws = sessions(tuple(profiles), tuple(regions), make)
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
