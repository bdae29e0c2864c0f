"""Reads a stored inventory from a file of JSON lines, if it is complete and unchanged.

The file is read and decoded piece by piece, so that a large one is never in memory twice. It may be
hostile: the length of lines and the unpacked size are bounded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain, groupby
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from jotgraph.errors import NoSnapshotError, SnapshotError, UnknownSnapshotError
from jotgraph.gc_pause import collector_off
from jotgraph.records import Inventory
from jotgraph.records.file_forms import HEAD, form_of, not_that
from jotgraph.records.interning import Interned
from jotgraph.records.json_text import NOT_JSON
from jotgraph.store.form import (
    AGAIN,
    FAMILY,
    FORMAT,
    PARTS,
    READ,
    ZSTD_MAGIC,
    End,
    Header,
    Line,
    fit,
)
from jotgraph.store.older_facts import gaps_of
from jotgraph.store.older_gaps import with_amount
from jotgraph.version import __version__

_PIECE = 1 << 22
_PACKED = 1 << 16
_FED = 1 << 11
"""Bytes of a compressed file that are unpacked at a time: 40 times as many for an ordinary file, 64
MiB at most."""
_LINE = 32 << 20
"""The longest line: a repository of 400,000 tags."""
_WINDOW = 1 << 27
"""The window that the zstd command accepts without ``--long``."""
_UNPACKED = 256 << 20
_RATIO = 1000
"""The unpacked size may be this multiple of the file's once it is above the former bound: records
hold digests, which do not compress."""


def load(path: str | Path) -> Inventory:
    """Read an inventory equal to the one that was saved. Raises SnapshotError for what is no
    complete snapshot that this program understands."""
    source = Path(path)
    return _whole(source, _pieces(source, _PIECE))


def load_bytes(content: bytes, source: str) -> Inventory:
    """Read an inventory from the bytes of such a file; messages name it ``source``. Raises
    SnapshotError."""
    return _whole(Path(source), _pieces_of(content, source))


def header_of_bytes(content: bytes, source: str) -> Header:
    """Read the header from the bytes of such a file. Raises SnapshotError."""
    return _header(Path(source), next(_blocks(Path(source), _pieces_of(content, source))))


def _pieces_of(content: bytes, source: str) -> Iterator[bytes]:
    packed = content.startswith(ZSTD_MAGIC)
    return _unpacked(Path(source), iter([content])) if packed else iter([content])


def _whole(source: Path, pieces: Iterator[bytes]) -> Inventory:
    with collector_off():
        blocks = _blocks(source, pieces)
        first = next(blocks)
        read = _Read(source, first)
        last = next(blocks)
        for block in blocks:
            read.add(last)
            last = block
        return read.inventory(last)


def header(path: str | Path) -> Header:
    """Read only the header: when and where a snapshot was taken. Raises SnapshotError."""
    source = Path(path)
    return _header(source, next(_blocks(source, _pieces(source, _PACKED))))


class _Read:
    """What was read of one file so far. Errors in lines are reported last, because in a truncated
    or edited file the number of a line means nothing."""

    def __init__(self, source: Path, first: bytes) -> None:
        self._source = source
        self._head = _header(source, first)
        self._seal = hashlib.sha256(first)
        self._lines = 1
        self._found: dict[str, list[Any]] = {}
        self._decoder = msgspec.json.Decoder(Line)
        self._damage = ""
        self._interned = Interned()

    def add(self, block: bytes) -> None:
        """Add complete lines between the first and the last."""
        self._seal.update(block)
        if not self._damage:
            try:
                self._keep(self._decoder.decode_lines(block))
            except NOT_JSON as error:
                self._damage = f"{self._where(block)}: {error}"
        self._lines += block.count(b"\n")

    def inventory(self, last: bytes) -> Inventory:
        """Return the inventory if the last line confirms it."""
        try:
            end = msgspec.json.decode(last, type=End)
        except NOT_JSON:
            end = None
        if end is None or not last.endswith(b"\n"):
            number = self._lines + last.count(b"\n") + 1
            self._refuse(f" is truncated: it ends at line {number}")
        if self._seal.hexdigest() != end.sha256:
            self._refuse(" is damaged or was edited: its sha256 is not what its last line says")
        if self._damage:
            self._refuse(self._damage)
        count = sum(map(len, self._found.values()))
        if count != end.count:
            self._refuse(f" is damaged: {count} lines where it says {end.count}")
        return Inventory(
            taken_at=self._head.taken_at,
            scope=self._head.scope,
            gaps=(
                *(with_amount(line.gap) for line in self._found.get("gap", ())),
                *gaps_of(self._head.facts),
            ),
            **{field: tuple(self._found.pop(kind, ())) for kind, field in PARTS},
        )

    def _keep(self, lines: list[Line]) -> None:
        kind: Any
        self._interned.put_in(lines)
        for kind, group in groupby(lines, type):
            self._found.setdefault(str(kind.__struct_config__.tag), []).extend(group)

    def _where(self, block: bytes) -> str:
        """Find the line that cannot be decoded, one by one."""
        for number, line in enumerate(block.split(b"\n"), start=self._lines + 1):
            try:
                self._decoder.decode(line or b"null")
            except NOT_JSON:
                return f", line {number} is damaged"
        return " is damaged"

    def _refuse(self, what: str) -> NoReturn:
        raise SnapshotError(f"{self._source}{what}; {AGAIN}")


def _blocks(source: Path, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Split the content into the first line, runs of complete lines, and the last line. The last
    line of a damaged file is incomplete or empty. Raises SnapshotError for a line that is too
    long."""
    pending, started = b"", False
    for piece in pieces:
        pending += piece
        if not started:
            end = pending.find(b"\n") + 1
            known = end or len(pending) >= HEAD
            if known and b'"format"' not in pending[: min(end or HEAD, HEAD)]:
                raise _no_inventory(source, pending)
            if not end:
                _check_line(source, pending)
                continue
            yield pending[:end]
            pending, started = pending[end:], True
        end = pending.rfind(b"\n", 0, -1) + 1
        if end:
            yield pending[:end]
            pending = pending[end:]
        _check_line(source, pending)
    if not started:
        yield pending
        pending = b""
    yield pending


