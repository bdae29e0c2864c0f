"""Parses times as AWS writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(moment: datetime | None) -> datetime | None:
    """Move what botocore parsed to UTC."""
    return None if moment is None else moment.astimezone(UTC)


def parse_time(text: str | None) -> datetime | None:
    """Read ISO 8601, with ``+0000`` and milliseconds as Lambda writes it or ``Z`` and more digits;
    None for nothing or for what is no time."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
