"""Lines of a journal: each has a number and a checksum, so that damage is detected and contained.

A damaged or missing line is named; the others are still read. Lines without a number or checksum
are from jotgraph 0.1.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from jotgraph.errors import ApplyError
from jotgraph.records import ResourceId
from jotgraph.records.json_text import NOT_JSON

FINAL = "final"
"""Fact in an ``undo`` line: a later undo would not restore anything either."""
_FINAL_WORDS = frozenset(
    {
        "somebody else changed it while the run was interrupted: it stays as it is",
        "it was changed since by somebody else, and is left as it is",
    }
)
"""The words by which journals of jotgraph 0.1 say that."""
_SUMMED = re.compile(rb'(\{.*),"sum":"([0-9a-f]{16})"\}', re.DOTALL)


class JournalLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a journal."""

    what: str
    """``run``, ``by`` (who undoes or releases), ``intent``, ``outcome``, ``step`` or ``undo``; for
    a quarantine ``hold`` (the previous state, before the first call), ``held`` (verified), ``free``
    (restored), ``gone`` (deleted by another run) and ``release``; for a run that creates things
    ``make`` (its first line), ``made`` (the result for a resource) and ``finished``; ``purged``
    when its backup was removed."""
    at: datetime
    line: int = 0
    """Its position, from 1."""
    number: int = 0
    """The number of an intent, which its outcome repeats."""
    steps: tuple[ResourceId, ...] = ()
    call: str = ""
    """``service:Action``."""
    params: dict[str, Any] = {}
    result: str = ""
    """For an outcome: ``done``, ``failed``, or ``lost`` when the program ended before the answer.
    For a step: its status. For something made: ``created``, ``changed`` or ``there``."""
    because: str = ""


class JournalContent(NamedTuple):
    """The content of a journal."""

    entries: list[JournalLine]
    last: int
    """The number of the last line."""
    damage: str
    """Which lines are damaged or missing, in words; empty when it is intact."""
    size: int
    """Bytes up to the end of the last complete line; what follows was cut off by a crash."""


def encoded(entry: JournalLine) -> bytes:
    """Encode one line with its checksum."""
    body = msgspec.json.encode(entry)
    return body[:-1] + b',"sum":"' + _sum(body) + b'"}\n'


def decoded(content: bytes) -> JournalContent:
    """Decode all complete lines."""
    size = content.rfind(b"\n") + 1
    entries: list[JournalLine] = []
    damage: list[str] = []
    last, damaged = 0, 0
    for place, line in enumerate(content[:size].split(b"\n")[:-1], 1):
        entry = _entry(line, summed=any(entry.line for entry in entries[-1:]))
        if entry is None:
            damage.append(f"line {place} is damaged")
            damaged += 1
            continue
        number = entry.line or last + 1
        if number <= last:
            damage.append(f"line {place} is out of place")
            continue
        if number > last + 1 + damaged:
            damage.append(_missing(last + 1 + damaged, number - 1))
        last, damaged = number, 0
        entries.append(entry)
    return JournalContent(entries, last, "; ".join(damage), size)


def read_lines(path: Path) -> JournalContent:
    """Return the lines of a journal without a last one that a crash cut off; none when there is no
    journal. Raises ApplyError when it cannot be read."""
    try:
        return decoded(path.read_bytes())
    except FileNotFoundError:
        return JournalContent([], 0, "", 0)
    except OSError as error:
        raise ApplyError(f"{path} cannot be read: {error.strerror}") from error


def _entry(line: bytes, *, summed: bool) -> JournalLine | None:
    match = _SUMMED.fullmatch(line)
    if match:
        line = match[1] + b"}"
        if _sum(line) != match[2]:
            return None
    try:
        entry = msgspec.json.decode(line, type=JournalLine)
    except NOT_JSON:
        return None
    if entry.what == "undo" and entry.because in _FINAL_WORDS:
        entry = msgspec.structs.replace(entry, params={**entry.params, FINAL: True})
    return entry if bool(match) == bool(entry.line) and (match or not summed) else None


def _missing(first: int, last: int) -> str:
    return f"line {first} is missing" if first == last else f"lines {first} to {last} are missing"


def _sum(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest()[:16].encode()


def titles_in(entries: Iterable[JournalLine]) -> tuple[tuple[ResourceId, str], ...]:
    """Return the display names from the plan of a run, sorted; empty when the run wrote none."""
    titles: dict[ResourceId, str] = {}
    for entry in entries:
        named = entry.params.get("titles") if entry.what == "run" else None
        if isinstance(named, dict):
            titles |= {ResourceId(str(resource)): str(name) for resource, name in named.items()}
    return tuple(sorted(titles.items()))
