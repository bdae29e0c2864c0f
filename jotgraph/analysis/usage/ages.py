"""The age of everything that is judged, in days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from jotgraph.analysis.usage.gaps import days
from jotgraph.graph import ResourceGraph, record
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


def ages(
    graph: ResourceGraph, judged: Iterable[ResourceId], now: datetime
) -> dict[ResourceId, float | None]:
    """Days since each resource was pushed, created or last changed; None where not known."""
    return {
        resource: days(now, _since(cast(_Judged, record(graph, resource)))) for resource in judged
    }


def _since(node: _Judged) -> datetime | None:
    match node:
        case EcrImage():
            return node.pushed_at
        case Function() | Version() | Trigger():
            return node.last_modified
        case Alias():
            return None
        case Container():
            return node.started_at or node.created_at
        case LocalImage() | EcrRepository() | Role():
            return node.created_at
