"""The Docker engine, or why it was not reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from jotgraph.records import Gap, Kind

if TYPE_CHECKING:
    import docker

NOT_ASKED = "no Docker engine was asked"


class NoEngine(NamedTuple):
    """Why no engine was reached."""

    denied: bool
    cause: str
    """The system's own message."""

    @property
    def gap(self) -> Gap:
        """Return the gap of a scan without the engine, with what to do."""
        reason = "denied" if self.denied else "unreachable"
        advice = self._advice("start the engine, set DOCKER_HOST, or pass --no-docker")
        return Gap(
            service="docker",
            action="GET /version",
            reason=reason,
            detail=f"{self._what}; {advice}",
            hides=(Kind.LOCAL_IMAGE, Kind.CONTAINER),
        )

    @property
    def why(self) -> str:
        """Return the reason for a command that needs the engine."""
        return f"{self._what}; {self._advice('start the engine or set DOCKER_HOST')}"

    @property
    def _what(self) -> str:
        return f"no Docker engine could be reached ({self.cause})"

    def _advice(self, otherwise: str) -> str:
        return "join the docker group or set DOCKER_HOST" if self.denied else otherwise


def connect_docker() -> docker.DockerClient | NoEngine:
    """Connect to the engine of ``DOCKER_HOST`` (or its default socket), or return why not."""
    import docker  # noqa: PLC0415 -- docker takes 0.2 s to import
    from docker.errors import DockerException  # noqa: PLC0415 -- as above

    try:
        return docker.from_env(version="auto", timeout=60)
    except (DockerException, OSError, ValueError) as error:
        return NoEngine(is_denied(error), _cause(error))


def is_denied(error: BaseException) -> bool:
    """Return whether a request to an engine failed because its socket denies access."""
    return any(isinstance(part, PermissionError) for part in _parts(error))


def _cause(error: BaseException) -> str:
    """The system's own message inside the layers of urllib3, requests and docker-py, or the first
    line."""
    from requests.exceptions import Timeout  # noqa: PLC0415 -- of docker-py

    for part in _parts(error):
        if isinstance(part, OSError) and part.strerror:
            return part.strerror
        if isinstance(part, TimeoutError | Timeout):
            return "timed out"
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _parts(error: BaseException) -> Iterator[BaseException]:
    """An error and those behind it: its causes, and those that requests and urllib3 store
    elsewhere."""
    todo, seen = [error], set[int]()
    while todo:
        part = todo.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        beside = (part.__context__, getattr(part, "reason", None), *part.args, part.__cause__)
        todo += [other for other in beside if isinstance(other, BaseException)]
