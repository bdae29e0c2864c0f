"""Files that are complete and on disk before anything relies on them.

A file is written under another name, flushed (fsync) and renamed, and its folder flushed: after a
crash or power failure it exists completely, or not at all. Only its owner may read it. Everything
raises OSError.
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
    """A file that is being written under a temporary name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)

    def write(self, content: bytes) -> None:
        """Append all bytes."""
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
    """Write a file that appears when it is complete and on disk, with mode 0600."""
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
    """Give a complete file another name; copy it onto another disk, or where there are no links."""
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
    """Remove unfinished files of killed writers below a folder. Nobody else may be writing
    there."""
    for path in folder.rglob(".*"):
        if path.is_file() and not path.is_symlink():
            path.unlink()


def make_folder(path: Path) -> None:
    """Create a folder and its parents, mode 0700, each flushed to disk."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
    flush_folder(path.parent)


def flush_folder(path: Path) -> None:
    """Wait until the names in a folder are on disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    running = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            running.update(piece)
    return running.hexdigest()


def free_bytes(path: Path) -> int:
    """Return the bytes that its owner may still use where a folder is, or will be."""
    existing = path
    while not existing.exists():
        existing = existing.parent
    room = os.statvfs(existing)
    return room.f_bavail * room.f_frsize
