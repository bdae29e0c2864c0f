"""Clients from options: AWS sessions by profile and region, and the Docker engine.

Nothing is called here: a session without credentials fails at its first call. An endpoint comes
from ``AWS_ENDPOINT_URL`` as in boto3 (docs.aws.amazon.com/sdkref, "Service- specific endpoints").
boto3 and docker are imported when a client is created.
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
    """Everything a scan reads with; ``gaps`` holds what could not be reached."""

    aws: tuple[Aws, ...] = ()
    git: tuple[str, ...] = ()
    """Paths of git repositories."""
    docker: docker.DockerClient | None = None
    gaps: tuple[Gap, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of accounts, where known."""
    no_engine: NoEngine | None = None
    """Why the requested engine was not reached; this is also one of the gaps."""

    @property
    def why_no_engine(self) -> str:
        """Return why there is no engine, for a command that needs one."""
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
    region_needed: bool = True,
) -> Clients:
    """Create the clients for a scan.

    Empty ``profiles`` mean the default credentials chain; empty ``regions`` mean each session's own
    region, ``all`` every enabled one (listed by ``sources.aws.everywhere``). Raises OptionError for
    an unknown profile, and for a session without a region; with ``region_needed=False`` that
    session has no regions instead.
    """
    aws: tuple[Aws, ...] = ()
    if use_aws:
        config = _config(workers, attempts, connect_timeout, read_timeout)
        make = partial(Aws, config=config, rates=rates, workers=workers, rounds=rounds)
        aws = sessions(tuple(profiles), tuple(regions), make, region_needed=region_needed)
    clients = Clients(aws, tuple(git))
    return with_engine(clients, connect_docker()) if use_docker else clients


def with_engine(clients: Clients, reached: docker.DockerClient | NoEngine) -> Clients:
    """Return the clients with the engine, or with the gap that says why there is none."""
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
