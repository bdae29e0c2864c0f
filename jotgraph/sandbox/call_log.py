"""The log of every call that reached the sandbox."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from jotgraph.sandbox.wire import Reply, Request


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call as it arrived and how it was answered."""

    service: str
    """The boto3 client's name; ``ecr-layer`` for the download of a layer."""
    action: str
    region: str
    account: str
    params: Mapping[str, Any]
    status: int
    """HTTP status; 0 when the connection was cut before any answer."""
    error: str = ""
    """Error code, or empty."""
    at: float = 0.0
    """Seconds of a steady clock when it arrived."""

    @property
    def name(self) -> str:
        return f"{self.service}:{self.action}"


class CallLog:
    """Every call since the start or the last ``clear()``, in order of completion; thread-safe."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def add(self, request: Request, reply: Reply | None, at: float = 0.0) -> None:
        call = Call(
            service=request.service,
            action=request.action,
            region=request.region,
            account=request.account,
            params=request.params,
            status=reply.status if reply else 0,
            error=reply.code if reply else "ConnectionReset",
            at=at,
        )
        with self._lock:
            self._calls.append(call)

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()

    def matching(
        self,
        action: str | None = None,
        *,
        service: str | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> tuple[Call, ...]:
        """Return the calls that fit every filter given."""
        return tuple(
            call
            for call in self
            if (action is None or call.action == action)
            and (service is None or call.service == service)
            and (region is None or call.region == region)
            and (account is None or call.account == account)
        )

    def count(
        self, action: str | None = None, *, service: str | None = None, region: str | None = None
    ) -> int:
        return len(self.matching(action, service=service, region=region))

    def tally(self) -> dict[str, int]:
        """Return how often each ``service:Action`` was called, sorted by name."""
        return dict(sorted(Counter(call.name for call in self).items()))

    def __iter__(self) -> Iterator[Call]:
        with self._lock:
            return iter(tuple(self._calls))

    def __len__(self) -> int:
        return len(self._calls)
