"""What a scan has read, kept until all is: a scan that was interrupted goes on from there.

A part is one listing of one place, or what is asked about its functions; it is kept when all of it
was read, as records, which hold no value of a variable. Of GetFunction each answer is a part. What
was denied, throttled or lost is asked again.
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
"""What was read before is read again."""
_STARTED = "started"
_FUNCTIONS = "functions"


class PartRead(Protocol):
    """What the reading of one part gives."""

    @property
    def gaps(self) -> tuple[Gap, ...]: ...


class Placed(Protocol):
    """Where a part is of."""

    @property
    def account(self) -> str: ...
    @property
    def region(self) -> str: ...


R = TypeVar("R", bound=PartRead)
P = TypeVar("P", bound=Placed)


@dataclass(frozen=True)
class Parts:
    """Parts in a folder; without one nothing is kept. Whatever cannot be written, or is not what
    was written, was never kept."""

    folder: Path | None = None
    started_at: datetime | None = None
    """When the scan began that they are of."""

    @property
    def count(self) -> int:
        """How many listings are kept."""
        return sum(1 for _ in self.folder.glob("*/*/*.json")) if self.folder else 0

    def get(self, name: str, place: Placed, of: type[R]) -> R | None:
        """What was kept; None when nothing was."""
        if self.folder is None:
            return None
        try:
            kept: R = decoder(of).decode(self._file(place, f"{name}.json").read_bytes())
        except (OSError, *NOT_JSON):
            return None
        return kept

    def put(self, name: str, place: Placed, read: PartRead) -> None:
        """Keep a part that is whole."""
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
        """What GetFunction told in a place; to be closed when no more is put."""
        return FunctionParts(self._file(place, _FUNCTIONS) if self.folder else None)

    def _file(self, place: Placed, name: str) -> Path:
        assert self.folder is not None
        return self.folder / place.account / (place.region or "global") / name


class FunctionParts:
    """What GetFunction told of functions and versions, by id and revision: without a revision
    nobody knows whether it is still so."""

    def __init__(self, path: Path | None) -> None:
        self._log = AppendLog(path) if path else None

    def get(self, listed: Function | Version) -> Function | Version | None:
        """What was told of a record as it is listed now; None when nothing was."""
        kept = self._log.get(_name(listed)) if self._log and listed.revision else None
        try:
            return None if kept is None else decoder(Function | Version).decode(kept)
        except NOT_JSON:
            return None

    def put(self, detailed: Function | Version) -> None:
        """Keep what was told."""
        if self._log and detailed.revision:
            self._log.put({_name(detailed): msgspec.json.encode(detailed)})

    def close(self) -> None:
        if self._log:
            self._log.close()


def _name(record: Function | Version) -> str:
    return f"{record.id} {record.revision}"


def keeping(parts: Parts, name: str, of: type[R], read: Callable[[P], R]) -> Callable[[P], R]:
    """A reading that takes what was kept, and keeps what it reads."""

    def run(place: P) -> R:
        kept = parts.get(name, place, of)
        if kept is not None:
            return kept
        answer = read(place)
        parts.put(name, place, answer)
        return answer

    return run


def open_parts(folder: Path, options: ScanOptions) -> Parts:
    """The parts of a scan with these options in a folder, those of an interrupted one among them
    unless they are older than a day. A team's own variables hold what may be no revision until the
    commits are known: with such names nothing is kept."""
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
    """Remove what is kept in a folder."""
    import shutil  # noqa: PLC0415 -- only for a scan that keeps

    shutil.rmtree(folder, ignore_errors=True)


def _forget_others(folder: Path, now: datetime) -> None:
    """Remove what scans of other names or files left that were interrupted more than a day ago:
    nothing goes on from it."""
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
    """What the parts are of, beside their place: other options read other parts."""
    asked = (
        __version__, os.environ.get("AWS_ENDPOINT_URL", ""), options.quick, options.usage_days,
        sorted(_named(options.consumers)), hashlib.sha256(options.env_key or b"").hexdigest(),
    )  # fmt: skip
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]


def _named(consumers: Iterable[object]) -> Iterable[str]:
    return map(repr, consumers)
