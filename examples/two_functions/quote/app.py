"""What an order costs."""

from typing import Any

from shared.prices import money, total


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """``{"items": {"coffee": 2}}`` is answered by its total, an unknown item by its name."""
    try:
        return {"total": money(total(event["items"]))}
    except KeyError as error:
        return {"unknown": error.args[0]}
