"""Whether a function is in quarantine, and so runs nothing and assumes nothing."""

from __future__ import annotations

from jotgraph.apply.session import Session
from jotgraph.records import Function, Version, function_of
from jotgraph.records.quarantine import QUARANTINED


def is_asleep(session: Session, user: Function | Version) -> bool:
    """Whether a function is marked, by this run or another, and its concurrency is 0, versions
    and all. Read now; raises CallFailedError."""
    function = session.read(function_of(user.id))
    return function is None or (
        isinstance(function, Function)
        and function.concurrency == 0
        and QUARANTINED in dict(function.tags or ())
    )
