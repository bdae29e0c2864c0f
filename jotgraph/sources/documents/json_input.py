"""Read JSON that anyone may have written, in bounds, as objects of known shape. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from jotgraph.records.json_text import NOT_JSON


def json_object(content: bytes | str, most: int) -> dict[str, Any]:
    """Read a JSON object of at most ``most`` bytes. Raises ValueError for anything else, one
    nested too deep for the decoder as well."""
    if len(content) > most:
        raise ValueError(f"{len(content):,} bytes are more than {most:,}")
    try:
        value = msgspec.json.decode(content)
    except NOT_JSON as error:
        raise ValueError(str(error)) from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def an_object(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects among the entries of a list; none when it is no list."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
