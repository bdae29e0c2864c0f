"""Snapshots by the times of their scans.

These may differ from the order of numbers: a snapshot may be imported later, and a machine's clock
may have been wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from jotgraph.errors import SnapshotError, UnknownSnapshotError

if TYPE_CHECKING:
    from jotgraph.store.snapshots import Snapshot, Stored

T = TypeVar("T")

_WORKERS = 8
_AGO = re.compile(r"(?P<count>\d+)[. ](?P<unit>minute|hour|day|week|month|year)s?[. ]ago")
_UNITS: Mapping[str, timedelta] = MappingProxyType(
    {
        "minute": timedelta(minutes=1),
        "hour": timedelta(hours=1),
        "day": timedelta(days=1),
        "week": timedelta(weeks=1),
        "month": timedelta(days=30),
        "year": timedelta(days=365),
    }
)


class Neighbours(NamedTuple):
    """The scans right before and after a time, as far as they exist."""

    before: Stored | None
    after: Stored | None


def around(snapshots: Sequence[Snapshot], when: datetime) -> Neighbours:
    """Return the last scan taken by a time, and the first after it. Raises SnapshotError when an
    unreadable one may be either."""
    headers, problems = _headers(snapshots)
    by_then = (header for header in headers if header.taken_at <= when)
    later_on = (header for header in headers if header.taken_at > when)
    before = max(by_then, key=_order, default=None)
    after = min(later_on, key=_order, default=None)
    for number, problem in problems.items():
        later = before is None or number > before.number
        if later and (after is None or number < after.number):
            raise problem
    return Neighbours(before, after)


def by_time(snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
    """Return the snapshots, oldest scan first; an unreadable one follows the one with the number
    before."""
    headers, _ = _headers(snapshots)
    taken = {header.number: header.taken_at for header in headers}
    last = datetime.min.replace(tzinfo=UTC)
    keys: dict[int, tuple[datetime, int]] = {}
    for snapshot in sorted(snapshots, key=lambda snapshot: snapshot.number):
        last = taken.get(snapshot.number, last)
        keys[snapshot.number] = last, snapshot.number
    return tuple(sorted(snapshots, key=lambda snapshot: keys[snapshot.number]))


def first_of(snapshots: Sequence[Snapshot]) -> Stored | None:
    """Return the oldest scan that can be read."""
    return min(_headers(snapshots)[0], key=_order, default=None)


def _order(stored: Stored) -> tuple[datetime, int]:
    return stored.taken_at, stored.number


def _headers(snapshots: Iterable[Snapshot]) -> tuple[list[Stored], dict[int, SnapshotError]]:
    """The readable headers, and the reasons why others are not, by number."""

    def read(snapshot: Snapshot) -> Stored | tuple[int, SnapshotError]:
        try:
            return snapshot.header()
        except SnapshotError as error:
            return snapshot.number, error

    with ThreadPoolExecutor(_WORKERS) as workers:  # a bucket takes a while for each
        answers = list(workers.map(read, snapshots))
    headers = [answer for answer in answers if not isinstance(answer, tuple)]
    return headers, dict(answer for answer in answers if isinstance(answer, tuple))


def moment(text: str, now: datetime) -> datetime:
    """Parse a time: ``now``, ``yesterday``, ``2.weeks.ago``, ``2026-01-31``. A date means its end,
    or now if it has not ended. Without an offset it is UTC. Raises UnknownSnapshotError."""
    if text == "now":
        return now
    if text == "yesterday":
        return now - timedelta(days=1)
    if ago := _AGO.fullmatch(text):
        try:
            return now - int(ago["count"]) * _UNITS[ago["unit"]]
        except OverflowError:
            return datetime.min.replace(tzinfo=UTC)
    if day := _read(date.fromisoformat, text):
        begun = datetime(day.year, day.month, day.day, tzinfo=UTC)
        ended = begun + timedelta(days=1, microseconds=-1)  # a day is meant whole
        return min(ended, now) if begun <= now else ended
    moment = _read(datetime.fromisoformat, text)
    if moment is None:
        raise UnknownSnapshotError(
            f"{text!r} is not a time; write 2.weeks.ago, yesterday or 2026-01-31"
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read(parse: Callable[[str], T], text: str) -> T | None:
    try:
        return parse(text)
    except ValueError:
        return None
