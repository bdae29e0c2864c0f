"""Images on disk whose parts can be read in any order: an OCI layout folder, or a plain tar of
``docker save``, ``skopeo copy`` or ``docker buildx build --output type=oci``.

Only what is wanted is read: of an index the image of one platform, and no layer that is cached.
"""

from __future__ import annotations

import os
import posixpath
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, cast

from jotgraph.content.image.bounded_stream import GZIP, WINDOW, ZSTD, LayerError, LayerLimits
from jotgraph.content.image.layout import verified
from jotgraph.sources.documents.manifests import MAX_BLOB

ARCHIVE = LayerLimits(bytes=200 << 30, entries=10_000, seconds=1800.0)
_CHUNK = 1 << 20
_LINKS = 8
"""Links to follow to a layer: docker save once wrote one for a layer that it had written before."""


class ImageFolder:
    """An OCI image layout as a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def document(self, path: str) -> bytes | None:
        """A small document, verified where its path is a digest; None when it is not there.
        Raises LayerError."""
        try:
            with self._opened(path) as file:
                content = file.read(MAX_BLOB + 1)
        except FileNotFoundError:
            return None
        if len(content) > MAX_BLOB:
            raise LayerError(f"{path} has more than {MAX_BLOB:,} bytes")
        return verified(path, content)

    def blob(self, path: str) -> Iterator[bytes]:
        """A layer as it is stored, in pieces, not verified. Raises LayerError."""
        try:
            with self._opened(path) as file:
                while piece := file.read(_CHUNK):
                    yield piece
        except FileNotFoundError as error:
            raise LayerError(f"{path} is not there") from error

    @contextmanager
    def _opened(self, path: str) -> Iterator[IO[bytes]]:
        if path.startswith("/") or ".." in path.split("/"):
            raise LayerError(f"unsafe path {path!r}: it leaves the image")
        try:
            with _regular(self._folder / path) as file:
                yield file
        except FileNotFoundError:
            raise
        except OSError as error:
            raise LayerError(f"{path} cannot be read: {error.strerror}") from error


class ImageTar:
    """A tar that holds an image. Its members are listed once, their content is skipped."""

    def __init__(self, file: Path, limits: LayerLimits = ARCHIVE) -> None:
        self._file = file
        self._limits = limits

    def document(self, path: str) -> bytes | None:
        """As :meth:`ImageFolder.document`."""
        place = self._place(path)
        if place is None:
            return None
        start, size = place
        if size > MAX_BLOB:
            raise LayerError(f"{path} has more than {MAX_BLOB:,} bytes")
        return verified(path, b"".join(self._pieces(path, start, size)))

    def blob(self, path: str) -> Iterator[bytes]:
        """As :meth:`ImageFolder.blob`."""
        place = self._place(path)
        if place is None:
            raise LayerError(f"{path} is not there")
        return self._pieces(path, *place)

    def _place(self, path: str) -> tuple[int, int] | None:
        for _ in range(_LINKS):
            place = self._members.get(posixpath.normpath(path))
            if not isinstance(place, str):
                return place
            path = place
        raise LayerError(f"{path} is a link to a link without end")

    def _pieces(self, path: str, start: int, size: int) -> Iterator[bytes]:
        with _regular(self._file) as file:
            file.seek(start)
            while size:
                piece = file.read(min(_CHUNK, size))
                if not piece:
                    raise LayerError(f"broken archive: {path} ends early")
                size -= len(piece)
                yield piece

    @cached_property
    def _members(self) -> dict[str, tuple[int, int] | str]:
        """Where each file's content is (offset, size), or the path that a link leads to."""
        places: dict[str, tuple[int, int] | str] = {}
        count = 0
        try:
            with _regular(self._file) as file:
                window = cast("tarfile._Fileobj", _Window(file))
                with tarfile.open(fileobj=window, mode="r:") as tar:
                    while (member := tar.next()) is not None:
                        tar.members = []  # type: ignore[attr-defined]
                        count += 1
                        if count > self._limits.entries:
                            raise LayerError(f"more than {self._limits.entries:,} members")
                        name = posixpath.normpath(member.name)
                        if not 0 <= member.size <= self._limits.bytes:
                            raise LayerError(f"{name!r} claims {member.size:,} bytes")
                        if member.isreg() and not member.issparse():
                            places[name] = (member.offset_data, member.size)
                        elif member.issym():
                            places[name] = posixpath.join(posixpath.dirname(name), member.linkname)
                        elif member.islnk():
                            places[name] = member.linkname
        except LayerError:
            raise
        except Exception as error:  # tarfile answers hostile bytes with almost anything
            raise LayerError(f"unreadable archive: {type(error).__name__}: {error}") from error
        return places


class _Window:
    """A file for tarfile that hands out no more at once than a header may have."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.tell, self.seek = file.tell, file.seek

    def read(self, size: int) -> bytes:
        if not 0 <= size <= WINDOW:
            raise LayerError(f"broken archive: a header of {size:,} bytes")
        return self._file.read(size)


@contextmanager
def _regular(path: Path) -> Iterator[IO[bytes]]:
    """A plain file, open to read: a pipe would let one wait for ever. Raises OSError."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "it is not a regular file")
        yield file


def compressed(file: Path) -> bool:
    """Whether a file is compressed as a whole, so that its parts come in order only."""
    with _regular(file) as opened:
        return opened.read(4).startswith((GZIP, ZSTD))


def pieces(file: Path) -> Iterator[bytes]:
    """A file's bytes in order."""
    with _regular(file) as opened:
        while piece := opened.read(_CHUNK):
            yield piece
