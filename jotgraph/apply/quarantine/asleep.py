"""Whether things are as a quarantine leaves them: functions asleep, roles that deny everybody."""

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
    """Whether a function is marked, by this run or another, and its concurrency is 0, versions
    and all. Read now; raises CallFailedError."""
    function = session.read(function_of(user.id))
    return function is None or (
        isinstance(function, Function)
        and function.concurrency == 0
        and QUARANTINED in dict(function.tags or ())
    )


def is_set_aside(record: Record) -> bool:
    """Whether a record is as a quarantine leaves one of its kind."""
    if isinstance(record, Role):
        return denied(record.trust)
    if isinstance(record, Function):
        return record.concurrency == 0
    if isinstance(record, Trigger):
        return record.state == "Disabled"
    return isinstance(record, EcrImage) and record.status == "ARCHIVED"
