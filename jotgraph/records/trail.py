"""Calls that CloudTrail recorded. They are asked for, and never stored."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A call that CloudTrail recorded."""

    at: datetime
    call: str
    """``UpdateFunctionCode``, ``UpdateAlias``..."""
    who: str
    """ARN of whoever called, or what CloudTrail has of it."""
    what: str = ""
    """What was asked for: an image, a version, a task definition."""
    failed: str = ""
    """The error code of a call that was refused."""
