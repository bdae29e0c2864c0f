"""Answers as JSON text: ``{"format": "jotgraph/<answer>/1", "scope": …, "gaps": …, …}``.

Every field is always present; docs/json.md and docs/schema describe them. Keys are sorted, so the
same answer gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import TypeAlias

import msgspec

from jotgraph.analysis.coverage import with_coverage
from jotgraph.analysis.health.commands import Command
from jotgraph.graph import About
from jotgraph.links import Grade
from jotgraph.records import Node, kind_of

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
_MAPPINGS = frozenset({"labels", "env", "annotations", "inline", "refs", "maps", "counts"})
"""Fields with frozen pairs, which become JSON objects."""
_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})
"""Classes of most values."""


def answer_text(name: str, about: About, body: Mapping[str, object], version: int = 1) -> str:
    """Return an answer as JSON text, with its scope (including services that were not asked), the
    time of its scan and its gaps."""
    whole = {
        "format": f"jotgraph/{name}/{version}",
        "taken_at": about.taken_at,
        "scope": with_coverage(about.scope),
        "gaps": about.gaps,
        **body,
    }
    return json_text(whole)


def json_text(value: object) -> str:
    """Return a value as indented JSON with a final newline."""
    encoded = msgspec.json.encode(plain(value), order="deterministic")
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def record_body(node: Node) -> dict[str, Json]:
    """Return a record as an object: its id, its kind and all its fields."""
    fields = plain(node)
    assert isinstance(fields, dict)
    return {"id": node.id, "kind": kind_of(node.id).value, **fields}


def plain(value: object) -> Json:
    """Convert structs to objects with all their fields, commands to text, grades to lower-case
    names, times to ISO 8601."""
    if value.__class__ in _AS_THEY_ARE:
        return value  # type: ignore[return-value] # by its class
    match value:
        case Grade():
            return value.name.lower()
        case Enum():
            return plain(value.value)
        case str() | int() | float():
            return value
        case Command():
            return value.text
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case msgspec.Struct():
            return {name: _field(name, getattr(value, name)) for name in _written(type(value))}
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case tuple() | list() | set() | frozenset():
            return [plain(item) for item in value]
        case _:
            raise TypeError(f"no JSON for {type(value).__name__}")


@cache
def _written(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    unwritten = getattr(struct, "UNWRITTEN", ())
    return tuple(name for name in struct.__struct_fields__ if name not in unwritten)


def _field(name: str, value: object) -> Json:
    if (
        (name in _MAPPINGS or (name == "tags" and value))
        and isinstance(value, tuple)
        and all(isinstance(pair, tuple) and len(pair) == 2 for pair in value)
    ):
        return {str(key): plain(item) for key, item in value}
    return plain(value)
