"""What both functions know of prices."""

from collections.abc import Mapping

CENTS = {"coffee": 320, "tea": 280, "cake": 450}
CURRENCY = "EUR"


def total(items: Mapping[str, int]) -> int:
    """The cents of so many of each item. Raises KeyError for an item that is not sold."""
    return sum(CENTS[item] * count for item, count in items.items())


def money(cents: int) -> str:
    """``6.40 EUR``."""
    return f"{cents / 100:.2f} {CURRENCY}"
