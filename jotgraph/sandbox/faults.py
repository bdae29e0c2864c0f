"""Faults that a test injects into calls, and hooks that it runs around them.

Each fault matches calls by service, action, region and account, starts at the ``nth`` matching
call (1 is the next one) and lasts for ``times`` calls (None: for ever)::

    aws.faults.throttle("lambda", "ListFunctions", times=3)
    aws.faults.deny("ecr", region="eu-west-1")
    aws.faults.before("ecr", "BatchDeleteImage", call=lambda request: ...)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from jotgraph.sandbox.wire import AwsError, Reply, Request

Effect: TypeAlias = Literal[
    "throttle", "deny", "error", "reset", "lose-reply", "truncate", "delay", "items", "before",
    "after",
]  # fmt: skip
Hook: TypeAlias = Callable[[Request], object] | Callable[[Request, Reply], object]


@dataclass
class Fault:
    """One fault. ``seen`` counts the calls that matched so far."""

    effect: Effect
    service: str | None = None
    action: str | None = None
    region: str | None = None
    account: str | None = None
    nth: int = 1
    times: int | None = None
    where: Callable[[Request], bool] | None = None
    value: Any = None
    seen: int = field(default=0)

    def matches(self, request: Request) -> bool:
        return (
            self.service in (None, request.service)
            and self.action in (None, request.action)
            and self.region in (None, request.region)
            and self.account in (None, request.account)
            and (self.where is None or self.where(request))
        )

    def strikes(self, request: Request) -> bool:
        """Count a matching call; return whether the fault applies to it."""
        if not self.matches(request):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)


class Faults:
    """The faults in force. Every method adds one and returns it; ``clear()`` ends all."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        effect: Effect,
        service: str | None = None,
        action: str | None = None,
        value: Any = None,
        **which: Any,
    ) -> Fault:
        """Add a fault; ``which`` are ``region account nth times where``."""
        fault = Fault(effect, service, action, value=value, **which)
        with self._lock:
            self._faults.append(fault)
        return fault

    def throttle(
        self, service: str | None = None, action: str | None = None, **which: Any
    ) -> Fault:
        """Answer with the throttling error of the service."""
        return self.add("throttle", service, action, **which)

    def deny(self, service: str | None = None, action: str | None = None, **which: Any) -> Fault:
        """Refuse as IAM does."""
        return self.add("deny", service, action, **which)

    def error(
        self,
        service: str | None = None,
        action: str | None = None,
        *,
        code: str = "InternalFailure",
        message: str = "An internal error occurred.",
        status: int = 500,
        **which: Any,
    ) -> Fault:
        """Answer with an error: 500 unless told otherwise."""
        return self.add("error", service, action, AwsError(code, message, status), **which)

    def reset(
        self,
        service: str | None = None,
        action: str | None = None,
        *,
        done: bool = False,
        **which: Any,
    ) -> Fault:
        """Cut the connection before the call is carried out or, with ``done``, after it, so that
        the call took effect and the caller does not know."""
        return self.add("lose-reply" if done else "reset", service, action, **which)

    def truncate(
        self, service: str | None = None, action: str | None = None, **which: Any
    ) -> Fault:
        """Send half of the body, then close."""
        return self.add("truncate", service, action, **which)

    def delay(
        self,
        seconds: float,
        service: str | None = None,
        action: str | None = None,
        **which: Any,
    ) -> Fault:
        """Answer later."""
        return self.add("delay", service, action, seconds, **which)

    def fail_items(
        self,
        code: str,
        reason: str = "",
        *,
        digest: str | None = None,
        tag: str | None = None,
        action: str | None = "BatchDeleteImage",
        **which: Any,
    ) -> Fault:
        """Put image ids of a batch call into ``failures[]`` (all, or those with this digest or
        tag) with HTTP 200; nothing is done to them."""

        def fails(item: Any) -> tuple[str, str] | None:
            hit = (digest is None or item.get("imageDigest") == digest) and (
                tag is None or item.get("imageTag") == tag
            )
            return (code, reason or code) if hit else None

        return self.add("items", "ecr", action, fails, **which)

    def before(
        self,
        service: str | None = None,
        action: str | None = None,
        *,
        call: Callable[[Request], object],
        **which: Any,
    ) -> Fault:
        """Run ``call(request)`` before a call takes effect, to change the world in a race."""
        return self.add("before", service, action, call, **which)

    def after(
        self,
        service: str | None = None,
        action: str | None = None,
        *,
        call: Callable[[Request, Reply], object],
        **which: Any,
    ) -> Fault:
        """Run ``call(request, reply)`` when a call took effect, before its reply is sent."""
        return self.add("after", service, action, call, **which)

    def remove(self, fault: Fault) -> None:
        with self._lock:
            self._faults.remove(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def striking(self, request: Request) -> tuple[Fault, ...]:
        """Count this call; return the faults that apply to it, in the order in which they were
        added."""
        if not self._faults:
            return ()
        with self._lock:
            return tuple(fault for fault in self._faults if fault.strikes(request))

    def __iter__(self) -> Iterator[Fault]:
        return iter(tuple(self._faults))
