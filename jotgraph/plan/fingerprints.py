"""The facts of a record that must still hold when it is deleted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from jotgraph.records import (
    Alias,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    LocalImage,
    LogGroup,
    Pairs,
    Record,
    ResourceId,
    Role,
    Trigger,
    Version,
)
from jotgraph.records.json_text import parsed
from jotgraph.records.references import lambda_target

UNREAD = "?"
"""Stands for a fact that was not read and cannot be compared."""
LAST_REGION = "last-region"
"""When a role was last used. It may change without a change of the role, and is judged
separately."""
PULLED = "pulled"
"""When an image was last pulled. Our own reads change it, so it is judged separately."""
READ_AT = "read-at"
"""When the scan read an image, by ECR's clock: a pull at that time is its own."""
CHILDREN = "children"
"""What an index lists. Its digest determines it, so it is never compared."""
POLICY, LIFECYCLE, REPLICATION = "policy", "lifecycle", "replication"
"""Settings that others may change, each read by its own call."""
CALLS, CALLERS = "calls", "called-by"
"""The calls of a function, version or alias in the scan's window, and who may call it."""
URLS = "urls"
"""The hosts of a function's URLs."""
USED = "used"
"""When a role was last used."""
COPIES = "copies"
"""The ECR copies of a local image."""
STARTS = "starts"
"""The workloads that run an image when started."""
APART = frozenset(
    {
        LAST_REGION, PULLED, CHILDREN, POLICY, LIFECYCLE, REPLICATION, CALLS, CALLERS, USED, COPIES,
        STARTS, READ_AT,
    }
)  # fmt: skip
"""Facts that are judged separately (``plan/again.py``) and not only compared."""


Deletable: TypeAlias = (
    LogGroup
    | LocalImage
    | Container
    | EcrRepository
    | EcrImage
    | Function
    | Version
    | Alias
    | Trigger
    | Role
)
"""The record classes of the kinds that plans may delete."""


def fingerprint(record: Record) -> Pairs:
    """Return the identity facts of a record as sorted pairs. ``apply`` builds the same from what it
    reads right before the call and refuses on any difference. Raises ValueError for a record of a
    kind that nothing deletes."""
    if not isinstance(record, Deletable):
        raise ValueError(f"{record.id} is never deleted")
    return tuple(sorted(_facts(record).items()))


def _facts(record: Deletable) -> dict[str, str]:
    match record:
        case EcrImage():
            return {
                "digest": record.digest,
                "tags": joined(record.tags),
                "status": record.status,
                "pushed": moment(record.pushed_at),  # moves when it was deleted and pushed again
                READ_AT: moment(record.read_at),
                PULLED: moment(record.pulled_at),
                CHILDREN: joined(tuple(child.digest for child in record.children)),
            }
        case EcrRepository():
            return {
                "created": moment(record.created_at),
                POLICY: setting(record.policy),
                LIFECYCLE: setting(record.lifecycle),
            }
        case Function():
            urls = UNREAD if record.urls is None else joined(tuple(u or "-" for u in record.urls))
            return {
                "revision": record.revision,
                "code": record.code_sha256,
                URLS: urls,
                POLICY: UNREAD if record.policy is None else joined(statements(record.policy)),
                CALLS: _count(record.invocations),
            }
        case Version():
            return {
                "revision": record.revision,
                "code": record.code_sha256,
                CALLS: _count(record.invocations),
            }
        case Alias():
            shares = joined(tuple(f"{number}={share:g}" for number, share in record.weights))
            return {
                "revision": record.revision,
                "version": record.version,
                "weights": shares,
                CALLS: _count(record.invocations),
            }
        case Trigger():
            return {"function": record.function_arn, "source": record.source_arn}
        case Role():
            return {
                "role-id": record.role_id,
                "trust": _hash(record.trust),
                "attached": joined(record.attached),
                "inline": joined(tuple(f"{name}={digest}" for name, digest in record.inline)),
                "boundary": record.boundary,
                "profiles": joined(record.instance_profiles),
                LAST_REGION: record.last_used_region,
                USED: moment(record.last_used_at),
            }
        case LogGroup():
            return {
                "created": moment(record.created_at),
                "retention": str(record.retention_days or ""),
                "key": record.key,
                "filters": str(record.filters),
            }
        case LocalImage():
            return {"image": record.image_id, "tags": joined(record.tags)}
        case Container():
            started = moment(record.started_at)
            return {"image": record.image_id, "state": record.state, "started": started}


def differing(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield facts that differ, with the old and new value, sorted. Unread facts and those judged
    separately are not compared."""
    for fact in sorted((before.keys() | now.keys()) - APART):
        then, after = before.get(fact, ""), now.get(fact, "")
        if then != after and UNREAD not in (then, after):
            yield fact, then, after


def setting(text: str | None) -> str:
    """Return a document as a fact: empty when there is none, UNREAD when it was not read."""
    return UNREAD if text is None else _hash(text) if text else ""


def statements(policy: str) -> tuple[str, ...]:
    """Return a short word for each statement of a resource policy."""
    return tuple(word for word, _ in _statements(policy))


def statements_about(policy: str, resource: ResourceId) -> tuple[str, ...]:
    """Return the words of the statements that name a function, version or alias."""
    return tuple(word for word, statement in _statements(policy) if resource in _named(statement))


def _statements(policy: str) -> Iterator[tuple[str, Any]]:
    listed = parsed(policy).get("Statement") or () if policy else ()
    for statement in listed if isinstance(listed, list | tuple) else (listed,):
        yield _hash(json.dumps(statement, sort_keys=True)), statement


def _named(statement: Any) -> set[ResourceId | None]:
    resources = statement.get("Resource") if isinstance(statement, dict) else None
    listed = resources if isinstance(resources, list) else [resources]
    return {lambda_target(str(resource)) for resource in listed}


def joined(words: tuple[str, ...]) -> str:
    return " ".join(sorted(words))


def moment(when: datetime | None) -> str:
    return when.isoformat(timespec="seconds") if when else ""


def _count(number: int | None) -> str:
    return UNREAD if number is None else str(number)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
