"""For how long something has been so."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """For how long something has been so, between scans that were stored."""

    since: datetime
    """The earliest scan, of those without a break up to the last, that saw it so."""
    at_least: bool
    """It may have been so before: no earlier scan tells that it was not."""
    not_before: datetime | None = None
    """The last scan before, which saw it otherwise."""
    until: datetime
    """The last scan that saw it so."""
    unread: int = 0
    """Scans within, or right before, that did not read it: what they would have seen is not
    known."""
