"""The connections of a run: the accounts that are signed in to, and the Docker engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jotgraph.clients import Clients
from jotgraph.errors import ApplyError, CallFailedError, Failure
from jotgraph.records import ResourceId, place_of
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import Threads, open_threads, places_of

if TYPE_CHECKING:
    import docker

NOT_FOUND = frozenset(
    {
        "ResourceNotFoundException",
        "ImageNotFoundException",
        "RepositoryNotFoundException",
        "NoSuchEntity",
        "NotFound",
    }
)
"""Error codes of Lambda, ECR (two), IAM and, as ours, Docker for a resource that does not exist."""


@dataclass(frozen=True)
class Connections:
    """The accounts and the engine that a run may read and change."""

    accounts: Mapping[str, RegionClient]
    """Clients of one region for each account."""
    engine: docker.DockerClient | None
    threads: Threads
    """For reads in many places at once."""
    unidentified: tuple[str, ...] = ()
    """Why sessions could not be identified."""

    @property
    def callers(self) -> dict[str, str]:
        """Return the ARN of the identity that is signed in, by account."""
        return {account: client.caller for account, client in self.accounts.items()}

    def client(self, resource: ResourceId) -> RegionClient:
        """Return the clients for the account and region of a resource. Raises ApplyError for an
        account that is not signed in to."""
        return self.region(*place_of(resource))

    def region(self, account: str, region: str = "") -> RegionClient:
        """Return the clients for an account and region, by default the session's. Raises ApplyError
        for an account that is not signed in to."""
        if account not in self.accounts:
            raise ApplyError(f"account {account} is not signed in to; pass its --profile")
        home = self.accounts[account]
        return home if region in ("", home.region) else replace(home, region=region)

    def docker(self) -> Any:
        """Return docker-py's low-level client. Raises ApplyError when no engine was reached."""
        if self.engine is None:
            raise ApplyError("no Docker engine could be reached")
        return self.engine.api


@contextmanager
def connected(clients: Clients) -> Iterator[Connections]:
    """Identify each session, and open the threads of a run."""
    with open_threads(clients.aws) as threads:
        regions, gaps = places_of(clients.aws, threads)
        accounts: dict[str, RegionClient] = {}
        for region in regions:
            accounts.setdefault(region.account, region)
        unidentified = tuple(sorted({gap.detail for gap in gaps}))
        yield Connections(accounts, clients.docker, threads, unidentified)


def is_gone(error: CallFailedError) -> bool:
    """Return whether a call failed because its resource does not exist."""
    return error.failure.code in NOT_FOUND


def ask_engine(call: Any, *args: Any, **words: Any) -> Any:
    """Call docker-py. Raises CallFailedError: ``NotFound``, ``Conflict``, or another code."""
    from docker.errors import APIError  # noqa: PLC0415 -- the client has imported it

    try:
        return call(*args, **words)
    except APIError as error:
        status = error.response.status_code if error.response is not None else 0
        code = {404: "NotFound", 409: "Conflict"}.get(status, str(status))
        message = str(error.explanation or error)
        raise CallFailedError(Failure("error", f"{code}: {message}", code)) from error
    except Exception as error:  # docker-py lets errors of requests, urllib3 and sockets through
        raise CallFailedError(Failure("unreachable", str(error) or repr(error))) from error


def stream_engine(call: Any, *args: Any) -> Iterator[bytes]:
    """Call docker-py for a stream. Raises CallFailedError as ``ask_engine`` does, also in the
    middle: docker-py sends the request when the first piece is read."""
    pieces = iter(ask_engine(call, *args))
    while (piece := ask_engine(next, pieces, None)) is not None:
        yield piece
