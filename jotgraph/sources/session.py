"""Clients -> the places and the engine that a run reads and writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jotgraph.clients import Clients
from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError, Failure
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.stages import places_of, workplace

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
"""Codes of Lambda, ECR (two), IAM and, as ours, Docker that say a thing is not there."""


@dataclass(frozen=True)
class World:
    """Where a run may look and act."""

    homes: dict[str, RegionClient]
    """One place for each account."""
    engine: docker.DockerClient | None
    strangers: tuple[str, ...] = ()
    """Why sessions could not say who they are."""

    def place(self, account: str, region: str = "") -> RegionClient:
        """The place of an account and region. Raises ApplyError for an account not signed in to."""
        if account not in self.homes:
            raise ApplyError(f"account {account} is not signed in to; pass its --profile")
        home = self.homes[account]
        return replace(home, region=region or home.region)

    def docker(self) -> Any:
        """docker-py's low-level client. Raises ApplyError when no engine was reached."""
        if self.engine is None:
            raise ApplyError("no Docker engine could be reached")
        return self.engine.api


@contextmanager
def open_world(clients: Clients) -> Iterator[World]:
    """Ask each session who it is, and open the threads of a run."""
    with workplace(clients.aws, lambda what, done, total: None) as work:
        places, gaps = places_of(clients.aws, work)
        homes: dict[str, RegionClient] = {}
        for place in places:
            homes.setdefault(place.account, place)
        said = tuple(sorted({each.detail for each in gaps}))
        yield World(homes, clients.docker, said)


def is_gone(error: CallFailedError) -> bool:
    """Whether a call failed because what it is about is not there."""
    return error.failure.code in NOT_FOUND


def ask_engine(call: Any, *args: Any, **words: Any) -> Any:
    """Call docker-py. Raises CallFailedError: ``NotFound``, ``Conflict``, or what else it was."""
    from docker.errors import APIError  # noqa: PLC0415 -- the client has imported it

    try:
        return call(*args, **words)
    except APIError as error:
        status = error.response.status_code if error.response is not None else 0
        code = {404: "NotFound", 409: "Conflict"}.get(status, str(status))
        said = str(error.explanation or error)
        raise CallFailedError(Failure("error", f"{code}: {said}", code)) from error
    except Exception as error:  # docker-py lets errors of requests, urllib3 and sockets through
        raise CallFailedError(Failure("unreachable", str(error) or repr(error))) from error


def stream_engine(call: Any, *args: Any) -> Iterator[bytes]:
    """Call docker-py for a stream. Raises CallFailedError as ``ask_engine`` does, in the middle of
    it too: docker-py asks only when the first piece is taken."""
    pieces = iter(ask_engine(call, *args))
    while (piece := ask_engine(next, pieces, None)) is not None:
        yield piece
