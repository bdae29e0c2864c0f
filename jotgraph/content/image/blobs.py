"""The object ids git would give the bytes of a file: as they are, with LF line ends, and as an
LFS pointer. Pure but for reading the stream it is handed.

The size comes first in what git hashes, and a tar header tells it first too, so one pass in
constant memory is enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from enum import IntEnum

import msgspec

from jotgraph.content.image.npm_document import published
from jotgraph.content.image.originals import may_hold, originals
from jotgraph.content.image.wheel_record import recorded
from jotgraph.content.revisions.facts import fact_of, held_whole, own_fact
from jotgraph.content.revisions.programs import go_revision
from jotgraph.sources.git.blob_ids import blob_id, lfs_pointer, start_blob

WHOLE = 4 << 20
"""Size up to which files are held whole, for the LF variant; longer text files get none."""
CHUNK = 1 << 20
SMALLEST_LFS = 1024
"""Files below this many bytes get no LFS variant: the pointer itself is about 130 bytes."""

_OVERLAP = 200
"""Bytes kept of a piece, to find a revision that spans two pieces."""

Read = Callable[[int], bytes]
"""``read(n)`` gives exactly n bytes or raises."""


class LineEnds(IntEnum):
    NONE = 0
    """No line end, or the file is binary or too long to tell."""
    LF = 1
    CRLF = 2
    MIXED = 3


class OriginalIds(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The ids of an original file embedded in another one (see ``originals``)."""

    path: str
    """Its path beside those of the image, where no file of the image is."""
    size: int
    plain: bytes
    lf: bytes = b""
    ends: LineEnds = LineEnds.NONE


class FileIds(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The raw object ids of one file (20 bytes for sha1, 32 for sha256); empty where not
    applicable."""

    size: int
    plain: bytes
    lf: bytes = b""
    lfs: bytes = b""
    fact: str = ""
    """The revision in the file, in the form of ``facts.fact_of``."""
    ends: LineEnds = LineEnds.NONE
    originals: tuple[OriginalIds, ...] = ()
    """The original files embedded in it."""
    published: bytes = b""
    """A hash of a ``package.json`` without what npm added (see ``npm_document``)."""
    recorded: tuple[str, ...] = ()
    """What a ``RECORD`` lists as installed (see ``wheel_record``)."""

    def variants(self) -> tuple[bytes, ...]:
        return tuple(i for i in (self.plain, self.lf, self.lfs) if i)


def file_ids(
    read: Read,
    size: int,
    object_format: str = "sha1",
    path: str = "",
    own: frozenset[str] = frozenset(),
) -> FileIds:
    """Read ``size`` bytes once and return the ids, and what revision the file at ``path`` names; of
    the paths that a team calls its ``own``, whatever they are called. Raises what ``read``
    raises."""
    if size <= WHOLE:
        data = read(size)
        ids = _whole(data, object_format, path)
        if ids.fact or path not in own:
            return ids
        return msgspec.structs.replace(ids, fact=own_fact(data))
    plain, content = start_blob(size, object_format), hashlib.sha256()
    left, fact, tail, binary = size, "", b"", False
    whole = bytearray() if size <= max(held_whole(path), may_hold(path)) else None
    while left:
        chunk = read(min(CHUNK, left))
        binary = binary or (left == size and chunk.startswith(b"\x7fELF"))
        if binary and not fact:
            fact = go_revision(tail + chunk)
            tail = chunk[-_OVERLAP:]
        if whole is not None:
            whole += chunk
        plain.update(chunk)
        content.update(chunk)
        left -= len(chunk)
    pointer = lfs_pointer(content.hexdigest(), size)
    lfs = blob_id(pointer, object_format)
    if whole is None:
        return FileIds(size, plain.digest(), b"", lfs, fact)
    data = bytes(whole)
    held = _originals(path, data, object_format)
    return FileIds(size, plain.digest(), b"", lfs, fact_of(path, data), originals=held)


def _whole(data: bytes, object_format: str, path: str) -> FileIds:
    size = len(data)
    lfs = b""
    ends = _ends(data)
    lf = _with_lf(data, ends, object_format)
    if size >= SMALLEST_LFS:
        lfs = blob_id(lfs_pointer(hashlib.sha256(data).hexdigest(), size), object_format)
    fact = fact_of(path, data) if path else ""
    held = _originals(path, data, object_format) if path else ()
    document, installed = published(path, data), recorded(path, data)
    plain = blob_id(data, object_format)
    return FileIds(size, plain, lf, lfs, fact, ends, held, document, installed)


def _with_lf(data: bytes, ends: LineEnds, object_format: str) -> bytes:
    if ends not in (LineEnds.CRLF, LineEnds.MIXED):
        return b""
    if b"\r\r\n" in data:  # no checkout writes it: git leaves lines alone that end in CRLF
        return b""
    return blob_id(data.replace(b"\r\n", b"\n"), object_format)


def _originals(path: str, data: bytes, object_format: str) -> tuple[OriginalIds, ...]:
    return tuple(_held(name, content, object_format) for name, content in originals(path, data))


def _held(name: str, content: bytes, object_format: str) -> OriginalIds:
    ends = _ends(content)
    lf = _with_lf(content, ends, object_format)
    return OriginalIds(name, len(content), blob_id(content, object_format), lf, ends)


def _ends(data: bytes) -> LineEnds:
    lines = data.count(b"\n")
    if not lines or b"\0" in data:
        return LineEnds.NONE
    pairs = data.count(b"\r\n")
    if not pairs:
        return LineEnds.LF
    return LineEnds.CRLF if pairs == lines else LineEnds.MIXED
