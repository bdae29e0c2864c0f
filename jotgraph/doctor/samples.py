"""The responses: one of each action (several of some), with their bytes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from jotgraph.doctor.shapes import Oddity, oddities
from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import Gap

Key = tuple[str, str, str, str]
"""Account, region, service (boto3's name) and action."""

MOVES_PULL_TIMES = frozenset({"BatchGetImage", "GetDownloadUrlForLayer"})
"""Calls of ECR that count as a pull, or follow one that does."""
MOST: Mapping[str, int] = {
    "GetFunction": 5,
    "DescribeImages": 5,
    "GetResources": 3,
    "DescribeImageScanFindings": 2,
    **dict.fromkeys(
        ("GetRepositoryPolicy", "GetLifecyclePolicy", "ListAliases", "ListFunctionUrlConfigs"), 5
    ),
}
"""How often an action is called in one place, where that is not once: for comparisons, or because
the resource that is asked about first may have nothing to answer with."""
REPEATED = frozenset({"GetPolicy"})
"""Calls whose first response is reused for later ones, so that the calls after them are tried,
too."""

_NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    """One response."""

    account: str
    region: str
    service: str
    action: str
    params: Mapping[str, Any]
    answer: Mapping[str, Any]
    body: bytes = b""
    """The bytes as received; empty if not captured."""
    shape: Any = None
    """botocore's shape of the response."""
    date: str = ""
    """Its Date header."""
    received_at: datetime = _NEVER
    """Time of receipt, by this machine's clock."""


@dataclass(frozen=True)
class Samples:
    """All responses, in the order of their keys, and the failures of other calls."""

    answers: tuple[Sample, ...]
    failures: Mapping[Key, Failure]
    misunderstood: tuple[Gap, ...] = ()
    """Responses that the scan's readers could not parse."""

    @cached_property
    def oddities(self) -> tuple[tuple[Oddity, ...] | None, ...]:
        """The differences between each response and its model; None for one that could not be
        compared."""
        return tuple(oddities(sample) for sample in self.answers)

    def of(self, service: str, action: str) -> tuple[Sample, ...]:
        """Return the responses of one call."""
        return tuple(
            sample
            for sample in self.answers
            if (sample.service, sample.action) == (service, action)
        )

    def items(self, service: str, action: str, member: str) -> Iterator[tuple[Sample, Any]]:
        """Return every item of a list in a response."""
        for sample in self.of(service, action):
            for item in sample.answer.get(member) or ():
                yield sample, item


@dataclass
class Recorder:
    """Keeps responses, and stops a call that was made often enough."""

    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _counts: dict[Key, int] = field(default_factory=dict)
    _answers: list[tuple[Key, int, Sample]] = field(default_factory=list)
    _failures: dict[Key, Failure] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _wire: threading.local = field(default_factory=threading.local)
    _listening: set[int] = field(default_factory=set)
    _misunderstood: set[Gap] = field(default_factory=set)

    def admits(self, key: Key) -> bool:
        """Count a call; return False if it was made as often as it may be."""
        with self._lock:
            made = self._counts.get(key, 0)
            self._counts[key] = made + 1
            return made < MOST.get(key[3], 1)

    def earlier(self, key: Key) -> Any:
        """Return the first response of a call; None if there is none. Raises CallFailedError for a
        failed one."""
        with self._lock:
            if failure := self._failures.get(key):
                raise CallFailedError(failure)
            return next((sample.answer for known, _, sample in self._answers if known == key), None)

    def misunderstood_as(self, gap: Gap) -> None:
        """Record what a response that could not be parsed leaves unread."""
        with self._lock:
            self._misunderstood.add(gap)

    def misunderstood(self) -> tuple[Gap, ...]:
        """Return what responses that could not be parsed left unread."""
        with self._lock:
            return tuple(sorted(self._misunderstood))

    def listen(self, client: Any) -> None:
        """Capture the bytes of a client's responses."""
        with self._lock:
            if id(client) in self._listening:
                return
            self._listening.add(id(client))
        client.meta.events.register("before-parse", self._note)

    def _note(self, response_dict: Mapping[str, Any], **_: object) -> None:
        self._wire.body = response_dict.get("body") or b""

    def forget_body(self) -> None:
        """Forget the captured bytes of this thread."""
        self._wire.body = b""

    def answered(self, key: Key, params: Mapping[str, Any], answer: Any, client: Any) -> None:
        """Keep one response."""
        body = getattr(self._wire, "body", b"")
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        account, region, service, action = key
        sample = Sample(
            account, region, service, action, params, answer,
            body=body if isinstance(body, bytes) else b"",
            shape=client.meta.service_model.operation_model(action).output_shape,
            date=str(headers.get("date") or ""),
            received_at=self.clock(),
        )  # fmt: skip
        with self._lock:
            self._answers.append((key, len(self._answers), sample))

    def failed(self, key: Key, failure: Failure) -> None:
        """Keep the reason of a failure: the first denial, or else the first one."""
        with self._lock:
            before = self._failures.setdefault(key, failure)
            if failure.reason == "denied" != before.reason:
                self._failures[key] = failure

    def samples(self) -> Samples:
        """Return everything that was kept."""
        ordered = sorted(self._answers, key=lambda kept: (kept[0], kept[1]))
        return Samples(tuple(sample for *_, sample in ordered), dict(self._failures))
