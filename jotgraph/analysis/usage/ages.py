"""The age of everything that is judged, in days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from jotgraph.analysis.usage.gaps import days
from jotgraph.analysis.usage.index import GraphIndex
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


def ages(index: GraphIndex, now: datetime) -> dict[ResourceId, float | None]:
    """Days since each resource was pushed, created or last changed; None where not known."""
    return {record.id: days(now, _since(record)) for record in _every(index)}


def _every(index: GraphIndex) -> Iterator[_Judged]:
    yield from index.local_images
    yield from index.containers
    yield from index.repositories
    yield from index.images
    yield from index.functions
    yield from index.versions
    yield from index.aliases
    yield from index.triggers
    yield from index.roles


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
