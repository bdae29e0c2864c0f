"""Calls to one account in one region: paced, bounded, in order, and never silently lost.

A call is made when its token bucket admits it. Throttled calls are repeated while every caller of
that bucket pauses. A call that fails for good is returned as a Failure beside what was read.
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
"""A response of boto3."""
Progress = Callable[[str, int, int | None], None]
"""Called with ``(what is read, number so far, total if known)``."""


def silent(what: str, done: int, total: int | None) -> None:
    """A progress callback that does nothing."""


PATIENCE = {"throttled": 3, "unreachable": 2, "credentials": 2, "unsupported": 2, "error": 25}
"""Consecutive failures with the same reason after which the rest of a batch is skipped. Denials are
counted separately, because policies deny by resource and the next call may be allowed; a batch
stops after DENIALS of them."""
DENIALS = 50


@dataclass(frozen=True)
class Listing:
    """The items of a paged call; with a failure they are incomplete."""

    items: tuple[Any, ...]
    failure: Failure | None = None

    def whole(self) -> tuple[Any, ...]:
        """Return all items. Raises CallFailedError when a page is missing."""
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
    """The ARN of the identity that is signed in."""
    revision_names: frozenset[str] = frozenset()
    """Variables of functions that hold revisions, beside the well-known ones."""
    parts: Parts = field(default_factory=Parts, repr=False)
    """What is stored until the scan is complete."""
    through: str = ""
    """The region whose clients make the calls, if it is another one."""

    def in_region(self, region: str) -> RegionClient:
        """Return the same account in another region, called by this region's clients."""
        return replace(self, region=region, through=self.region)

    def ask(self, service: str, action: str, /, *members: str, **params: Any) -> Answer:
        """Make one call. Raises CallFailedError when it fails, or when the response has none of
        ``members``: botocore returns an empty response for a truncated body (botocore/parsers.py,
        ``_parse_body_as_json``), and empty must not be taken for absent."""
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
        """Read a listing to its end. ``items``, ``token`` and ``next_token`` (``token`` by default)
        are names of members. After a failure the pages before it are returned."""
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
        """Read every item, several at a time; results are in the order of ``items``.

        After a run of equal failures the remaining items get that failure untried. A batch occupies
        at most as many threads as one place may have calls in progress, so that a large account
        does not delay the others.
        """
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
        """Read every item of paged reads like ``each``; what was read before a failure is kept."""
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
        """Return a gap for something that is not read by choice, with the option that reads it."""
        return self._gap(service, action, "left-out", what, option=option, facts=facts)

    def not_yet(
        self,
        service: str,
        action: str,
        what: str | Amount,
        facts: tuple[str, ...] = (),
        hides: tuple[Kind, ...] = (),
    ) -> Gap:
        """Return a gap for something that is still to be read."""
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
    """Counts the results of one batch, and stops it when calls keep failing."""

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
