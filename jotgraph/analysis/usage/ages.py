"""The age of everything that is judged, in days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from jotgraph.analysis.usage.gaps import days
from jotgraph.analysis.usage.index import Estate
from jotgraph.records import (
    Alias,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    LocalImage,
    ResourceId,
    Role,
    Trigger,
    Version,
)

_Judged = (
    LocalImage | Container | EcrRepository | EcrImage | Function | Version | Alias | Trigger | Role
)


def ages(estate: Estate, now: datetime) -> dict[ResourceId, float | None]:
    """Days since each resource was pushed, created or last changed; None where not known."""
    return {record.id: days(now, _since(record)) for record in _every(estate)}


def _every(estate: Estate) -> Iterator[_Judged]:
    yield from estate.local_images
    yield from estate.containers
    yield from estate.repositories
    yield from estate.images
    yield from estate.functions
    yield from estate.versions
    yield from estate.aliases
    yield from estate.triggers
    yield from estate.roles


def _since(record: _Judged) -> datetime | None:
    match record:
        case EcrImage():
            return record.pushed_at
        case Function() | Version() | Trigger():
            return record.last_modified
        case Alias():
            return None
        case Container():
            return record.started_at or record.created_at
        case LocalImage() | EcrRepository() | Role():
            return record.created_at
