"""Time spans as people write them."""

from __future__ import annotations

from types import MappingProxyType

_UNITS = MappingProxyType({"h": 1 / 24, "d": 1.0, "w": 7.0})


def span_days(text: str) -> float:
    """Return ``14``, ``14d``, ``2w`` or ``12h`` in days. Raises ValueError."""
    number, unit = (text[:-1], text[-1]) if text[-1:].isalpha() else (text, "d")
    try:
        parsed = float(number) * _UNITS[unit]
    except (ValueError, KeyError):
        parsed = -1
    if not 0 <= parsed < 100_000:
        raise ValueError(f"{text!r} is not a time span; write 14d, 2w or 12h")
    return parsed
