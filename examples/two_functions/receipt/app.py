"""An order, line by line."""

from typing import Any

from shared.prices import CENTS, money, total


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """A line for each item of the order, and one for their total."""
    items = event["items"]
    lines = [f"{count} {item} {money(CENTS[item] * count)}" for item, count in items.items()]
    return {"lines": [*lines, f"total {money(total(items))}"]}
