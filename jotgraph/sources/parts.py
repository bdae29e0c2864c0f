"""What a scan has read, stored until it is complete, so that an interrupted scan resumes.

A part is one listing of one place, or the details of its functions. It is stored when it was read
completely, as records, which contain no value of a variable. Each answer of GetFunction is a part.
What was denied, throttled or lost is requested again.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

from jotgraph.records import Function, Gap, Version
from jotgraph.records.json_text import NOT_JSON, decoder
from jotgraph.sources.append_log import AppendLog
from jotgraph.version import __version__

if TYPE_CHECKING:
    from jotgraph.sources.options import ScanOptions

OLDEST = timedelta(days=1)
"""Parts older than this are read again."""
_STARTED = "started"
_FUNCTIONS = "functions"


class PartRead(Protocol):
    """The result of reading one part."""

    @property
    def gaps(self) -> tuple[Gap, ...]: ...


class Placed(Protocol):
    """The place of a part."""

    @property
    def account(self) -> str: ...
    @property
    def region(self) -> str: ...


R = TypeVar("R", bound=PartRead)
P = TypeVar("P", bound=Placed)


@dataclass(frozen=True)
class Parts:
    """Parts in a folder; without one nothing is stored. What cannot be written, or was damaged,
    counts as missing."""

    folder: Path | None = None
    started_at: datetime | None = None
    """When the scan that they belong to began."""

    @property
    def count(self) -> int:
        """Return the number of stored listings."""
        return sum(1 for _ in self.folder.glob("*/*/*.json")) if self.folder else 0

    def get(self, name: str, place: Placed, of: type[R]) -> R | None:
        """Return a stored part; None when there is none."""
        if self.folder is None:
            return None
        try:
            kept: R = decoder(of).decode(self._file(place, f"{name}.json").read_bytes())
        except (OSError, *NOT_JSON):
            return None
        return kept

    def put(self, name: str, place: Placed, read: PartRead) -> None:
        """Store a complete part."""
        if self.folder is None or any(gap.asked for gap in read.gaps):
            return
        path = self._file(place, f"{name}.json")
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(opened, "wb") as file:
                file.write(msgspec.json.encode(read))
            temporary.replace(path)

    def functions(self, place: Placed) -> FunctionParts:
        """Return the store for GetFunction's answers in a place; close it after the last one."""
        return FunctionParts(self._file(place, _FUNCTIONS) if self.folder else None)

    def _file(self, place: Placed, name: str) -> Path:
        assert self.folder is not None
        return self.folder / place.account / (place.region or "global") / name


class FunctionParts:
    """Answers of GetFunction by id and revision: without a revision nobody knows whether they are
    current."""

    def __init__(self, path: Path | None) -> None:
        self._log = AppendLog(path) if path else None

    def get(self, listed: Function | Version) -> Function | Version | None:
        """Return the answer about a record as it is listed now; None when there is none."""
        kept = self._log.get(_name(listed)) if self._log and listed.revision else None
        try:
            return None if kept is None else decoder(Function | Version).decode(kept)
        except NOT_JSON:
            return None

    def put(self, detailed: Function | Version) -> None:
        """Store an answer."""
        if self._log and detailed.revision:
            self._log.put({_name(detailed): msgspec.json.encode(detailed)})

    def close(self) -> None:
        if self._log:
            self._log.close()


def _name(record: Function | Version) -> str:
    return f"{record.id} {record.revision}"


def keeping(parts: Parts, name: str, of: type[R], read: Callable[[P], R]) -> Callable[[P], R]:
    """Wrap a reading so that it uses a stored part, and stores what it reads."""

    def run(place: P) -> R:
        kept = parts.get(name, place, of)
        if kept is not None:
            return kept
        answer = read(place)
        parts.put(name, place, answer)
        return answer

    return run


def open_parts(folder: Path, options: ScanOptions) -> Parts:
    """Open the parts of a scan with these options, including those of an interrupted one that are
    at most a day old. Values of a team's own variables may be secrets until the commits are known,
    so with such names nothing is stored."""
    if options.revision_names:
        return Parts()
    mine = folder / _question(options)
    began = _began(mine)
    now = datetime.now(UTC)
    if began is None or not timedelta() <= now - began <= OLDEST:
        forget(folder)
        _forget_others(folder, now)
        began = now
        with suppress(OSError):
            mine.mkdir(parents=True, exist_ok=True, mode=0o700)
            (mine / _STARTED).write_text(now.isoformat())
    return Parts(mine, began)


def forget(folder: Path) -> None:
    """Remove the parts in a folder."""
    import shutil  # noqa: PLC0415 -- only for a scan that keeps

    shutil.rmtree(folder, ignore_errors=True)


def _forget_others(folder: Path, now: datetime) -> None:
    """Remove the parts of scans with other names or files that were interrupted more than a day
    ago."""
    with suppress(OSError):
        for other in folder.parent.iterdir():
            begun = [
                began
                for question in (other.iterdir() if _OURS.fullmatch(other.name) else ())
                if _OURS.fullmatch(question.name) and (began := _began(question))
            ]
            if begun and now - max(begun) > OLDEST:
                forget(other)


_OURS = re.compile(r"[0-9a-f]{16}")


def _began(folder: Path) -> datetime | None:
    try:
        return datetime.fromisoformat((folder / _STARTED).read_text())
    except (OSError, ValueError):
        return None


def _question(options: ScanOptions) -> str:
    """What distinguishes parts beside their place: with other options other parts are read."""
    asked = (
        __version__, os.environ.get("AWS_ENDPOINT_URL", ""), options.quick, options.usage_days,
        sorted(_named(options.consumers)), hashlib.sha256(options.env_key or b"").hexdigest(),
    )  # fmt: skip
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]


def _named(consumers: Iterable[object]) -> Iterable[str]:
    return map(repr, consumers)
