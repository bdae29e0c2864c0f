"""A file of JSON lines -> the inventory that was saved, whole and unchanged, or an error.

The file is read in pieces and each is decoded as it comes, so that a large one is never held twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from jotgraph.errors import SnapshotError
from jotgraph.gc_pause import collector_off
from jotgraph.records import Inventory
from jotgraph.store.form import FAMILY, FORMAT, PARTS, ZSTD_MAGIC, End, Header, Line
from jotgraph.version import __version__

_PIECE = 1 << 22
_PACKED = 1 << 16
"""Of a compressed file: each piece is some 40 times as large when it is unpacked."""
_AGAIN = "scan again, or use another snapshot"


def load(path: str | Path) -> Inventory:
    """Read an inventory back, equal to what was saved. Raises SnapshotError for what is no whole
    snapshot that this program understands."""
    source = Path(path)
    with collector_off():
        blocks = _blocks(_pieces(source, _PIECE))
        first = next(blocks)
        read = _Read(source, first)
        last = next(blocks)
        for block in blocks:
            read.add(last)
            last = block
        return read.inventory(last)


def header(path: str | Path) -> Header:
    """Read the first line only: when and where a snapshot was taken. Raises SnapshotError."""
    source = Path(path)
    return _header(source, next(_blocks(_pieces(source, _PACKED))))


class _Read:
    """What was read of one file so far. What its lines say is told last: a file that was cut off
    or edited is not worth the number of a line."""

    def __init__(self, source: Path, first: bytes) -> None:
        self._source = source
        self._head = _header(source, first)
        self._seal = hashlib.sha256(first)
        self._lines = 1
        self._found: dict[str, list[Any]] = {}
        self._decoder = msgspec.json.Decoder(Line)
        self._damage = ""

    def add(self, block: bytes) -> None:
        """Whole lines between the first and the last."""
        self._seal.update(block)
        if not self._damage:
            try:
                self._keep(self._decoder.decode_lines(block))
            except msgspec.MsgspecError as error:
                self._damage = f"{self._where(block)}: {error}"
        self._lines += block.count(b"\n")

    def inventory(self, last: bytes) -> Inventory:
        """All that was read, if the last line vouches for it."""
        try:
            end = msgspec.json.decode(last, type=End)
        except msgspec.MsgspecError:
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
            gaps=tuple(line.gap for line in self._found.get("gap", ())),
            **{field: tuple(self._found.pop(kind, ())) for kind, field in PARTS},
        )

    def _keep(self, lines: list[Line]) -> None:
        kind: Any
        for kind, group in groupby(lines, type):
            self._found.setdefault(str(kind.__struct_config__.tag), []).extend(group)

    def _where(self, block: bytes) -> str:
        """The line that cannot be read, found again one by one."""
        for number, line in enumerate(block.split(b"\n"), start=self._lines + 1):
            try:
                self._decoder.decode(line or b"null")
            except msgspec.MsgspecError:
                return f", line {number} is damaged"
        return " is damaged"

    def _refuse(self, what: str) -> NoReturn:
        raise SnapshotError(f"{self._source}{what}; {_AGAIN}")


def _blocks(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Cut at ends of lines: the first line, then runs of whole lines, then the last line (cut off
    or empty in a damaged file)."""
    held, started = b"", False
    for piece in pieces:
        held += piece
        if not started:
            end = held.find(b"\n") + 1
            if not end:
                continue
            yield held[:end]
            held, started = held[end:], True
        end = held.rfind(b"\n", 0, -1) + 1
        if end:
            yield held[:end]
            held = held[end:]
    if not started:
        yield held
        held = b""
    yield held


def _pieces(source: Path, size: int) -> Iterator[bytes]:
    """The content, unpacked by what the file is, whatever its name says."""
    try:
        with source.open("rb") as file:
            first = file.read(_PACKED)
            rest = iter(lambda: file.read(size), b"")
            if first.startswith(ZSTD_MAGIC):
                rest = iter(lambda: file.read(_PACKED), b"")
                yield from _unpacked(source, first, rest)
                return
            yield first
            yield from rest
    except FileNotFoundError as error:
        raise SnapshotError(
            f"{source}: there is no such file; jotgraph scan -o {source} makes one"
        ) from error
    except OSError as error:
        raise SnapshotError(f"{source} cannot be read: {error.strerror}; {_AGAIN}") from error


def _unpacked(source: Path, first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    import zstandard  # noqa: PLC0415 -- only for .zst

    whole = zstandard.ZstdDecompressor().decompressobj()
    try:
        yield whole.decompress(first)
        for packed in rest:
            if whole.eof:
                break
            yield whole.decompress(packed)
    except zstandard.ZstdError as error:
        raise SnapshotError(f"{source} is damaged ({error}); {_AGAIN}") from error
    if not whole.eof:
        raise SnapshotError(f"{source} is truncated; {_AGAIN}")


def _header(source: Path, line: bytes) -> Header:
    class Format(msgspec.Struct):
        format: str

    try:
        named = msgspec.json.decode(line, type=Format).format
    except msgspec.MsgspecError as error:
        raise SnapshotError(
            f"{source} is no jotgraph inventory; jotgraph scan -o FILE makes one"
        ) from error
    if not named.startswith(FAMILY):
        raise SnapshotError(f"{source} is a {named!r}, not a {FAMILY.rstrip('/')}; {_AGAIN}")
    if named != FORMAT:
        raise SnapshotError(
            f"{source} has the format {named}, newer than {FORMAT} of this program "
            f"({__version__}); upgrade jotgraph, or scan again with this one"
        )
    try:
        return msgspec.json.decode(line, type=Header)
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"{source}, line 1 is damaged: {error}; {_AGAIN}") from error
