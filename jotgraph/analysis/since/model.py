"""The type of time spans between stored scans."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A span of time in which stored scans found something true."""

    since: datetime
    """The earliest scan of the unbroken series that found it true."""
    at_least: bool
    """Whether it may have been true before, because no earlier scan shows otherwise."""
    not_before: datetime | None = None
    """The last scan before the span, which found it false."""
    until: datetime
    """The last scan that found it true."""
    unread: int = 0
    """Number of scans within or right before the span that did not read it."""
