"""Writes an inventory as JSON lines, zstd-compressed when the name ends in ``.zst``."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from jotgraph.errors import SnapshotError
from jotgraph.records import Inventory
from jotgraph.store.form import FORMAT, PARTS, End, GapLine, Header
from jotgraph.store.older_facts import FACTS
from jotgraph.version import __version__

_LEVEL = 3
_BATCH = 20_000


def save(inventory: Inventory, path: str | Path) -> None:
    """Write an inventory so that ``path`` holds the old file or the complete new one, never a part.
    Only its owner may read it. Raises SnapshotError when it cannot be written."""
    target = Path(path)
    try:
        with replacing(target) as file:
            _write(inventory, file, compress=target.suffix == ".zst")
    except (OSError, UnicodeEncodeError) as error:
        raise SnapshotError(f"{target} cannot be written: {error}; choose another -o") from error


def write_answer(path: Path, content: str | bytes) -> None:
    """Write a picture, page or plan so that ``path`` holds the old file or the complete new one.
    Its mode is kept, or follows the umask for a new file. Raises OSError, which names the file."""
    target = path.resolve()
    try:
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        with replacing(target) as file:
            if target.is_file() or not target.exists():
                os.fchmod(file.fileno(), mode)
            file.write(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """Open a file that replaces ``target`` when everything succeeded (temporary file, fsync,
    rename; mode 0600). Leftovers of killed writers older than a day are removed. What is not a
    regular file, such as /dev/stdout, is written directly."""
    target = target.resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as direct:
            yield direct
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=_PART)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(name)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    with suppress(OSError):
        _remove_parts(target)


_PART = ".jotgraph-part"
_LONG_AGO = 86400


def _remove_parts(target: Path) -> None:
    """Remove unfinished files of killed writers that are older than a day."""
    unfinished = re.compile(rf"\.{re.escape(target.name)}\.[a-z0-9_]{{8}}{re.escape(_PART)}")
    written = target.stat().st_mtime
    with os.scandir(target.parent) as listed:
        parts = [entry for entry in listed if unfinished.fullmatch(entry.name)]
    for part in parts:
        if part.is_file(follow_symlinks=False) and written - part.stat().st_mtime > _LONG_AGO:
            os.unlink(part.path)


def _write(inventory: Inventory, file: IO[bytes], *, compress: bool) -> None:
    encoder = msgspec.json.Encoder()
    parts: list[Sequence[Any]] = [[GapLine(gap) for gap in inventory.gaps]]
    parts += [getattr(inventory, field) for _, field in PARTS]
    counts = {
        kind: len(part)
        for kind, part in zip(("gap", *(kind for kind, _ in PARTS)), parts, strict=True)
        if part
    }
    head = Header(
        format=FORMAT,
        program=__version__,
        taken_at=inventory.taken_at,
        scope=inventory.scope,
        counts=counts,
        facts=FACTS,
    )
    seal = hashlib.sha256()
    with _writing(file, compress) as out:
        for chunk in chain([encoder.encode(head) + b"\n"], _chunks(encoder, parts)):
            seal.update(chunk)
            out.write(chunk)
        out.write(encoder.encode(End(sum(counts.values()), seal.hexdigest())) + b"\n")


def _chunks(encoder: msgspec.json.Encoder, parts: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    for part in parts:
        for start in range(0, len(part), _BATCH):
            yield encoder.encode_lines(part[start : start + _BATCH])


@contextmanager
def _writing(file: IO[bytes], compress: bool) -> Iterator[IO[bytes]]:
    if not compress:
        yield file
        return
    import zstandard  # noqa: PLC0415 -- only for .zst

    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    with compressor.stream_writer(file, closefd=False) as out:
        yield cast("IO[bytes]", out)
