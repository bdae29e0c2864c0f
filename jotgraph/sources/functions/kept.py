"""What GetFunction tells of a revision for ever, kept between scans.

A revision never changes the two URIs and the command of its function. So the first answer of any
command knows the deployed tags of what an earlier scan of this machine saw, whoever asked.
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
"""Fields of GetFunction that no revision changes."""

_CALL = ("lambda", "GetFunction")


class _Details(msgspec.Struct, frozen=True):
    """Those fields."""

    image_uri: str | None = None
    resolved_image_uri: str | None = None
    entry_point: Words | None = None
    command: Words | None = None


def with_kept(place: RegionClient, kept: Revisions, record: Configuration) -> Configuration:
    """A record with what was kept of its revision, if anything was."""
    details = kept.get(place, *_CALL, _name(record), _Details)
    if details is None:
        return record
    return msgspec.structs.replace(record, **msgspec.structs.asdict(details))


def keep(place: RegionClient, kept: Revisions, records: Iterable[Configuration]) -> None:
    """Keep what GetFunction told of revisions that are settled."""
    settled = filter(is_settled, records)
    kept.put(place, *_CALL, {_name(record): _unchanging(record) for record in settled})


def _unchanging(record: Configuration) -> dict[str, Any]:
    return {field: getattr(record, field) for field in UNCHANGING}


def forget_others(place: RegionClient, kept: Revisions, listed: Iterable[Configuration]) -> None:
    """Forget the revisions that a whole listing of the place no longer has, once they are many."""
    kept.keep_only(place, *_CALL, {_name(record) for record in listed})


def is_settled(record: Configuration) -> bool:
    """Whether what is known of a revision stays so: it is neither changing nor broken."""
    return bool(
        record.resolved_image_uri
        and record.state in (None, "Active")
        and record.last_update_status in (None, "", "Successful")
        and record.revision
    )


def _name(record: Configuration) -> str:
    """What names a revision for ever; nothing for one that has no RevisionId."""
    number = record.number if isinstance(record, Version) else "$LATEST"
    return f"{record.arn}:{number} {record.revision}" if record.revision and record.arn else ""
