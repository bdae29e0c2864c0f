"""The build context that an engine gets: a tar with the same bytes for the same files.

Times are the commit's, and the owner is root. Permissions are those that git stores, executable or
not: Lambda runs as another user, which could not read a file that only its owner may read.
"""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from jotgraph.deploy.validation.flaws import shown
from jotgraph.errors import SourceError

File = tuple[str, bytes]
"""Path in the tar, and the file's content."""
_CHUNK = 1 << 20
_ZEROS = bytes(tarfile.BLOCKSIZE)


def tar_of(
    root: Path, files: Mapping[str, str], moment: int, more: Iterable[File] = ()
) -> Iterator[bytes]:
    """Yield the tar of a folder's files: by path in the tar, their path in the folder. ``more`` are
    files that are not in the folder. Raises SourceError for what cannot be read, or changed
    meanwhile."""
    for name, data in more:
        info = _info(name, moment, 0o644)
        info.size = len(data)
        yield _header(info)
        yield data + _padding(len(data))
    folders: set[str] = set()
    for name in sorted(files):
        for folder in _above(name):
            if folder not in folders:
                folders.add(folder)
                info = _info(folder, moment, 0o755)
                info.type = tarfile.DIRTYPE
                yield _header(info)
        try:
            yield from _entry(root / files[name], name, moment)
        except OSError as error:
            why = shown(error.strerror or str(error))
            raise SourceError(f"{shown(files[name])} was not read: {why}") from error
    yield _ZEROS * 2


def _entry(file: Path, name: str, moment: int) -> Iterator[bytes]:
    status = file.lstat()
    if stat.S_ISLNK(status.st_mode):
        info = _info(name, moment, 0o777)
        info.type, info.linkname = tarfile.SYMTYPE, os.readlink(file)
        yield _header(info)
        return
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(file, flags), "rb") as opened:
        status = os.fstat(opened.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is no longer a regular file")
        info = _info(name, moment, 0o755 if status.st_mode & stat.S_IXUSR else 0o644)
        info.size = status.st_size
        yield _header(info)
        left = status.st_size
        while left and (piece := opened.read(min(left, _CHUNK))):
            left -= len(piece)
            yield piece
        if left or opened.read(1):
            raise OSError("it changed while it was read")
        yield _padding(status.st_size)


def _above(path: str) -> Iterator[str]:
    parts = path.split("/")[:-1]
    for number in range(len(parts)):
        yield "/".join(parts[: number + 1])


def _info(name: str, moment: int, mode: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.mtime, info.mode = moment, mode
    return info


def _header(info: tarfile.TarInfo) -> bytes:
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)
