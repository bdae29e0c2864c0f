"""Counts, ages and lists in words, the same in every answer, message and picture."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 resource``, ``2 resources``, ``1,204 repositories``."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def days(number: float) -> str:
    """Return a span of days: ``1 day``, ``30 days``, ``0.5 days``."""
    return f"{number:g} day{'' if number == 1 else 's'}"


def span(number: float) -> str:
    """Return a span given in days, short ones in hours: ``1 h``, ``3 days``."""
    return days(number) if number >= 2 else f"{number * 24:g} h"


def age(number: float) -> str:
    """Return how long ago something was, given in days: ``20 min ago``, ``5 h ago``."""
    if number < 0:
        return "in the future"
    minutes = int(number * 1440 + 1e-6)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{minutes // 60} h ago"
    return f"{number:.0f} days ago"


def ahead(number: float) -> str:
    """Return how long there is until something, given in days: ``in 50 min``, ``in 5 h``."""
    if number <= 0:
        return "over"
    minutes = int(number * 1440 + 1e-6)
    if minutes < 60:
        return f"in {minutes} min" if minutes else "in less than a minute"
    return f"in {minutes // 60} h" if minutes < 48 * 60 else f"in {number:.0f} days"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names as a shortened list: ``a, b, c and 4 more``."""
    more = len(names) - most
    shown = ", ".join(names[:most])
    return f"{shown} and {more:,} more" if more > 0 else shown
