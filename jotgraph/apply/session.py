"""Journalled calls, and waiting until their effect shows."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jotgraph.errors import CallFailedError
from jotgraph.records import Record, ResourceId
from jotgraph.sources.aws.calls import Answer, RegionClient
from jotgraph.sources.connections import Connections
from jotgraph.sources.single import read
from jotgraph.store.journal import Journal

_SHORTEST, _LONGEST = 0.1, 5.0
"""The first and the longest pause between two checks, in seconds; with more patience the latter is
longer (images are restored within 20 minutes)."""
_LOOKS = 120


@dataclass(frozen=True)
class Session:
    """Connections, a journal, and how long to wait for an effect."""

    connections: Connections
    journal: Journal
    patience: float = 60.0
    """Seconds to wait until an effect shows."""
    pause: Callable[[float], None] = time.sleep

    @property
    def run(self) -> str:
        """The run's name."""
        return self.journal.folder.name

    def client(self, resource: ResourceId) -> RegionClient:
        """Return the clients for the account and region of a resource. Raises ApplyError when the
        account is not signed in to."""
        return self.connections.client(resource)

    def read(self, resource: ResourceId) -> Record | None:
        """Return a resource as it is now, or None when it is gone. Raises CallFailedError."""
        return read(self.connections, resource)

    def call(
        self,
        resources: tuple[ResourceId, ...],
        service: str,
        action: str,
        /,
        *,
        kept: Mapping[str, Any] | None = None,
        putting_back: bool = False,
        **params: Any,
    ) -> Answer:
        """Make one journalled call about resources of one place. ``kept`` is only written to the
        journal, for an undo. With ``putting_back`` the call is made even when the journal cannot be
        written. Raises CallFailedError."""
        client = self.client(resources[0])
        return self.journal.call(
            resources,
            f"{service}:{action}",
            _without_secrets(params),
            lambda: _hiding(params, lambda: client.ask(service, action, **params)),
            kept,
            putting_back=putting_back,
        )

    def wait(self, done: Callable[[], bool]) -> bool:
        """Ask until the answer is yes or the patience is used up."""
        return any(done() for _ in self.pauses())

    def pauses(self) -> Iterator[None]:
        """Yield at once, then after each pause, which doubles, until the patience is used up."""
        waited, pause = 0.0, _SHORTEST
        yield
        while waited < self.patience:
            self.pause(pause)
            waited += pause
            pause = min(pause * 2, max(_LONGEST, self.patience / _LOOKS))
            yield


def _hiding(params: Mapping[str, Any], ask: Callable[[], Answer]) -> Answer:
    """Make a call, and remove the values of variables from its error: Lambda repeats them when they
    are too long. Raises CallFailedError."""
    try:
        return ask()
    except CallFailedError as error:
        values = tuple(_values(params))
        message, said = error.failure.message, error.failure.said
        hidden = error.failure._replace(
            message=without_values(message, values), said=without_values(said, values)
        )
        if hidden == error.failure:
            raise
        raise CallFailedError(hidden) from None


def without_values(text: str, values: Iterable[str]) -> str:
    """Return text with stars in place of each of these values that occurs as a word."""
    for value in sorted({*values} - {""}, key=len, reverse=True):
        for written in {value, json.dumps(value)[1:-1]}:
            text = re.sub(rf"(?<!\w){re.escape(written)}(?!\w)", "***", text)
    return text


def _values(params: Mapping[str, Any]) -> Iterator[str]:
    """The values of variables in a call; for containers also their commands and log options."""
    environment = params.get("Environment")
    if isinstance(environment, Mapping):
        yield from map(str, (environment.get("Variables") or {}).values())
    for container in params.get(CONTAINERS) or ():
        yield from (
            str(variable.get("value", "")) for variable in container.get("environment") or ()
        )
        yield from map(
            str, (*(container.get("command") or ()), *(container.get("entryPoint") or ()))
        )
        log = container.get("logConfiguration") or {}
        yield from map(str, (log.get("options") or {}).values())


CONTAINERS = "containerDefinitions"


def _without_secrets(params: Any) -> Any:
    """Parameters for the journal: without bytes and values of variables, and for containers without
    more than name and image."""
    if isinstance(params, bytes):
        return f"<{len(params)} bytes>"
    if not isinstance(params, Mapping):
        return params
    known = {name: _without_secrets(value) for name, value in params.items()}
    environment = params.get("Environment")
    if isinstance(environment, Mapping):
        known["Environment"] = {"Variables": sorted(environment.get("Variables") or ())}
    if CONTAINERS in params:
        known[CONTAINERS] = [
            {key: row.get(key, "") for key in ("name", "image")} for row in params[CONTAINERS]
        ]
    return known
