"""Which copies of a run are whole: each has a list of its files and their digests, written last.

A copy is believed only when every file of that list is there and has its digest. That is looked at
before each call that takes something away, also when a run goes on that was interrupted.
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
"""Bytes left free for the journal, which must not run out of room in the middle."""
_State = tuple[int, int, int, int]


class CopiedFile(msgspec.Struct, frozen=True):
    """One file of a copy."""

    path: str
    """Beneath the folder of the backup."""
    size: int
    sha256: str


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """What makes one copy."""

    format: str = "jotgraph/copy/1"
    id: ResourceId
    at: datetime
    files: tuple[CopiedFile, ...]


class Copies:
    """The copies of one run."""

    def __init__(self, folder: Path, key: BackupKey | None = None) -> None:
        self.folder = folder
        """The run's."""
        self._key = key
        """What documents are encrypted with, for they hold the environment of functions."""
        self._seen: dict[Path, tuple[_State, str]] = {}
        """Digests of files, as they were when they were read."""

    def marked(self, resource: ResourceId) -> bool:
        """Whether a copy was completed, by a version that says so."""
        return marker_path(self.folder, resource).exists()

    def trouble(self, resource: ResourceId) -> str:
        """In words, why the copy of a resource is not whole; empty when it is."""
        path = marker_path(self.folder, resource)
        try:
            marker = msgspec.json.decode(path.read_bytes(), type=Marker)
        except FileNotFoundError:
            return "none was completed"
        except (OSError, *NOT_JSON) as error:
            return f"{path} cannot be read ({error})"
        if marker.id != resource:
            return f"{path} is about {marker.id}"
        for file in marker.files:
            if why := self._differs(file):
                return why
        return ""

    def holds(self, path: Path, sha256: str) -> bool:
        """Whether a file is there whose name is its digest, and holds what that says."""
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
        """The digest of a file, read again when anything shows that it was written since."""
        stat = path.stat()
        state = (stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        if path not in self._seen or self._seen[path][0] != state:
            self._seen[path] = (state, sha256_of(path))
        return self._seen[path][1]

    def mark(self, resource: ResourceId, paths: Sequence[Path]) -> None:
        """Write that the copy of a resource is whole, once all its files are on the disk. Raises
        ApplyError."""
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
        """Keep what describes a resource; where. Raises ApplyError."""
        path = document_path(self.folder, resource)
        with writing(path):
            content = msgspec.json.encode({"id": resource, "answers": answers}, enc_hook=str)
            write_whole(path, self._key.encrypted(content) if self._key else content)
        return path

    def answers(self, resource: ResourceId) -> Any:
        """What describes a resource, or None when no copy of it was begun. Raises ApplyError when
        the copy is damaged."""
        path = document_path(self.folder, resource)
        if not path.exists():
            return None
        return read_json(path, self._key)["answers"]

    def require_room(self, size: int, what: str) -> None:
        """Raise ApplyError, before a copy is begun, when there is no room for it. What was not
        finished by a run that was killed takes none."""
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
    """Turn what a disk refuses into an ApplyError."""
    try:
        yield
    except OSError as error:
        raise ApplyError(f"no backup: {path} cannot be written ({error.strerror})") from error


def _megabytes(size: int) -> str:
    return f"{max(size, 0) / (1 << 20):,.1f} MB"
