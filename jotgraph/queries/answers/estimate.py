"""The answer of ``scan --estimate``: how many calls a scan makes, how long they take, and which
limits apply."""

from __future__ import annotations

import msgspec


class Limit(msgspec.Struct, frozen=True):
    """One quota of one account and region, and the calls that it limits."""

    account: str
    region: str
    quota: str
    """``lambda`` or ``lambda:GetFunction``: a service, or an action with its own quota."""
    calls: int
    rate: float
    """The rate at which jotgraph calls it, a second."""
    seconds: float
    """Seconds that the calls take at that rate."""


class Estimate(msgspec.Struct, frozen=True):
    """The estimated calls of a scan."""

    calls: int
    seconds: float
    binds: str
    """The slowest part, in words."""
    by_call: tuple[tuple[str, int], ...]
    """(service:Action, calls), most calls first."""
    limits: tuple[Limit, ...]
    """The limits, slowest first."""
    known: int
    """Places where an earlier scan counted the resources."""
    unknown: int
    """Places that were never scanned, for which the minimum of calls is counted."""
    names: tuple[tuple[str, str], ...] = ()
    """(account, name) of the accounts whose name is known."""
