"""Decodes BuildKit's reports of a build, steps and their output, from protocol buffers.

Docker's engine sends ``moby.buildkit.v1.StatusResponse`` (buildkit, api/services/control/
control.proto) in base64. Six of its fields are read, of messages up to 16 MiB.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import NamedTuple

_LONGEST = 16 << 20
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class Vertex(NamedTuple):
    """The state of one step."""

    digest: str
    name: str
    started: bool
    cached: bool
    error: str


class StepOutput(NamedTuple):
    """Output of a step."""

    vertex: str
    text: str


def reports(text: str) -> Iterator[Vertex | StepOutput]:
    """Return the steps and the output in one message; nothing for a damaged one."""
    if len(text) > _LONGEST:
        return
    try:
        data = base64.b64decode(text, validate=True)
        for number, value in _fields(data):
            if number == 1 and isinstance(value, bytes):
                yield _vertex(value)
            elif number == 3 and isinstance(value, bytes):
                yield _output(value)
    except (ValueError, binascii.Error):
        return


def _vertex(data: bytes) -> Vertex:
    fields = dict(_fields(data))
    return Vertex(
        _text(fields.get(1)), _text(fields.get(3)), 5 in fields, bool(fields.get(4)),
        _text(fields.get(7)),
    )  # fmt: skip


def _output(data: bytes) -> StepOutput:
    fields = dict(_fields(data))
    return StepOutput(_text(fields.get(1)), _text(fields.get(4)))


def _text(value: int | bytes | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message by number. Raises ValueError for a truncated one."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == _VARINT:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        size = {_FIXED64: 8, _FIXED32: 4}.get(key & 7)
        if key & 7 == _BYTES:
            size, at = _varint(data, at)
        if size is None or at + size > len(data):
            raise ValueError("a message is cut")
        yield key >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(10):
        if at + place >= len(data):
            break
        byte = data[at + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError("a number is cut")
