"""Files that are not an image: a folder, or a tar of files (``docker export``, an npm package, a
source distribution).

Each is read as one layer without history.
"""

from __future__ import annotations

import os
import re
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from jotgraph.content.image.blobs import FileIds, file_ids
from jotgraph.content.image.bounded_stream import LIMITS, BoundedStream, LayerError, LayerLimits
from jotgraph.content.image.entries import EntryKind, LayerEntries, LayerEntry
from jotgraph.content.image.image_files import ARCHIVE, pieces
from jotgraph.content.image.tar_stream import read_layer
from jotgraph.sources.git.blob_ids import blob_id

_IMAGE = re.compile(
    r"(?:\./)?(?:manifest\.json|index\.json|oci-layout|repositories|blobs(?:/.*)?"
    r"|[0-9a-f]{64}(?:\.json|\.tar|/.*)?)"
)
"""The top-level names in archives of images."""
_LOOKED_AT = 64
"""Members that identify an archive of an image, which contains nothing else."""


def holds_image(file: Path) -> bool:
    """Return whether a tar, compressed or not, holds an image rather than files; a broken one
    may."""
    try:
        stream = BoundedStream(pieces(file), hash_blob=False, limits=ARCHIVE)
        with tarfile.open(fileobj=cast("tarfile._Fileobj", stream), mode="r:") as tar:
            for _ in range(_LOOKED_AT):
                member = tar.next()
                if member is None:
                    break
                if _IMAGE.fullmatch(member.name):
                    return True
    except Exception:  # tarfile answers hostile bytes with almost anything; reading it will tell
        return True
    return False


def read_tar(file: Path, object_format: str, limits: LayerLimits = LIMITS) -> LayerEntries:
    """A tar of files. Raises LayerError."""
    return _some(file, read_layer(pieces(file), None, object_format=object_format, limits=limits))


def read_folder(folder: Path, object_format: str, limits: LayerLimits = LIMITS) -> LayerEntries:
    """Read the files of a folder except git's own; links are not followed. Raises LayerError."""
    entries: list[LayerEntry] = []
    size = 0
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        try:
            entry = _entry(path, name, object_format)
        except OSError as error:
            raise LayerError(f"{name} cannot be read: {error.strerror}") from error
        entries.append(entry)
        size += entry.ids.size if entry.ids else 0
        if len(entries) > limits.entries or size > limits.bytes:
            raise LayerError(f"more than {limits.entries:,} entries or {limits.bytes:,} bytes")
    return _some(folder, LayerEntries(f"folder:{folder}", tuple(entries)))


def _walk(folder: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise LayerError(f"{error.filename} cannot be read: {error.strerror}") from error

    for at, folders, files in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if name != ".git")
        links = [name for name in folders if (Path(at) / name).is_symlink()]
        yield from (Path(at) / name for name in sorted([*files, *links]) if name != ".git")


def _entry(path: Path, name: str, object_format: str) -> LayerEntry:
    if path.is_symlink():
        target = os.fsencode(path.readlink())
        return LayerEntry(
            EntryKind.LINK, name, FileIds(len(target), blob_id(target, object_format))
        )
    # Not to wait for a pipe that somebody might write to.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return LayerEntry(EntryKind.OTHER, name)

        def read(size: int) -> bytes:
            piece = file.read(size)
            if len(piece) != size:
                raise LayerError(f"{name} changed while it was read")
            return piece

        return LayerEntry(EntryKind.FILE, name, file_ids(read, status.st_size, object_format, name))


def _some(path: Path, layer: LayerEntries) -> LayerEntries:
    """A layer with at least one file: nothing can be said about none."""
    if not any(entry.kind in (EntryKind.FILE, EntryKind.LINK) for entry in layer.entries):
        raise LayerError(f"{path} holds no file")
    return layer