def _check_line(source: Path, line: bytes) -> None:
    if len(line) > _LINE:
        raise SnapshotError(f"{source} has a line of more than {_LINE:,} bytes; {AGAIN}")


def _no_inventory(source: Path, content: bytes) -> SnapshotError:
    """What is wrong with a file that does not begin as an inventory does."""
    if form_of(content) == "inventory":
        return SnapshotError(f"{source} is truncated or damaged in its first line; {AGAIN}")
    advice = "jotgraph scan -o FILE writes one"
    return NoSnapshotError(not_that(str(source), content, "a jotgraph inventory", advice))


def _pieces(source: Path, size: int) -> Iterator[bytes]:
    """The content, unpacked according to its bytes, whatever the file's name."""
    try:
        with source.open("rb") as file:
            first = file.read(_PACKED)
            rest = iter(lambda: file.read(size), b"")
            if first.startswith(ZSTD_MAGIC):
                rest = iter(lambda: file.read(_PACKED), b"")
                yield from _unpacked(source, chain([first], rest))
                return
            yield first
            yield from rest
    except FileNotFoundError as error:
        raise UnknownSnapshotError(
            f"{source}: no such file; create it with jotgraph scan -o {source}"
        ) from error
    except OSError as error:
        raise SnapshotError(f"{source} cannot be read: {error.strerror}; {AGAIN}") from error


def _unpacked(source: Path, packed: Iterator[bytes]) -> Iterator[bytes]:
    import zstandard  # noqa: PLC0415 -- only for .zst

    whole = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
    fed = size = 0
    try:
        for piece in packed:
            parts: list[bytes] = []
            for start in range(0, len(piece) if not whole.eof else 0, _FED):
                parts.append(whole.decompress(piece[start : start + _FED]))
                fed, size = fed + _FED, size + len(parts[-1])
                if size > max(_UNPACKED, fed * _RATIO):
                    raise SnapshotError(f"{source} unpacks to more than any inventory; {AGAIN}")
                if len(parts[-1]) > _PIECE:
                    yield b"".join(parts)
                    parts = []
                if whole.eof:
                    break
            yield b"".join(parts)
    except zstandard.ZstdError as error:
        raise SnapshotError(f"{source} is damaged ({error}); {AGAIN}") from error
    if not whole.eof:
        raise SnapshotError(f"{source} is truncated; {AGAIN}")


class _Format(msgspec.Struct):
    format: str


def _header(source: Path, line: bytes) -> Header:
    try:
        named = msgspec.json.decode(line, type=_Format).format
    except NOT_JSON as error:
        raise _no_inventory(source, line) from error
    if not named.startswith(FAMILY):
        raise _no_inventory(source, line)
    if named not in READ:
        raise SnapshotError(
            f"{source} has the format {named}, newer than {FORMAT} of this program "
            f"({__version__}); upgrade jotgraph, or scan again with this one"
        )
    try:
        head = msgspec.json.decode(line, type=Header)
        fit(head.scope, str(source))
        return head
    except NOT_JSON as error:
        raise SnapshotError(f"{source}, line 1 is damaged: {error}; {AGAIN}") from error
