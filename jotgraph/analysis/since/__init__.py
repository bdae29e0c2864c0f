"""Since when something has been true according to stored scans, by one rule for all answers.

Between two scans anything may have happened, so a span has bounds. A scan that did not read it does
not end the span, and is counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum, auto

from jotgraph.analysis.since.model import Span


class Saw(Enum):
    """What one scan says about a fact."""

    YES = auto()
    NO = auto()
    UNREAD = auto()


def span_of(newest_first: Iterable[tuple[datetime, Saw]]) -> Span | None:
    """Return since when a fact has been true that the newest scan to read it found true; None if it
    found it false."""
    since: datetime | None = None
    until: datetime | None = None
    not_before: datetime | None = None
    within = before = 0
    for taken_at, saw in newest_first:
        if saw is Saw.UNREAD:
            before += 1
        elif saw is Saw.YES:
            since, within, before = taken_at, within + before, 0
            until = until or taken_at
        else:
            not_before = taken_at
            break
    if since is None or until is None:
        return None
    return Span(
        since=since,
        until=until,
        not_before=not_before,
        at_least=not_before is None or before > 0,
        unread=within + before,
    )
