"""The stored inventory for a past time, and its distance from it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

import click

from jotgraph.cli.scan_options import Reading
from jotgraph.cli.stores import UNNAMED, snapshots


class Past(NamedTuple):
    """What to read for a past time."""

    reading: Reading
    note: str
    """The age at that time, and when the next scan was taken."""


def as_of(reading: Reading, at: str) -> Past:
    """Return the last snapshot taken by a time, of the name that is read. Raises UsageError for a
    file, UnknownSnapshotError if there is none: the state at that time is unknown."""
    from jotgraph.errors import UnknownSnapshotError  # noqa: PLC0415 -- what only a run needs
    from jotgraph.records.phrases import span  # noqa: PLC0415 -- as above
    from jotgraph.store.chronology import around, first_of, moment  # noqa: PLC0415 -- as above

    name = reading.stored or UNNAMED
    every = snapshots().of(name)
    if not every:
        raise click.UsageError(f"--at needs the name of stored inventories: --from {name} is none")
    now = datetime.now(UTC)
    when = moment(at, now)
    if when > now:
        raise click.UsageError(
            f"--at {at} is still to come; without --at the newest inventory answers"
        )
    before, after = around(every, when)
    if before is None:
        first = first_of(every)
        since = f"; the first is {first.ref} of {first.taken_at:%Y-%m-%d %H:%M}" if first else ""
        raise UnknownSnapshotError(
            f"what contained it at {when:%Y-%m-%d %H:%M} UTC is not known: no snapshot of {name} "
            f"was taken by then{since}"
        )
    taken = before.taken_at
    note = f"As of {before.ref}, scanned {_time(taken)}, {span(_days(taken, when))} before"
    if after:
        note += f"; the next scan, {after.ref}, is of {_time(after.taken_at)}"
        note += ": what changed between the two is not known"
    else:
        note += "; no later scan is stored: what changed since is not known"
    return Past(reading._replace(stored=before.ref, by_setting=False, max_age=None), note)


def _days(earlier: datetime, later: datetime) -> float:
    return round((later - earlier).total_seconds() / 86400, 2)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
