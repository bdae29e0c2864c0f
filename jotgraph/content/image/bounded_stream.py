"""A forward-only file over the chunks of a layer, compressed or not, which counts, hashes and
limits.

Raises LayerError when a limit is exceeded or the compression is broken.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, cast

import msgspec
import zstandard

from jotgraph.errors import JotgraphError

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
WINDOW = 4 << 20
"""The largest single read, and therefore the largest extended header."""
_ZSTD_WINDOW = 1 << 27
"""The window that the zstd command accepts without ``--long``: 128 MiB."""


class LayerError(JotgraphError):
    """A layer could not be read: broken, hostile, or beyond a limit."""


class LayerLimits(msgspec.Struct, frozen=True):
    """Limits for one layer, and what is read of it."""

    bytes: int = 20 << 30
    """Uncompressed bytes of the whole layer (Lambda takes images up to 10 GB)."""
    entries: int = 500_000
    path: int = 4096
    """Length of one path in characters (Linux: PATH_MAX)."""
    seconds: float = 300.0
    own: frozenset[str] = frozenset()
    """Paths of the team's files with revisions."""


LIMITS = LayerLimits()


class BoundedStream:
    """The file interface that tarfile needs (read, seek, tell), over chunks that come once and in
    order. tarfile steps back by one byte before a header to check the data before it, so the last
    byte is kept."""

    def __init__(self, chunks: Iterable[bytes], *, hash_blob: bool, limits: LayerLimits) -> None:
        self._blob = hashlib.sha256() if hash_blob else None
        self._diff = hashlib.sha256()
        self._limits = limits
        self._deadline = time.monotonic() + limits.seconds
        self._plain = self._decompressed(self._on_time(chunks))
        self._buffer = b""
        self._at = 0
        self._position = 0
        self._total = 0
        self._holes = 0
        self._header: bytes | None = None

    def tell(self) -> int:
        return self._position

    def seek(self, position: int, whence: int = 0) -> int:
        back = self._position - position
        if whence or back > 1 or (back == 1 and self._at == 0):
            raise LayerError("broken layer: it points backwards")
        if back == 1:
            self._at -= 1
            self._position -= 1
        while self._position < position:
            if not self.read(min(WINDOW, position - self._position)):
                raise LayerError("broken layer: it ends early")
        return position

    def read(self, size: int) -> bytes:
        if not 0 <= size <= WINDOW:
            raise LayerError(f"broken layer: a header of {size:,} bytes")
        if self._at + size > len(self._buffer):
            self._fill(size)
        piece = self._buffer[self._at : self._at + size]
        self._at += len(piece)
        self._position += len(piece)
        if size == 512:
            self._header = piece
        return piece

    def read_exactly(self, size: int) -> bytes:
        piece = self.read(size)
        if len(piece) != size:
            raise LayerError("broken layer: a file ends early")
        return piece

    def count_holes(self, size: int) -> None:
        self._holes += size
        if self._holes > self._limits.bytes:
            raise LayerError(f"sparse files of more than {self._limits.bytes:,} bytes")

    def check_clock(self) -> None:
        if time.monotonic() > self._deadline:
            raise LayerError(f"not read within {self._limits.seconds:g} seconds")

    def ended_well(self) -> bool:
        """Return whether the last header read was the block of zeros that ends a tar, or nothing at
        all. tarfile takes a damaged header for the end."""
        return self._header in (b"", bytes(512))

    def finish(self) -> None:
        """Read what follows the tar's end, for the digests."""
        while self.read(WINDOW):
            pass

    def diff_id(self) -> str:
        return f"sha256:{self._diff.hexdigest()}"

    def blob_digest(self) -> str:
        return f"sha256:{self._blob.hexdigest()}" if self._blob else ""

    def _fill(self, size: int) -> None:
        self.check_clock()
        keep = max(self._at - 1, 0)  # the byte before the cursor, for the step back
        pieces = [self._buffer[keep:]]
        have = len(self._buffer) - self._at
        self._at -= keep
        while have < size and (chunk := next(self._plain, None)) is not None:
            self._total += len(chunk)
            if self._total > self._limits.bytes:
                raise LayerError(f"more than {self._limits.bytes:,} bytes")
            self._diff.update(chunk)
            pieces.append(chunk)
            have += len(chunk)
        self._buffer = b"".join(pieces)

    def _on_time(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.check_clock()
            if chunk:
                yield chunk

    def _decompressed(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        head = b""
        while len(head) < len(ZSTD) and (chunk := next(chunks, None)) is not None:
            head += chunk
        if head.startswith(GZIP):
            yield from _gunzip(self._hashed(head), map(self._hashed, chunks))
        elif head.startswith(ZSTD):
            yield from _unzstd(self._hashed(head), map(self._hashed, chunks))
        else:
            self._blob = self._blob and self._diff  # as transferred is as it is: hashed once
            yield head
            yield from chunks

    def _hashed(self, chunk: bytes) -> bytes:
        if self._blob:
            self._blob.update(chunk)
        return chunk


def _gunzip(data: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        unzip = zlib.decompressobj(wbits=31)
        while not unzip.eof:
            if not data and not (data := next(chunks, b"")):
                raise LayerError("broken layer: the gzip stream ends early")
            yield unzip.decompress(data, WINDOW)
            data = unzip.unconsumed_tail
        data = unzip.unused_data
        while len(data) < len(GZIP) and (following := next(chunks, b"")):
            data += following
        if not data.startswith(GZIP):
            break  # the end, or padding after the last member, which gzip itself ignores
    for _ in chunks:
        pass  # the blob's digest covers the padding too


def _unzstd(head: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    source = _Readable(head, chunks)
    unzip = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    with unzip.stream_reader(
        cast("IO[bytes]", source), read_across_frames=True, closefd=False
    ) as reader:
        while piece := reader.read(1 << 20):
            yield piece


class _Readable:
    """``read(n)`` over chunks, for zstandard."""

    def __init__(self, head: bytes, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = head

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = next(self._chunks, b"")
        end = len(self._rest) if size < 0 else size
        piece, self._rest = self._rest[:end], self._rest[end:]
        return piece
