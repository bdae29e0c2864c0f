"""Whether resources are in the state of a quarantine: functions without concurrency, roles that
deny everybody."""

from __future__ import annotations

from jotgraph.apply.session import Session
from jotgraph.records import (
    EcrImage,
    Function,
    Record,
    Role,
    Trigger,
    Version,
    function_of,
)
from jotgraph.records.quarantine import QUARANTINED, denied


def is_asleep(session: Session, user: Function | Version) -> bool:
    """Return whether a function carries any run's mark and its concurrency is 0. Read now; raises
    CallFailedError."""
    function = session.read(function_of(user.id))
    return function is None or (
        isinstance(function, Function)
        and function.concurrency == 0
        and QUARANTINED in dict(function.tags or ())
    )


def is_set_aside(record: Record) -> bool:
    """Return whether a record is in the state of a quarantine."""
    if isinstance(record, Role):
        return denied(record.trust)
    if isinstance(record, Function):
        return record.concurrency == 0
    if isinstance(record, Trigger):
        return record.state == "Disabled"
    return isinstance(record, EcrImage) and record.status == "ARCHIVED"
