"""Verification of a run's copies: each has a list of its files and their digests, written last.

A copy counts only when every file in that list exists and has its digest. This is checked before
each destructive call, also when an interrupted run is resumed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.apply.backup.paths import backup_folder, document_path, marker_path
from jotgraph.errors import ApplyError
from jotgraph.records import ResourceId
from jotgraph.records.json_text import NOT_JSON
from jotgraph.store.durable import free_bytes, remove_unfinished, sha256_of, write_whole
from jotgraph.store.encryption import BackupKey, plain

_RESERVE = 16 << 20
"""Bytes that must stay free for the journal, which must not run out of space in the middle."""
_State = tuple[int, int, int, int]


class CopiedFile(msgspec.Struct, frozen=True):
    """One file of a copy."""

    path: str
    """Path relative to the backup folder."""
    size: int
    sha256: str


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """The list of files that completes a copy."""

    format: str = "jotgraph/copy/1"
    id: ResourceId
    at: datetime
    files: tuple[CopiedFile, ...]


class Copies:
    """The copies of one run."""

    def __init__(self, folder: Path, key: BackupKey | None = None) -> None:
        self.folder = folder
        """The folder of the run."""
        self._key = key
        """The key that encrypts documents, which contain the environment of functions."""
        self._seen: dict[Path, tuple[_State, str]] = {}
        """Digests of files as of when they were read."""

    def marked(self, resource: ResourceId) -> bool:
        """Return whether a copy was completed by a version that writes lists."""
        return marker_path(self.folder, resource).exists()

    def trouble(self, resource: ResourceId) -> str:
        """Return why the copy of a resource is not complete; empty when it is."""
        path = marker_path(self.folder, resource)
        try:
            marker = msgspec.json.decode(path.read_bytes(), type=Marker)
        except FileNotFoundError:
            return "no copy was completed"
        except (OSError, *NOT_JSON) as error:
            return f"{path} cannot be read ({error})"
        if marker.id != resource:
            return f"{path} is about {marker.id}"
        for file in marker.files:
            if why := self._differs(file):
                return why
        return ""

    def holds(self, path: Path, sha256: str) -> bool:
        """Return whether a file exists whose name is its digest, with that content."""
        try:
            return path.exists() and self._digest(path) == sha256
        except OSError:
            return False

    def _differs(self, file: CopiedFile) -> str:
        path = backup_folder(self.folder) / file.path
        try:
            size = path.stat().st_size
            if size != file.size:
                return f"{path} has {size:,} bytes of {file.size:,}"
            if self._digest(path) != file.sha256:
                return f"{path} does not hold what was written"
        except OSError as error:
            return f"{path} cannot be read ({error.strerror})"
        return ""

    def _digest(self, path: Path) -> str:
        """The digest of a file, computed again when anything suggests that the file was written
        since."""
        stat = path.stat()
        state = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        if path not in self._seen or self._seen[path][0] != state:
            self._seen[path] = (state, sha256_of(path))
        return self._seen[path][1]

    def mark(self, resource: ResourceId, paths: Sequence[Path]) -> None:
        """Write the list that completes the copy of a resource, once all its files are on disk.
        Raises ApplyError."""
        with writing(marker_path(self.folder, resource)):
            files = tuple(
                CopiedFile(
                    path=path.relative_to(backup_folder(self.folder)).as_posix(),
                    size=path.stat().st_size,
                    sha256=self._digest(path),
                )
                for path in dict.fromkeys(paths)
            )
            marker = Marker(id=resource, at=datetime.now(UTC), files=files)
            write_whole(marker_path(self.folder, resource), msgspec.json.encode(marker))

    def write_answers(self, resource: ResourceId, answers: Any) -> Path:
        """Store what describes a resource, and return where. Raises ApplyError."""
        path = document_path(self.folder, resource)
        with writing(path):
            content = msgspec.json.encode({"id": resource, "answers": answers}, enc_hook=str)
            write_whole(path, self._key.encrypted(content) if self._key else content)
        return path

    def answers(self, resource: ResourceId) -> Any:
        """Return what describes a resource, or None when no copy was begun. Raises ApplyError for a
        damaged copy."""
        path = document_path(self.folder, resource)
        if not path.exists():
            return None
        return read_json(path, self._key)["answers"]

    def require_room(self, size: int, what: str) -> None:
        """Raise ApplyError, before a copy is begun, when there is no disk space for it. Unfinished
        files of a killed run do not count as used."""
        with writing(backup_folder(self.folder)):
            remove_unfinished(backup_folder(self.folder))
        free, folder = free_bytes(self.folder), self.folder
        if size + _RESERVE > free:
            raise ApplyError(
                f"no backup: {what} needs {_megabytes(size)}, and {folder} has {_megabytes(free)} "
                "left; make room, set XDG_STATE_HOME, or go without: --no-backup"
            )


def read_json(path: Path, key: BackupKey | None = None) -> Any:
    """Read a document of a backup. Raises ApplyError."""
    try:
        return msgspec.json.decode(plain(path.read_bytes(), key, path))
    except (OSError, *NOT_JSON) as error:
        raise ApplyError(f"the backup {path} cannot be read: {error}") from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn errors of the file system into ApplyError."""
    try:
        yield
    except OSError as error:
        raise ApplyError(f"no backup: {path} cannot be written ({error.strerror})") from error


def _megabytes(size: int) -> str:
    return f"{max(size, 0) / (1 << 20):,.1f} MB"
