"""The lines of a journal: numbered, each with a checksum, so that damage is known and contained.

A line that is damaged or missing is named; the others are read all the same. Lines without a number
or checksum are of jotgraph 0.1.
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
"""Among the facts of an ``undo`` line: a later undo would put nothing back either."""
_FINAL_WORDS = frozenset(
    {
        "somebody else changed it while the run was interrupted: it stays as it is",
        "it was changed since by somebody else, and is left as it is",
    }
)
"""By which alone journals of jotgraph 0.1 say that."""
_SUMMED = re.compile(rb'(\{.*),"sum":"([0-9a-f]{16})"\}', re.DOTALL)


class JournalLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line."""

    what: str
    """``run``, ``by`` (who undoes or releases), ``intent``, ``outcome``, ``step`` or ``undo``; of a
    quarantine ``hold`` (what is to be put back, before the first call), ``held`` (proven), ``free``
    (put back), ``gone`` (deleted by another run) and ``release``; of a run that makes things
    ``make`` (its first line), ``made`` (what became of a resource) and ``finished``;
    ``purged`` when its backup was removed."""
    at: datetime
    line: int = 0
    """Its place, from 1."""
    number: int = 0
    """Of an intent, and of the outcome that belongs to it."""
    steps: tuple[ResourceId, ...] = ()
    call: str = ""
    """``service:Action``."""
    params: dict[str, Any] = {}
    result: str = ""
    """Of an outcome: ``done``, ``failed``, or ``lost`` when the program ended before the answer.
    Of a step: its status. Of what was made: ``created``, ``changed`` or ``there``."""
    because: str = ""


class JournalContent(NamedTuple):
    """What a journal holds."""

    entries: list[JournalLine]
    last: int
    """The number of the last line."""
    damage: str
    """In words, which lines are damaged or missing; empty when it is whole."""
    size: int
    """Bytes up to the end of the last line; what follows is a line that a crash cut off."""


def encoded(entry: JournalLine) -> bytes:
    """One line, with its checksum."""
    body = msgspec.json.encode(entry)
    return body[:-1] + b',"sum":"' + _sum(body) + b'"}\n'


def decoded(content: bytes) -> JournalContent:
    """Read all lines that are whole."""
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
    """The lines of a journal, but for a last one that a crash cut off; none when there is no
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
    """The names by which the plan of a run showed what it is about, sorted; nothing of a run that
    wrote none."""
    titles: dict[ResourceId, str] = {}
    for entry in entries:
        named = entry.params.get("titles") if entry.what == "run" else None
        if isinstance(named, dict):
            titles |= {ResourceId(str(resource)): str(name) for resource, name in named.items()}
    return tuple(sorted(titles.items()))
