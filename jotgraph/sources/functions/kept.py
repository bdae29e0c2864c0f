"""The immutable part of GetFunction's answers, stored between scans by revision.

The two URIs and the command of a revision never change. So the first answer of any command knows
the deployed tags that an earlier scan of this machine read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from jotgraph.records import Function, Version
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


def with_kept(place: RegionClient, kept: Revisions, record: Configuration) -> Configuration:
    """Return a record with what is stored of its revision, if anything."""
    details = kept.get(place, *_CALL, _name(record), _Details)
    if details is None:
        return record
    return msgspec.structs.replace(record, **msgspec.structs.asdict(details))


def keep(place: RegionClient, kept: Revisions, records: Iterable[Configuration]) -> None:
    """Store the answers of GetFunction for settled revisions."""
    settled = filter(is_settled, records)
    kept.put(place, *_CALL, {_name(record): _unchanging(record) for record in settled})


def _unchanging(record: Configuration) -> dict[str, Any]:
    return {field: getattr(record, field) for field in UNCHANGING}


def forget_others(place: RegionClient, kept: Revisions, listed: Iterable[Configuration]) -> None:
    """Remove the revisions that a complete listing of the place no longer has, once there are
    many."""
    kept.keep_only(place, *_CALL, {_name(record) for record in listed})


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
    number = record.number if isinstance(record, Version) else "$LATEST"
    return f"{record.arn}:{number} {record.revision}" if record.revision and record.arn else ""
