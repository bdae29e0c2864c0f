"""Parses untrusted JSON, within bounds, into objects of known shape. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from jotgraph.records.json_text import NOT_JSON


def json_object(content: bytes | str, most: int) -> dict[str, Any]:
    """Parse a JSON object of at most ``most`` bytes. Raises ValueError for anything else, including
    one nested too deep."""
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
    """Return a value if it is an object, else an empty object."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a list; none for anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
