"""Whether what is there now is what the run began with, or another one of its name."""

from __future__ import annotations

from typing import Any

from jotgraph.records import (
    Alias,
    Commit,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    LocalImage,
    Record,
    Role,
    Trigger,
    Version,
    Workload,
)
from jotgraph.sources.aws.times import parse_time


def is_same(record: Record, copy: Any) -> bool | None:
    """Whether a resource is the very one that a copy was made of; None when that cannot be said:
    it was changed, or made again, since, or there is no copy."""
    if copy is None:
        return None
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
        case (
            Commit() | LocalImage() | Container() | EcrImage() | Version() | Trigger() | Workload()
        ):
            return True  # its id is never given to another: a digest, a number, a UUID
