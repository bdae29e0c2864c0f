"""Whether what is there now is what the run began with, or another one of its name."""

from __future__ import annotations

from typing import Any, TypeAlias

from jotgraph.records import (
    Alias,
    EcrRepository,
    Function,
    Record,
    Role,
)
from jotgraph.sources.aws.times import parse_time

NameReused: TypeAlias = Role | EcrRepository | Alias | Function
"""What may be made again under its name. Any other id is never given to another: a digest, a
number, a UUID."""


def is_same(record: Record, copy: Any) -> bool | None:
    """Whether a resource is the very one that a copy was made of; None when that cannot be said:
    it was changed, or made again, since, or there is no copy."""
    if copy is None:
        return None
    if not isinstance(record, NameReused):
        return True
    match record:
        case Role():
            return bool(record.role_id == copy["GetRole"]["RoleId"])
        case EcrRepository():
            created = parse_time(copy["DescribeRepositories"].get("createdAt"))
            return created is not None and record.created_at == created
        case Alias():
            return True if record.revision == copy["GetAlias"].get("RevisionId") else None
        case Function():
            configuration = copy["GetFunction"]["Configuration"]
            return True if record.revision == configuration.get("RevisionId") else None
