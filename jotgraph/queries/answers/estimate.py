"""What a scan would ask of AWS: how many calls, how long, and which limits bind."""

from __future__ import annotations

import msgspec


class Limit(msgspec.Struct, frozen=True):
    """One quota of one account and region, and the calls that count towards it."""

    account: str
    region: str
    quota: str
    """``lambda`` or ``lambda:GetFunction``: a service, or an action with a quota of its own."""
    calls: int
    rate: float
    """Calls a second that jotgraph makes of it."""
    seconds: float
    """How long they take at that rate."""


class Estimate(msgspec.Struct, frozen=True):
    """The calls of a scan before it is made."""

    calls: int
    seconds: float
    binds: str
    """What takes that long, in words."""
    by_call: tuple[tuple[str, int], ...]
    """(service:Action, calls), the most first."""
    limits: tuple[Limit, ...]
    """Those that take longest first."""
    known: int
    """Places whose resources an earlier scan has counted."""
    unknown: int
    """Places of which the fewest calls are counted: nobody has scanned them."""
    names: tuple[tuple[str, str], ...] = ()
    """(account, name) of accounts whose name is known."""
