"""API calls that CloudTrail recorded. They are only shown, never stored."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A call that CloudTrail recorded."""

    at: datetime
    call: str
    """``UpdateFunctionCode``, ``UpdateAlias``..."""
    who: str
    """ARN of the caller, or what CloudTrail has instead."""
    what: str = ""
    """The requested image, version or task definition."""
    failed: str = ""
    """The error code of a refused call."""
