"""One inventory <-> one file of JSON lines, zstd-compressed when its name ends in ``.zst``.

The first line is the header (format, program, time, scope, counts), then comes one line for each
gap, repository, registry and record, and the last line holds their number and the sha256 of all
bytes before it: what is cut off or changed is found. Every other line is read by ``jq`` as it is.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import chain, groupby
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

import msgspec

from jotgraph.collector import collector_off
from jotgraph.errors import SnapshotError
from jotgraph.records import (
    ContentMatch,
    Gap,
    GitRepository,
    Inventory,
    Record,
    Registry,
    Scope,
)
from jotgraph.version import __version__

FORMAT = "jotgraph/inventory/1"
"""Raised when a file of the new form would be misread by an older program."""

_FAMILY = "jotgraph/inventory/"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_LEVEL = 3
_BATCH = 20_000
_AGAIN = "scan again, or use another snapshot"


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of a snapshot."""

    format: str
    program: str
    """Version of jotgraph that wrote it."""
    taken_at: datetime
    scope: Scope
    counts: dict[str, int]
    """Lines by kind."""


class _GapLine(msgspec.Struct, frozen=True, tag_field="kind", tag="gap"):
    gap: Gap


class _End(msgspec.Struct, frozen=True, tag_field="kind", tag="end"):
    count: int
    sha256: str


_Line: TypeAlias = _GapLine | GitRepository | Registry | ContentMatch | Record

_PARTS: tuple[tuple[str, str], ...] = (
    ("git", "git"),
    ("registry", "registries"),
    ("commit", "commits"),
    ("local-image", "local_images"),
    ("container", "containers"),
    ("ecr-repo", "ecr_repositories"),
    ("ecr-image", "ecr_images"),
    ("function", "functions"),
    ("version", "versions"),
    ("alias", "aliases"),
    ("trigger", "triggers"),
    ("role", "roles"),
    ("content-match", "content"),
)
"""(kind of line, field of Inventory), in the order in which they are written."""


def save(inventory: Inventory, path: str | Path) -> None:
    """Write an inventory so that ``path`` holds the old file or the whole new one, never a part;
    only its owner may read it. Raises SnapshotError when it cannot be written."""
    target = Path(path)
    try:
        with replacing(target) as file:
            _write(inventory, file, compress=target.suffix == ".zst")
    except (OSError, UnicodeEncodeError) as error:
        raise SnapshotError(f"{target} cannot be written: {error}; choose another -o") from error


def load(path: str | Path) -> Inventory:
    """Read an inventory back, equal to what was saved. Raises SnapshotError for what is no whole
    snapshot that this program understands."""
    source = Path(path)
    with collector_off():
        content = _content(source)
        end_of_first = content.find(b"\n") + 1 or len(content)
        head = _header(source, content[:end_of_first])
        last = content.rfind(b"\n", 0, -1) + 1
        end = _end(source, content, last, end_of_first)
        lines = _lines(source, memoryview(content)[end_of_first:last])
        if len(lines) != end.count:
            raise SnapshotError(
                f"{source} is damaged: {len(lines)} lines where it says {end.count}; {_AGAIN}"
            )
        return _inventory(head, lines)


def header(path: str | Path) -> Header:
    """Read the first line only: when and where a snapshot was taken. Raises SnapshotError."""
    source = Path(path)
    try:
        with source.open("rb") as file, _reading(file) as plain:
            first = b""
            while b"\n" not in first and (more := plain.read(1 << 16)):
                first += more
    except (OSError, _zstd_error()) as error:
        raise SnapshotError(f"{source} cannot be read: {error}; {_AGAIN}") from error
    return _header(source, first.partition(b"\n")[0])


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes the place of ``target`` when all went well (temporary file,
    fsync, rename; mode 0600). What is no regular file, such as /dev/stdout, is written straight."""
    target = target.resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as direct:
            yield direct
        return
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
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


def _write(inventory: Inventory, file: IO[bytes], *, compress: bool) -> None:
    encoder = msgspec.json.Encoder()
    parts: list[Sequence[Any]] = [[_GapLine(each) for each in inventory.gaps]]
    parts += [getattr(inventory, field) for _, field in _PARTS]
    counts = {
        kind: len(part)
        for kind, part in zip(("gap", *(kind for kind, _ in _PARTS)), parts, strict=True)
        if part
    }
    head = Header(
        format=FORMAT,
        program=__version__,
        taken_at=inventory.taken_at,
        scope=inventory.scope,
        counts=counts,
    )
    seal = hashlib.sha256()
    with _writing(file, compress) as out:
        for chunk in chain([encoder.encode(head) + b"\n"], _chunks(encoder, parts)):
            seal.update(chunk)
            out.write(chunk)
        out.write(encoder.encode(_End(sum(counts.values()), seal.hexdigest())) + b"\n")


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


@contextmanager
def _reading(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Decompress by what the file is, whatever its name says."""
    magic = file.read(4)
    file.seek(0)
    if magic != _ZSTD_MAGIC:
        yield file
        return
    import zstandard  # noqa: PLC0415 -- only for .zst

    with zstandard.ZstdDecompressor().stream_reader(file, closefd=False) as plain:
        yield cast("IO[bytes]", plain)


