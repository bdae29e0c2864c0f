"""The object ids git would give the bytes of a file: as they are, with LF line ends, and as an
LFS pointer. Pure but for reading the stream it is handed.

Git names a blob ``hash("blob <size>\\0" + bytes)`` (gitformat-pack, Pro Git 10.2); the size comes
first, and a tar header tells it first too, so one pass in constant memory is enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from jotgraph.content.revisions.facts import fact_of, held_whole
from jotgraph.content.revisions.programs import go_revision

if TYPE_CHECKING:
    from hashlib import _Hash

WHOLE = 4 << 20
"""Files up to this many bytes are held whole, which is what an LF variant needs; a text file that
is longer gets no LF variant."""
CHUNK = 1 << 20
SMALLEST_LFS = 1024
"""Files below this many bytes get no LFS variant: the pointer itself is about 130 bytes."""

_OVERLAP = 200
"""Bytes kept of a piece, so that a revision across two pieces is found."""

Read = Callable[[int], bytes]
"""``read(n)`` gives exactly n bytes or raises."""


class FileIds(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Raw object ids of one file (20 bytes for sha1, 32 for sha256); empty when not apt."""

    size: int
    plain: bytes
    lf: bytes = b""
    lfs: bytes = b""
    fact: str = ""
    """A revision that the file names, as ``facts.fact_of`` puts it."""

    def variants(self) -> tuple[bytes, ...]:
        return tuple(i for i in (self.plain, self.lf, self.lfs) if i)


def blob_id(data: bytes, object_format: str = "sha1") -> bytes:
    """Git's id of a blob with these bytes; ``object_format`` is ``sha1`` or ``sha256``."""
    digest = _start(len(data), object_format)
    digest.update(data)
    return digest.digest()


def file_ids(read: Read, size: int, object_format: str = "sha1", path: str = "") -> FileIds:
    """Read ``size`` bytes once and return the ids, and what revision the file at ``path`` names.
    Raises what ``read`` raises."""
    if size <= WHOLE:
        return _whole(read(size), object_format, path)
    plain, content = _start(size, object_format), hashlib.sha256()
    left, fact, tail, binary = size, "", b"", False
    whole = bytearray() if size <= held_whole(path) else None
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
    pointer = _lfs_pointer(content.hexdigest(), size)
    if whole is not None:
        fact = fact_of(path, bytes(whole))
    return FileIds(size, plain.digest(), b"", blob_id(pointer, object_format), fact)


def _whole(data: bytes, object_format: str, path: str) -> FileIds:
    size = len(data)
    lf = lfs = b""
    if b"\r\n" in data and b"\0" not in data:
        lf = blob_id(data.replace(b"\r\n", b"\n"), object_format)
    if size >= SMALLEST_LFS:
        lfs = blob_id(_lfs_pointer(hashlib.sha256(data).hexdigest(), size), object_format)
    fact = fact_of(path, data) if path else ""
    return FileIds(size, blob_id(data, object_format), lf, lfs, fact)


def _lfs_pointer(sha256: str, size: int) -> bytes:
    # git-lfs/docs/spec.md: keys in this order, one line feed after each.
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n"
    return text.encode()


def _start(size: int, object_format: str) -> _Hash:
    digest = hashlib.new(object_format, usedforsecurity=False)
    digest.update(b"blob %d\0" % size)
    return digest
