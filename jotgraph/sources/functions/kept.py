"""The immutable part of GetFunction's answers, stored between scans by revision.

The two URIs and the command of a revision never change. So the first answer of any command knows
the deployed tags that an earlier scan of this machine read.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.records import Function, Inventory, Version
from jotgraph.records.started import Words
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.revisions import Revisions

Configuration = Function | Version
UNCHANGING = ("image_uri", "resolved_image_uri", "entry_point", "command")
"""Fields of GetFunction that are fixed for a revision."""

_CALL = ("lambda", "GetFunction")


class _Details(msgspec.Struct, frozen=True):
    """Those fields."""

    image_uri: str | None = None
    resolved_image_uri: str | None = None
    entry_point: Words | None = None
    command: Words | None = None


_LATEST = "$LATEST"
BATCH = 500
"""Answers that are kept at once: of five seconds, as fast as GetFunction may be asked."""


class KeptDetails:
    """Those of one place. What GetFunction tells is kept while it is asked: whoever kills the
    program loses the last few answers. Threads share it; each of them keeping its own would wait
    for the others. To be closed."""

    def __init__(self, place: RegionClient, cache: Path | None, previous: Inventory | None) -> None:
        self._place, self._revisions = place, Revisions(cache, "lambda")
        functions = previous.functions if previous else ()
        self._previous = {function.arn: function for function in functions}
        self._lock = threading.Lock()
        self._new: list[Configuration] = []

    def lend(self, record: Configuration) -> Configuration:
        """A record with what was kept of its revision, if anything was."""
        details = self._revisions.get(self._place, *_CALL, _name(record), _Details)
        if details is None:
            return record
        return msgspec.structs.replace(record, **msgspec.structs.asdict(details))

    def with_earlier(self, record: Configuration) -> Configuration:
        """A function with what earlier scans read it using, if its update is not through."""
        if not isinstance(record, Function) or record.runs_what_it_says:
            return record
        used = self._used_by_previous(record)
        for name in self._revisions.names(self._place, *_CALL):
            if _owner(name) == f"{record.arn}:{_LATEST}":
                stored = self._revisions.get(self._place, *_CALL, name, _Details)
                used.add(stored and stored.resolved_image_uri)
        return _using(record, used)

    def with_previous(self, record: Configuration) -> Configuration:
        """A function about whose update nothing was asked, with what the previous scan read it
        using: the next scan, which asks, knows earlier scans from this one only."""
        if not isinstance(record, Function) or record.detail_read or record.settled:
            return record
        return _using(record, self._used_by_previous(record))

    def _used_by_previous(self, record: Function) -> set[str | None]:
        before = self._previous.get(record.arn)
        if before is None:
            return set()
        own = (before.resolved_image_uri, before.role_arn) if before.settled else ()
        return {*before.used_before, *own}

    def forget_others(self, listed: Iterable[Configuration]) -> None:
        """Forget the revisions that a whole listing no longer has, once they are many. Of a
        function whose revision is not known the last known one stays: its update may fail."""
        wanted = {_name(record) for record in listed}
        last = {_owner(name): name for name in self._revisions.names(self._place, *_CALL)}
        known = {_owner(name) for name in last.values() if name in wanted}
        before = {last[owner] for name in wanted if (owner := _owner(name)) in last.keys() - known}
        self._revisions.keep_only(self._place, *_CALL, wanted | before)

    def add(self, record: Configuration) -> None:
        """Keep what was told of a revision, if it is settled; not at once."""
        with self._lock:
            self._new.append(record)
            full = len(self._new) >= BATCH
        if full:
            self._keep()

    def _keep(self) -> None:
        with self._lock:
            new, self._new = self._new, []
        settled = filter(is_settled, new)
        answers = {_name(record): _unchanging(record) for record in settled}
        self._revisions.put(self._place, *_CALL, answers)

    def close(self) -> None:
        """Keep the rest, and let others write."""
        self._keep()
        self._revisions.close()


def _unchanging(record: Configuration) -> dict[str, Any]:
    return {field: getattr(record, field) for field in UNCHANGING}


def is_settled(record: Configuration) -> bool:
    """Return whether a revision's details are final: it is neither changing nor broken."""
    return bool(
        record.resolved_image_uri
        and record.state in (None, "Active")
        and record.last_update_status in (None, "", "Successful")
        and record.revision
    )


def _name(record: Configuration) -> str:
    """The name of a revision in the store; empty without a RevisionId."""
    number = record.number if isinstance(record, Version) else _LATEST
    return f"{record.arn}:{number} {record.revision}" if record.revision and record.arn else ""


def _using(record: Function, used: set[str | None]) -> Function:
    """A function with what it used before, beside what its configuration names."""
    others = used - {None, record.resolved_image_uri, record.role_arn}
    return msgspec.structs.replace(record, used_before=tuple(sorted(filter(None, others))))


def _owner(name: str) -> str:
    """The function or version of the name of a revision."""
    return name.rpartition(" ")[0]