def _zstd_error() -> type[Exception]:
    import zstandard  # noqa: PLC0415 -- 5 ms, and reading needs it as a rule

    return zstandard.ZstdError


def _content(source: Path) -> bytes:
    try:
        stored = source.read_bytes()
    except FileNotFoundError as error:
        raise SnapshotError(
            f"{source}: there is no such file; jotgraph scan -o {source} makes one"
        ) from error
    except OSError as error:
        raise SnapshotError(f"{source} cannot be read: {error.strerror}; {_AGAIN}") from error
    if not stored.startswith(_ZSTD_MAGIC):
        return stored
    import zstandard  # noqa: PLC0415 -- only for .zst

    whole = zstandard.ZstdDecompressor().decompressobj()
    try:
        content = whole.decompress(stored)
    except zstandard.ZstdError as error:
        raise SnapshotError(f"{source} is damaged ({error}); {_AGAIN}") from error
    if not whole.eof:
        raise SnapshotError(f"{source} is truncated; {_AGAIN}")
    return content


def _header(source: Path, line: bytes) -> Header:
    class Format(msgspec.Struct):
        format: str

    try:
        named = msgspec.json.decode(line, type=Format).format
    except msgspec.MsgspecError as error:
        raise SnapshotError(
            f"{source} is no jotgraph inventory; jotgraph scan -o FILE makes one"
        ) from error
    if not named.startswith(_FAMILY):
        raise SnapshotError(f"{source} is a {named!r}, not a {_FAMILY.rstrip('/')}; {_AGAIN}")
    if named != FORMAT:
        raise SnapshotError(
            f"{source} has the format {named}, newer than {FORMAT} of this program "
            f"({__version__}); upgrade jotgraph, or scan again with this one"
        )
    try:
        return msgspec.json.decode(line, type=Header)
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"{source}, line 1 is damaged: {error}; {_AGAIN}") from error


def _end(source: Path, content: bytes, last: int, first: int) -> _End:
    try:
        end = msgspec.json.decode(content[last:], type=_End)
    except msgspec.MsgspecError:
        end = None
    if end is None or last < first or not content.endswith(b"\n"):
        number = content.count(b"\n") + 1
        raise SnapshotError(f"{source} is truncated: it ends at line {number}; {_AGAIN}")
    if hashlib.sha256(memoryview(content)[:last]).hexdigest() != end.sha256:
        raise SnapshotError(
            f"{source} is damaged or was edited: its sha256 is not what its last line says; "
            f"{_AGAIN}"
        )
    return end


def _lines(source: Path, content: memoryview) -> list[_Line]:
    decoder = msgspec.json.Decoder(_Line)
    try:
        return cast("list[_Line]", decoder.decode_lines(content))
    except msgspec.MsgspecError as error:
        raise SnapshotError(f"{source}{_where(content, decoder)}: {error}; {_AGAIN}") from error


def _where(content: memoryview, decoder: msgspec.json.Decoder[Any]) -> str:
    """The line that cannot be read, found again one by one."""
    for number, line in enumerate(bytes(content).split(b"\n"), start=2):
        try:
            decoder.decode(line or b"null")
        except msgspec.MsgspecError:
            return f", line {number} is damaged"
    return " is damaged"


def _inventory(head: Header, lines: list[_Line]) -> Inventory:
    found: dict[str, list[Any]] = {}
    for kind, group in groupby(lines, type):
        found.setdefault(_tag(kind), []).extend(group)
    return Inventory(
        taken_at=head.taken_at,
        scope=head.scope,
        gaps=tuple(each.gap for each in found.get("gap", ())),
        **{field: tuple(found.get(kind, ())) for kind, field in _PARTS},
    )


def _tag(kind: Any) -> str:
    return str(kind.__struct_config__.tag)
