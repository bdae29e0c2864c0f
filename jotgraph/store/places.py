"""Places for snapshots: objects by name, in a folder of this machine or a bucket.

This interface is all that the store needs of a place; ``jotgraph.buckets`` implements it for S3.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from jotgraph.errors import SnapshotError
from jotgraph.store.durable import FreshFile, flush_folder, make_folder

_UNFINISHED = re.compile(r"\..+\.[0-9a-f]{32}")
"""Name of a file until it is complete."""


class StoredObject(NamedTuple):
    """One object in a listing."""

    name: str
    """Name relative to the listed folder."""
    size: int
    written_at: datetime


class ObjectStore(Protocol):
    """Objects by names such as ``prod/42.json``. Every method raises SnapshotError, which says what
    was refused for which object."""

    @property
    def location(self) -> str:
        """Return the location as people write it."""
        ...

    def read(self, name: str) -> bytes | None:
        """Return the bytes of an object; None if it does not exist."""
        ...

    def read_all(self, names: Iterable[str]) -> list[bytes | None]:
        """Return the bytes of several objects, in their order."""
        ...

    def entries(self, folder: str) -> list[StoredObject]:
        """Return the objects directly below a folder."""
        ...

    def folders(self) -> list[str]:
        """Return the top-level folders, sorted."""
        ...

    def create(self, name: str, content: bytes) -> bool:
        """Write an object unless one of that name exists, completely or not at all; return whether
        it was written."""
        ...

    def replace(self, name: str, content: bytes) -> None:
        """Write an object, replacing any of that name."""
        ...

    def remove(self, name: str) -> None:
        """Delete an object, if it exists."""
        ...

    def remove_unfinished(self, before: datetime) -> int:
        """Delete unfinished objects of writers that stopped before a time; return their bytes."""
        ...


class Folder:
    """A folder of this machine; only its owner may read what is written there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def location(self) -> str:
        return str(self.path)

    def read(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            raise self._refused(f"{name} cannot be read", error) from error

    def read_all(self, names: Iterable[str]) -> list[bytes | None]:
        return [self.read(name) for name in names]

    def entries(self, folder: str) -> list[StoredObject]:
        try:
            with os.scandir(self.path / folder) as listed:
                return [
                    StoredObject(
                        file.name, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC)
                    )
                    for file in listed
                    if file.is_file() and not file.name.startswith(".")
                    for stat in (file.stat(),)
                ]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise self._refused(f"{folder} cannot be listed", error) from error

    def folders(self) -> list[str]:
        try:
            with os.scandir(self.path) as listed:
                return sorted(folder.name for folder in listed if folder.is_dir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._refused("cannot be listed", error) from error

    def create(self, name: str, content: bytes) -> bool:
        try:
            self._write(name, content, exclusive=True)
            return True
        except FileExistsError:
            return False
        except OSError as error:
            raise self._refused(f"{name} cannot be written", error) from error

    def replace(self, name: str, content: bytes) -> None:
        try:
            self._write(name, content, exclusive=False)
        except OSError as error:
            raise self._refused(f"{name} cannot be written", error) from error

    def remove(self, name: str) -> None:
        try:
            os.unlink(self.path / name)
            flush_folder((self.path / name).parent)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._refused(f"{name} cannot be deleted", error) from error

    def remove_unfinished(self, before: datetime) -> int:
        freed = 0
        try:
            for path in self.path.rglob(".*"):
                stat = path.lstat()
                written_at = datetime.fromtimestamp(stat.st_mtime, UTC)
                if _UNFINISHED.fullmatch(path.name) and path.is_file() and written_at < before:
                    path.unlink(missing_ok=True)
                    freed += stat.st_size
        except FileNotFoundError:
            return freed  # its writer has just finished it
        except OSError as error:
            raise self._refused("unfinished files cannot be deleted", error) from error
        return freed

    def _write(self, name: str, content: bytes, *, exclusive: bool) -> None:
        path = self.path / name
        make_folder(path.parent)
        fresh = FreshFile(path.with_name(f".{path.name}.{uuid.uuid4().hex}"))
        whole = False
        try:
            try:
                fresh.write(content)
                whole = True
            finally:
                fresh.close(flush=whole)
            settle = os.link if exclusive else os.replace
            settle(fresh.path, path)
            flush_folder(path.parent)
        finally:
            with suppress(OSError):
                fresh.path.unlink(missing_ok=True)

    def _refused(self, what: str, error: OSError) -> SnapshotError:
        return SnapshotError(
            f"{self.path}: {what}: {error.strerror}; set XDG_STATE_HOME or JOTGRAPH_STORE"
        )
