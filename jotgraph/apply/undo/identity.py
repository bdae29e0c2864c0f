"""Whether an existing resource is the one that the run deleted from, or another one of the same
name."""

from __future__ import annotations

from typing import Any, TypeAlias

from jotgraph.records import (
    Alias,
    EcrRepository,
    Function,
    LogGroup,
    Record,
    Role,
)
from jotgraph.records.quarantine import denied, mark_in_tags
from jotgraph.sources.aws.log_groups import log_group_created
from jotgraph.sources.aws.times import parse_time

NameReused: TypeAlias = Role | EcrRepository | Alias | Function | LogGroup
"""Kinds that can be created again under the same name. Other ids are never reused: a digest, a
number, a UUID."""


def is_same(record: Record, copy: Any) -> bool | None:
    """Return whether a resource is the very one that was copied. None when unknown: it was changed
    or created again since, or there is no copy."""
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
        case LogGroup():
            return log_group_created(copy["DescribeLogGroups"]) == record.created_at
        case Alias():
            return True if record.revision == copy["GetAlias"].get("RevisionId") else None
        case Function():
            configuration = copy["GetFunction"]["Configuration"]
            return True if record.revision == configuration.get("RevisionId") else None


def left_by_quarantine(record: Record) -> str:
    """Return whether a resource is in the state of a quarantine, whose previous state is known on
    another machine."""
    if not isinstance(record, Function | Role):
        return ""
    mark = mark_in_tags(dict(record.tags or ()))
    if not mark and not (isinstance(record, Role) and denied(record.trust)):
        return ""
    whose = f" of run {mark.run}" if mark else ""
    return (
        f"it exists as the quarantine{whose} left it; how it was before is in the journal of that "
        "run, on the machine that made it"
    )
