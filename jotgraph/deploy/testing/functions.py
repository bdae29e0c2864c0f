"""How a running container answers events: through AWS's emulator, or the runtime API."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from jotgraph.deploy.testing.cases import LARGEST
from jotgraph.deploy.testing.replies import Reply, error_of, failed, is_error
from jotgraph.deploy.testing.runtime_api import RuntimeApi
from jotgraph.queries.answers.testing import CaseStatus, FunctionError
from jotgraph.records.docker import STOPPED
from jotgraph.sources.connections import ask_engine

_INVOKE = "/2015-03-31/functions/function/invocations"
_LOOK = 0.2
_INIT = 10.0
"""Seconds that a function may take to start, whatever its timeout (Lambda guide, "Init phase")."""
_TIMED_OUT = b"Task timed out after"
"""The beginning of the emulator's answer when the function timed out."""


class RunningFunction(Protocol):
    """A running container that answers events."""

    def invoke(self, event: bytes) -> Reply: ...


@dataclass
class Played:
    """An image whose runtime client fetches events from our runtime API."""

    api: Any
    container: str
    timeout: float
    runtime: RuntimeApi

    def invoke(self, event: bytes) -> Reply:
        began = self.runtime.asked.is_set()
        deadline = time.monotonic() + self.timeout + (0.0 if began else _INIT)
        number = self.runtime.give(event, self.timeout)
        while time.monotonic() < deadline:
            if reply := self.runtime.reply_to(number, _LOOK):
                return reply
            if end := ended(self.api, self.container):
                # What it said last may have come just before it ended.
                return self.runtime.reply_to(number, _LOOK) or end
        if not self.runtime.asked.is_set():
            message = (
                "it never asked for an event: it has no runtime client, or a firewall keeps the "
                "container from this machine"
            )
            return failed(FunctionError(message), CaseStatus.TIMEOUT)
        return _timed_out(self.timeout)


@dataclass
class Emulated:
    """An image with AWS's emulator, which takes events by HTTP."""

    api: Any
    container: str
    timeout: float
    port: int
    up: bool = False

    def invoke(self, event: bytes) -> Reply:
        if not self.up and (reply := self._begin()):
            return reply
        try:
            status, body = self._ask("POST", _INVOKE, event, self.timeout + _LOOK)
        except TimeoutError:
            return _timed_out(self.timeout)
        except (OSError, http.client.HTTPException) as error:
            time.sleep(_LOOK)  # until the engine knows that it ended
            lost = failed(
                FunctionError(f"the emulator gave no answer ({error})"), CaseStatus.STOPPED
            )
            return ended(self.api, self.container) or lost
        if len(body) > LARGEST:
            return failed(FunctionError(f"its answer has more than {LARGEST:,} bytes"))
        if body.startswith(_TIMED_OUT):
            return _timed_out(self.timeout)
        if status != http.client.OK or is_error(body):
            return failed(error_of(body))
        return Reply(body)

    def _begin(self) -> Reply | None:
        """Wait until the emulator listens: the engine accepts connections before that."""
        deadline = time.monotonic() + _INIT
        while time.monotonic() < deadline:
            if end := ended(self.api, self.container):
                return end
            with suppress(OSError, http.client.HTTPException):
                self._ask("GET", "/", b"", _INIT)
                self.up = True
                return None
            time.sleep(_LOOK)
        return failed(
            FunctionError(f"its emulator did not begin in {_INIT:g} s"), CaseStatus.TIMEOUT
        )

    def _ask(self, method: str, path: str, body: bytes, seconds: float) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read(LARGEST + 1)
        finally:
            connection.close()


def inspected(api: Any, container: str) -> Mapping[str, Any]:
    """Return the engine's description of a container. Raises CallFailedError."""
    details: Mapping[str, Any] = ask_engine(api.inspect_container, container)
    return details


def ended(api: Any, container: str) -> Reply | None:
    """Return a message with the exit code if the container has exited; None while it runs."""
    state = inspected(api, container)["State"]
    if state["Status"] not in STOPPED:
        return None
    why = str(state.get("Error") or "")
    killed = "it was out of memory" if state.get("OOMKilled") else ""
    reason = "; ".join(filter(None, (f"exit code {state.get('ExitCode')}", killed, why)))
    message = f"the container ended before it answered ({reason})"
    return failed(FunctionError(message), CaseStatus.STOPPED)


def _timed_out(seconds: float) -> Reply:
    return failed(FunctionError(f"no answer within {seconds:g} s"), CaseStatus.TIMEOUT)
