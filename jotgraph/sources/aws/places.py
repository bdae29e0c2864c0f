"""The accounts and regions that sessions reach, and the threads that make the calls."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from jotgraph.clients.aws import Aws
from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import KINDS, Gap, Kind
from jotgraph.records.kind_traits import Home
from jotgraph.records.kinds import kinds_of_service
from jotgraph.sources.aws.calls import Progress, RegionClient, silent
from jotgraph.sources.aws.classify import DENIED, not_understood
from jotgraph.sources.aws.rate_limit import BUDGET, Buckets
from jotgraph.sources.phases import Phase

T = TypeVar("T")

SERVICES = ("ecr", "lambda", "iam")
"""Services that a scan lists in every account and region."""


@dataclass(frozen=True)
class Threads:
    """The threads of one scan or run, and the token buckets that pace its calls."""

    pool: ThreadPoolExecutor = field(repr=False)
    """For calls in batches."""
    stages: ThreadPoolExecutor = field(repr=False)
    """For whole listings, which wait for batches in the other pool."""
    local: ThreadPoolExecutor = field(repr=False)
    """For git and Docker, which wait for no call."""
    details: ThreadPoolExecutor = field(repr=False)
    """For calls about each function: so many that others would wait behind them."""
    detailed: ThreadPoolExecutor = field(repr=False)
    """For the details of whole places, which wait for batches in the previous pool."""
    buckets: Buckets
    progress: Progress


@contextmanager
def open_threads(sessions: tuple[Aws, ...], progress: Progress = silent) -> Iterator[Threads]:
    """Open the threads of a scan. Most of them wait for a token or a batch; ``Buckets`` limits the
    calls in progress."""
    places = sum(len(session.regions) for session in sessions) or 1
    workers = max((session.workers for session in sessions), default=1)
    buckets = Buckets(sessions[0].rates if sessions else {})
    pool = ThreadPoolExecutor(min(4 * BUDGET, workers * places), "jotgraph-call")
    stages = ThreadPoolExecutor(min(BUDGET, 6 * places + len(sessions)), "jotgraph-list")
    local = ThreadPoolExecutor(1, "jotgraph-local")
    details = ThreadPoolExecutor(min(64, workers * places), "jotgraph-detail")
    detailed = ThreadPoolExecutor(min(24, places), "jotgraph-detailed")
    wait, cancel = True, False
    try:
        yield Threads(pool, stages, local, details, detailed, buckets, progress)
    except BaseException as error:  # what is still to be asked is of no use to anybody
        cancel = True
        wait = not isinstance(error, KeyboardInterrupt)  # nobody waits who has interrupted it
        raise
    finally:
        for executor in (local, stages, detailed, pool, details):
            executor.shutdown(wait=wait, cancel_futures=cancel)


def places_of(
    sessions: tuple[Aws, ...], threads: Threads
) -> tuple[tuple[RegionClient, ...], list[Gap]]:
    """Return the places of each session that can be identified. Without an answer none of its
    services can be read, and each gets a gap. Of two sessions in one account and region the first
    is used; when an account's role is refused, no other session replaces it."""
    places: dict[tuple[str, str], RegionClient] = {}
    gaps: list[Gap] = []
    refused: set[str] = set()

    callers = threads.stages.map(partial(_identified, threads=threads), sessions)
    for session, caller in zip(sessions, callers, strict=True):
        if isinstance(caller, Failure):
            gaps.extend(_unread_session(session, caller))
            refused.add(session.account)
            continue
        account, arn = caller
        if account in refused:
            continue
        if session.account not in ("", account):
            other = f"the role led to account {account}, not to {session.account}"
            gaps.extend(_unread_session(session, Failure("error", other)))
            continue
        for region in session.regions:
            place = RegionClient(
                session,
                account,
                region,
                threads.buckets,
                threads.pool,
                progress=threads.progress,
                caller=arn,
            )
            places.setdefault((account, region), place)
    return tuple(places[key] for key in sorted(places)), gaps


def _identified(session: Aws, threads: Threads) -> tuple[str, str] | Failure:
    try:
        return caller_of(session, threads)
    except CallFailedError as error:
        return error.failure


