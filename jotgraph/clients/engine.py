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
    """In the system's own words."""

    @property
    def gap(self) -> Gap:
        """What a scan is without, and what to do about it."""
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
        """The same where an engine is needed: nothing else would do."""
        return f"{self._what}; {self._advice('start the engine or set DOCKER_HOST')}"

    @property
    def _what(self) -> str:
        return f"no Docker engine could be reached ({self.cause})"

    def _advice(self, otherwise: str) -> str:
        return "join the docker group or set DOCKER_HOST" if self.denied else otherwise


def connect_docker() -> docker.DockerClient | NoEngine:
    """Reach the engine that ``DOCKER_HOST`` (or its default socket) names, or say why not."""
    import docker  # noqa: PLC0415 -- docker takes 0.2 s to import
    from docker.errors import DockerException  # noqa: PLC0415 -- as above

    try:
        return docker.from_env(version="auto", timeout=60)
    except (DockerException, OSError, ValueError) as error:
        return NoEngine(is_denied(error), _cause(error))


def is_denied(error: BaseException) -> bool:
    """Whether a request to an engine failed because its socket is not for us."""
    return any(isinstance(part, PermissionError) for part in _parts(error))


def _cause(error: BaseException) -> str:
    """The system's own words in what urllib3, requests and docker-py wrap in several layers, or
    the first line."""
    from requests.exceptions import Timeout  # noqa: PLC0415 -- of docker-py

    for part in _parts(error):
        if isinstance(part, OSError) and part.strerror:
            return part.strerror
        if isinstance(part, TimeoutError | Timeout):
            return "timed out"
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _parts(error: BaseException) -> Iterator[BaseException]:
    """An error, and those that it came from: its causes, and what requests and urllib3 hold of
    them beside."""
    todo, seen = [error], set[int]()
    while todo:
        part = todo.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        beside = (part.__context__, getattr(part, "reason", None), *part.args, part.__cause__)
        todo += [other for other in beside if isinstance(other, BaseException)]
