"""Foreign text for people: sanitised, shortened, with units."""

from __future__ import annotations

import unicodedata
from datetime import datetime

_UNITS = ("B", "kB", "MB", "GB", "TB")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str, limit: int = 300) -> str:
    """Return foreign text for display: control, direction and unassigned characters become ``�``,
    and what exceeds ``limit`` characters an ellipsis."""
    if not text.isprintable():
        text = "".join(
            "\N{REPLACEMENT CHARACTER}" if unicodedata.category(character) in _HIDDEN else character
            for character in text
        )
    return text if len(text) <= limit else text[: limit - 1] + "…"


def size(count: int | None, at_most: bool = False) -> str:
    """Return bytes in decimal units, as ECR bills them: ``1.2 kB``, ``12 MB``, ``0 B``; ``≤`` for
    an upper bound; empty when unknown."""
    if count is None:
        return ""
    amount, unit, bound = float(count), 0, "≤ " * at_most
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{bound}{amount:.{int(unit > 0 and amount < 9.95)}f} {_UNITS[unit]}"


def day(moment: datetime | None) -> str:
    """Return the date (UTC), or empty."""
    return f"{moment:%Y-%m-%d}" if moment else ""