def caller_of(session: Aws, threads: Threads, region: str = "") -> tuple[str, str]:
    """Return the account of a session, and the ARN of its identity. Raises CallFailedError."""
    region = region or (session.home if session.account else session.regions[0])
    client = RegionClient(session, "", region, threads.buckets, threads.pool, threads.progress)
    answer = client.ask("sts", "GetCallerIdentity", "Account")
    return str(answer["Account"]), str(answer.get("Arn") or "")


def homes_of(places: tuple[RegionClient, ...]) -> list[RegionClient]:
    """Return one place of each account for calls to IAM, which is global: the session's first
    region, before any that the session was not opened for."""
    homes: dict[str, RegionClient] = {}
    for place in sorted(places, key=lambda p: (*p.aws.regions, p.region).index(p.region)):
        homes.setdefault(place.account, place)
    return [homes[account] for account in sorted(homes)]


def _unread_session(session: Aws, failure: Failure) -> Iterable[Gap]:
    if session.account:
        yield _unread_account(session, failure)
        return
    named = f"profile {session.profile}: " if session.profile else ""
    only = session.regions[0] if len(session.regions) == 1 else ""
    for service in SERVICES:
        yield Gap(
            service=service,
            action="GetCallerIdentity",
            region=only if service != "iam" else "",
            reason=failure.reason,
            detail=f"{named}{failure.detail}",
            hides=(*kinds_of_service(service), *_ASKED_WITH.get(service, ())),
        )


def _unread_account(session: Aws, failure: Failure) -> Gap:
    """The gaps for an account whose role could not be assumed: nothing of it was read."""
    action = "AssumeRole" if session.role_arn else "GetCallerIdentity"
    detail = failure.detail
    if failure.code in DENIED:
        failure = failure._replace(reason="denied")
        detail = f"{failure.message}; {_LET_IN}" if session.role_arn else failure.detail
    return Gap(
        service="sts",
        action=action,
        account=session.account,
        reason=failure.reason,
        detail=": ".join(filter(None, (session.account_name, detail))),
        hides=tuple(kind for kind in Kind if KINDS[kind].home in (Home.ACCOUNT, Home.REGION)),
    )


_LET_IN = (
    "create the role there, with a trust policy for the caller (jotgraph policy scan --trust "
    "CALLER prints how)"
)
"""AWS gives the same error for a role that does not exist and for one that may not be assumed."""
_ASKED_WITH = {"lambda": (Kind.WORKLOAD,)}
"""One name for the nine services whose listings are not even tried."""


def ended(place: RegionClient, service: str, noun: str, count: int) -> None:
    """Report that one service in one place was read, with a count. With many accounts these are
    reported instead: ``AccountsDone``."""
    if place.aws.account:
        return
    where = "" if service == "iam" else f" {place.region}"
    whose = f" ({place.aws.profile})" if place.aws.profile else ""
    place.progress(Phase(f"{service}{where}{whose}", noun), count, count)


class AccountsDone:
    """Reports each of many accounts when the last of its listings was read."""

    def __init__(self, listings: Iterable[RegionClient]) -> None:
        """Count the expected listings; ``listings`` has a place once for each of them."""
        many = [place for place in listings if place.aws.account]
        self._left = Counter(place.account for place in many)
        self._total = len(self._left)
        self._lock = threading.Lock()

    def note(self, place: RegionClient) -> None:
        """Note that one listing of a place was read."""
        if not place.aws.account:
            return
        with self._lock:
            self._left[place.account] -= 1
            done = sum(left == 0 for left in self._left.values())
            last = self._left[place.account] == 0
        if last:
            name = f" ({place.aws.account_name})" if place.aws.account_name else ""
            regions = len(place.aws.regions)
            place.progress("accounts", done, self._total)
            place.progress(Phase(f"account {place.account}{name}", "region"), regions, regions)


def safely(service: str, place: RegionClient, read: Callable[[RegionClient], T]) -> T | Gap:
    """Turn an unexpected response into a gap, so that one odd reply does not end a scan."""
    try:
        return read(place)
    except Exception as error:
        return place.gap(
            service, "*", not_understood(error), hides=kinds_of_service(service), facts=("*",)
        )
