"""A file of many small answers by name: each is appended, and all are read at once.

Used for what never changes (``revisions``) and for what a scan has read so far (``parts``).

An entry is a line with a checksum, preceded by a line end. An entry that was cut off, because its
writer was killed or the disk was full, is ignored and damages no other. Several processes may
append at once. Unwanted entries are removed by compaction: the file is rewritten under its name
while nobody else has it open.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

import msgspec

from jotgraph.records.json_text import NOT_JSON
from jotgraph.store.durable import write_whole

SPARE = 1000
"""The number of unwanted lines, in addition to the number of wanted ones, that do not yet justify a
rewrite."""
_SUM = len(b"01234567 ")


class _Entry(msgspec.Struct, frozen=True):
    name: str
    answer: msgspec.Raw


_DECODER = msgspec.json.Decoder(_Entry)


class AppendLog:
    """The answers in one file, JSON texts by name. What cannot be written is only kept in this
    process; what cannot be read counts as missing. Threads may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._answers: dict[str, bytes] | None = None
        """None until the file is read."""
        self._lines = 0
        self._file: int | None = None
        self._refused = False
        """Whether the file could not be opened for appending."""

    def get(self, name: str) -> bytes | None:
        """Return the last answer of a name, None when there is none."""
        with self._lock:
            return self._read().get(name)

    def names(self) -> tuple[str, ...]:
        """Return the names of all answers, in the order in which they were first given."""
        with self._lock:
            return tuple(self._read())

    def put(self, answers: Mapping[str, bytes]) -> None:
        """Append answers by name in one write, except those already stored."""
        with self._lock:
            known = self._read()
            new = {name: answer for name, answer in answers.items() if known.get(name) != answer}
            known.update(new)
            with suppress(OSError):
                if new and (file := self._opened()) is not None:
                    os.write(file, b"".join(_line(*entry) for entry in new.items()))
                    self._lines += len(new)

    def compact(self, wanted: Collection[str]) -> None:
        """Remove all other answers if they are most of the file. Entries that others added since it
        was read are kept."""
        with self._lock:
            known = self._read()
            if self._lines <= 2 * sum(name in known for name in wanted) + SPARE:
                return
            self._close()
            with suppress(OSError), _alone_with(self._path):
                _, there = _entries(self._path.read_bytes())
                self._answers = {
                    name: answer
                    for name, answer in there.items()
                    if name in wanted or name not in known
                }
                lines = (_line(name, answer) for name, answer in self._answers.items())
                write_whole(self._path, b"".join(lines))
                self._lines = len(self._answers)

    def close(self) -> None:
        """Close the file, so that others may compact it."""
        with self._lock:
            self._close()

    def _read(self) -> dict[str, bytes]:
        if self._answers is None:
            try:
                self._lines, self._answers = _entries(self._path.read_bytes())
            except OSError:
                self._answers = {}
        return self._answers

    def _opened(self) -> int | None:
        if self._file is None and not self._refused:
            self._refused = True
            self._file = _open_to_append(self._path)
            self._refused = False
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _line(name: str, answer: bytes) -> bytes:
    body = msgspec.json.encode(_Entry(name, msgspec.Raw(answer)))
    return b"\n%08x %b" % (crc32(body), body)


def _entries(content: bytes) -> tuple[int, dict[str, bytes]]:
    """The number of lines, and the last answer of each name."""
    lines = content.split(b"\n")
    answers: dict[str, bytes] = {}
    for line in lines:
        body = line[_SUM:]
        if line[:_SUM] == b"%08x " % crc32(body):
            with suppress(*NOT_JSON):
                entry = _DECODER.decode(body)
                answers[entry.name] = bytes(entry.answer)
    return len(lines) - 1, answers


def _open_to_append(path: Path) -> int:
    """Open the file for appending, once nobody compacts it. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    while True:
        file = os.open(path, flags, 0o600)
        try:
            _lock(file, fcntl.LOCK_SH)
            if _is_at(file, path):
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


@contextmanager
def _alone_with(path: Path) -> Iterator[None]:
    """Keep others from appending. Raises OSError when somebody has the file open."""
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_at(file, path):
            raise BlockingIOError(f"{path} has just been compacted")
        yield
    finally:
        os.close(file)


def _lock(file: int, how: int) -> None:
    """Lock a file. Raises BlockingIOError when another process holds it; without locks in the file
    system, nothing is compacted."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        pass


def _is_at(file: int, path: Path) -> bool:
    """Whether an open file is the one of that name."""
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False
