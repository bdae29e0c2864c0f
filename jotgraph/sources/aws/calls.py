"""Calls to one account in one region: paced, bounded, in order, and never silently lost.

A call goes out when its token bucket admits it; throttled calls get further rounds while every
caller of that bucket pauses; what is given up comes back as a Failure beside what was read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from jotgraph.clients.aws import Aws
from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import NOT_YET, Gap, Kind
from jotgraph.records.gaps import NO_AMOUNT, Amount
from jotgraph.sources.aws.classify import classify
from jotgraph.sources.aws.clock import Clock
from jotgraph.sources.aws.few_at_once import few_at_once
from jotgraph.sources.aws.other_region import sent_to
from jotgraph.sources.aws.rate_limit import Buckets
from jotgraph.sources.parts import Parts

T = TypeVar("T")
U = TypeVar("U")
Answer = Mapping[str, Any]
"""One answer of boto3."""
Progress = Callable[[str, int, int | None], None]
"""Told ``(what is read, how many so far, of how many if known)``."""


def silent(what: str, done: int, total: int | None) -> None:
    """The progress that nobody is told."""


PATIENCE = {"throttled": 3, "unreachable": 2, "credentials": 2, "unsupported": 2, "error": 25}
"""Failures in a row of one reason after which the rest of a batch is not tried. A denial is not
here: policies deny by resource, so the next call may be allowed; it stops only after DENIALS."""
DENIALS = 50


@dataclass(frozen=True)
class Listing:
    """What a paged call gave; with a failure it is incomplete."""

    items: tuple[Any, ...]
    failure: Failure | None = None

    def whole(self) -> tuple[Any, ...]:
        """Every item. Raises CallFailedError when a page was lost."""
        if self.failure is not None:
            raise CallFailedError(self.failure)
        return self.items


@dataclass(frozen=True)
class RegionClient:
    """Calls the services of one account in one region."""

    aws: Aws
    account: str
    region: str
    buckets: Buckets
    pool: Executor = field(repr=False)
    clock: Clock = field(default_factory=Clock, repr=False, kw_only=True)
    progress: Progress = field(repr=False, default=silent)
    caller: str = ""
    """The ARN of whoever is signed in."""
    revision_names: frozenset[str] = frozenset()
    """Variables of functions that hold revisions, beside those that everybody knows."""
    parts: Parts = field(default_factory=Parts, repr=False)
    """What is kept until the scan is whole."""
    through: str = ""
    """The region whose clients make the calls, where that is another."""

    def in_region(self, region: str) -> RegionClient:
        """The same account in another region, by the clients of this one."""
        return replace(self, region=region, through=self.region)

    def ask(self, service: str, action: str, /, *members: str, **params: Any) -> Answer:
        """Make one call. Raises CallFailedError when it is given up, or when the answer has none
        of ``members``: botocore makes an empty answer of a body that is cut off
        (botocore/parsers.py, ``_parse_body_as_json``), and empty must not pass for absent."""
        bucket = self.buckets.of(self.account, self.region, service, action)
        for turn in range(1, self.aws.rounds + 1):
            bucket.take()
            try:
                method = self._method(service, action)
                with self.buckets.under_way:
                    answer: Answer = method(**params)
            except Exception as error:
                failure = classify(error)
                if failure.reason != "throttled" or turn == self.aws.rounds:
                    raise CallFailedError(failure) from error
                bucket.pause(float(2 ** (turn - 1)))
                continue
            self.clock.note(answer)
            if not members or not answer.keys().isdisjoint(members):
                return answer
            if turn == self.aws.rounds:
                raise CallFailedError(Failure("error", f"the answer has no {members[0]}"))
        raise AssertionError("a session has at least one round")

    def pages(
        self,
        service: str,
        action: str,
        items: str,
        *,
        token: str = "nextToken",
        next_token: str | None = None,
        **params: Any,
    ) -> Listing:
        """Follow a listing to its end. ``items``, ``token`` and ``next_token`` (as ``token``
        unless given) are member names; a failure half-way keeps the pages before it."""
        read: list[Any] = []
        seen: set[str] = set()
        asked = dict(params)
        while True:
            try:
                answer = self.ask(service, action, items, **asked)
            except CallFailedError as error:
                return Listing(tuple(read), error.failure)
            read.extend(answer.get(items) or ())
            self.progress(f"{service} {action} {self.region}", len(read), None)
            follow = answer.get(next_token or token)
            if not follow:
                return Listing(tuple(read))
            if follow in seen:
                failure = Failure("error", f"{action} gave the same page token twice")
                return Listing(tuple(read), failure)
            seen.add(follow)
            asked[token] = follow

    def each(
        self, what: str, read: Callable[[T], U], items: Sequence[T]
    ) -> tuple[U | Failure, ...]:
        """Read every item, several at once; results in the order of ``items``. After a run of
        equal failures the rest is not tried and gets that failure too. Of one batch no more wait in
        the pool than one place has under way, so that a large account holds up no other."""
        watch = _Watch(what, len(items), self.progress)

        def one(item: T) -> U | Failure:
            if watch.stopped is not None:
                return watch.stopped
            try:
                result = read(item)
            except CallFailedError as error:
                watch.failed(error.failure)
                return error.failure
            watch.succeeded()
            return result

        return few_at_once(self.pool, one, items, self.aws.workers)

    def each_listing(
        self, what: str, read: Callable[[T], Listing], items: Sequence[T]
    ) -> tuple[Listing, ...]:
        """As ``each`` for paged reads: what was read before a failure is kept."""
        partial: dict[int, Listing] = {}

        def whole(numbered: tuple[int, T]) -> Listing:
            listing = read(numbered[1])
            if listing.failure is not None:
                partial[numbered[0]] = listing
                raise CallFailedError(listing.failure)
            return listing

        results = self.each(what, whole, tuple(enumerate(items)))
        return tuple(
            partial.get(i, Listing((), result)) if isinstance(result, Failure) else result
            for i, result in enumerate(results)
        )

    def _method(self, service: str, action: str) -> Callable[..., Any]:
        from botocore import xform_name  # noqa: PLC0415 -- botocore takes 0.3 s to import

        by = self.aws.client(service, self.through or self.region)
        method = getattr(by, xform_name(action))
        return sent_to(self.region, method) if self.through else method

    def gap(
        self,
        service: str,
        action: str,
        failure: Failure,
        *,
        resource: str = "",
        hides: tuple[Kind, ...] = (),
        facts: tuple[str, ...] = (),
    ) -> Gap:
        fields = {"resource": resource, "hides": hides, "facts": facts}
        return self._gap(service, action, failure.reason, failure.detail, **fields)

    def left_out(
        self, service: str, action: str, what: str | Amount, option: str, facts: tuple[str, ...]
    ) -> Gap:
        """Say that something is not read by choice, and the option that reads it."""
        return self._gap(service, action, "left-out", what, option=option, facts=facts)

    def not_yet(
        self,
        service: str,
        action: str,
        what: str | Amount,
        facts: tuple[str, ...] = (),
        hides: tuple[Kind, ...] = (),
    ) -> Gap:
        """Say that something is still to be read."""
        return self._gap(service, action, NOT_YET, what, facts=facts, hides=hides)

    def _gap(
        self, service: str, action: str, reason: str, what: str | Amount, **fields: Any
    ) -> Gap:
        amount = what if isinstance(what, Amount) else NO_AMOUNT
        return Gap(
            service=service,
            action=action,
            account=self.account,
            region="" if service == "iam" else self.region,
            reason=reason,
            detail=amount.words if amount else str(what),
            amount=amount,
            **fields,
        )


class _Watch:
    """Counts the results of one batch; stops it when calls fail again and again."""

    def __init__(self, what: str, total: int, progress: Progress) -> None:
        self.stopped: Failure | None = None
        self._what, self._total, self._progress = what, total, progress
        self._done = self._run = 0
        self._reason = ""
        self._lock = threading.Lock()

    def succeeded(self) -> None:
        with self._lock:
            self._done += 1
            self._run = 0
            self._progress(self._what, self._done, self._total)

    def failed(self, failure: Failure) -> None:
        with self._lock:
            self._done += 1
            # A resource that is gone since it was listed says nothing about the next one.
            if "NotFound" in failure.code:
                return
            self._run = self._run + 1 if failure.reason == self._reason else 1
            self._reason = failure.reason
            if self._run >= PATIENCE.get(failure.reason, DENIALS) and self.stopped is None:
                message = f"not tried after {self._run} such failures in a row: {failure.message}"
                self.stopped = Failure(failure.reason, message, failure.code)
