"""Compares the bytes of a response with botocore's model, which botocore itself does not do.

botocore drops unknown fields, and ignores missing required ones and unknown enum values. Only JSON
is compared; IAM, STS and EC2 use XML.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jotgraph.doctor.samples import Sample

_DEEPEST = 30
_LONGEST = 500
"""The most items of one list that are compared."""


@dataclass(frozen=True)
class Oddity:
    """One difference between a response and the model."""

    what: str
    """``unknown``, ``missing`` or ``value``."""
    path: str
    """``lambda GetFunction Configuration.State``."""
    value: str = ""
    """An enum value that the model lacks."""


def oddities(sample: Sample) -> tuple[Oddity, ...] | None:
    """Return the differences between a response and its model, each once; None when it could not be
    compared."""
    if sample.shape is None or not sample.body.lstrip().startswith(b"{"):
        return None
    try:
        body = json.loads(sample.body)
    except ValueError:
        return None
    shape = sample.shape
    if payload := shape.serialization.get("payload"):
        shape = shape.members[payload]
    start = f"{sample.service} {sample.action}"
    return tuple(dict.fromkeys(_walk(shape, body, start, 0)))


def _walk(shape: Any, value: Any, path: str, depth: int) -> Iterator[Oddity]:
    if value is None or depth > _DEEPEST:
        return
    if shape.type_name == "structure":
        yield from _structure(shape, value, path, depth)
    elif shape.type_name == "list" and isinstance(value, list):
        for item in value[:_LONGEST]:
            yield from _walk(shape.member, item, f"{path}[]", depth + 1)
    elif shape.type_name == "map" and isinstance(value, dict):
        for item in value.values():
            yield from _walk(shape.value, item, f"{path}{{}}", depth + 1)
    elif shape.type_name == "string" and isinstance(value, str):
        choices = getattr(shape, "enum", ())
        if choices and value not in choices:
            yield Oddity("value", path, value)


def _structure(shape: Any, value: Any, path: str, depth: int) -> Iterator[Oddity]:
    if not isinstance(value, dict) or getattr(shape, "is_document_type", False):
        return
    members = {
        member.serialization.get("name", name): (name, member)
        for name, member in shape.members.items()
        if "location" not in member.serialization
    }
    for key, item in value.items():
        if key not in members:
            yield Oddity("unknown", f"{path}.{key}")
            continue
        yield from _walk(members[key][1], item, f"{path}.{key}", depth + 1)
    for key, (name, _) in members.items():
        if name in shape.required_members and value.get(key) is None:
            yield Oddity("missing", f"{path}.{key}")
