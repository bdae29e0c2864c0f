"""A record -> the facts that must still hold when it is deleted."""

from __future__ import annotations

import hashlib
from datetime import datetime

from jotgraph.records import (
    Alias,
    Commit,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    LocalImage,
    Pairs,
    Record,
    Role,
    Trigger,
    Version,
)

UNREAD = "?"
"""A fact that was not read: it cannot be compared."""
LAST_REGION = "last-region"
"""Where a role was last used. It may change without a change of the role, and is judged apart."""


def fingerprint(record: Record) -> Pairs:
    """Identity facts of a record as sorted pairs. ``apply`` makes the same from what it reads just
    before the call and refuses on any difference.

    Raises ValueError for a commit, which nothing deletes.
    """
    return tuple(sorted(_facts(record).items()))


def _facts(record: Record) -> dict[str, str]:
    match record:
        case EcrImage():
            return {
                "digest": record.digest,
                "tags": _joined(record.tags),
                "status": record.status,
                "pushed": _moment(record.pushed_at),  # moves when it was deleted and pushed again
            }
        case EcrRepository():
            return {"created": _moment(record.created_at)}
        case Function():
            urls = UNREAD if record.urls is None else _joined(tuple(u or "-" for u in record.urls))
            return {"revision": record.revision, "code": record.code_sha256, "urls": urls}
        case Version():
            return {"revision": record.revision, "code": record.code_sha256}
        case Alias():
            shares = _joined(tuple(f"{number}={share:g}" for number, share in record.weights))
            return {"revision": record.revision, "version": record.version, "weights": shares}
        case Trigger():
            return {"function": record.function_arn, "source": record.source_arn}
        case Role():
            return {
                "role-id": record.role_id,
                "trust": _hash(record.trust),
                "attached": _joined(record.attached),
                "inline": _joined(tuple(f"{name}={digest}" for name, digest in record.inline)),
                "boundary": record.boundary,
                "profiles": _joined(record.instance_profiles),
                LAST_REGION: record.last_used_region,
            }
        case LocalImage():
            return {"image": record.image_id, "tags": _joined(record.tags)}
        case Container():
            started = _moment(record.started_at)
            return {"image": record.image_id, "state": record.state, "started": started}
        case Commit():
            raise ValueError("commits are never deleted")


def _joined(words: tuple[str, ...]) -> str:
    return " ".join(sorted(words))


def _moment(when: datetime | None) -> str:
    return when.isoformat(timespec="seconds") if when else ""


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
