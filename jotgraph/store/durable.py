"""Files that are whole, and on the disk, before anything relies on them.

A file is written under another name, flushed (fsync), renamed, and its folder flushed: after a
crash or a power cut it is there whole, or not at all. Only its owner may read it. Everything raises
OSError.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PIECE = 1 << 20


class FreshFile:
    """A file being written, under the name that it has until it is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)

    def write(self, content: bytes) -> None:
        """Append bytes, all of them."""
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(self._number, rest) :]

    def close(self, *, flush: bool) -> None:
        try:
            if flush:
                os.fsync(self._number)
        finally:
            os.close(self._number)


@contextmanager
def whole_file(path: Path) -> Iterator[FreshFile]:
    """A file that appears when it is complete and on the disk, mode 0600."""
    make_folder(path.parent)
    fresh = FreshFile(path.with_name(f".{path.name}.{os.getpid()}"))
    done = False
    try:
        try:
            yield fresh
            done = True
        finally:
            fresh.close(flush=done)
        os.replace(fresh.path, path)
        flush_folder(path.parent)
    finally:
        with suppress(OSError):
            fresh.path.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    with whole_file(path) as file:
        file.write(content)


def link_whole(source: Path, target: Path) -> None:
    """Another name for a file that is whole; a copy of it on another disk, or where there are no
    links."""
    make_folder(target.parent)
    if not target.exists():
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            _copy_whole(source, target)
    flush_folder(target.parent)


_NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK})


def _copy_whole(source: Path, target: Path) -> None:
    with source.open("rb") as file, whole_file(target) as copy:
        while piece := file.read(_PIECE):
            copy.write(piece)


def remove_unfinished(folder: Path) -> None:
    """Remove what writers of whole files below a folder had not finished when they were killed.
    Nobody else may be writing there."""
    for path in folder.rglob(".*"):
        if path.is_file() and not path.is_symlink():
            path.unlink()


def make_folder(path: Path) -> None:
    """Make a folder and those above it, mode 0700, each on the disk in the one above."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
    flush_folder(path.parent)


def flush_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sha256_of(path: Path) -> str:
    """The digest of what a file holds, in hex."""
    running = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            running.update(piece)
    return running.hexdigest()


def free_bytes(path: Path) -> int:
    """The room for its owner where a folder is, or will be."""
    existing = path
    while not existing.exists():
        existing = existing.parent
    room = os.statvfs(existing)
    return room.f_bavail * room.f_frsize
