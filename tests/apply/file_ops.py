"""Disturbs what is done to the files of a backup: one operation fails, the disk is full from one
on, the run is killed there, or the power goes and what was not flushed is lost."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

OPERATIONS = ("open", "write", "fsync", "replace", "link", "mkdir")
WAYS = ("fail", "full", "kill", "torn", "power")


class FileOperations:
    """Counts the operations on files of backups, or of another folder; disturbs them
    from one place on. Use as a context manager, around a run in this process."""

    def __init__(
        self,
        way: str = "",
        place: int = -1,
        kill: Callable[[], None] | None = None,
        *,
        within: str = "/backup",
    ) -> None:
        self.names: list[str] = []
        """What was done, in order."""
        self._way, self._place, self._kill = way, place, kill
        self._within = within
        self._killing = False
        """The test's own copy of the files is not disturbed."""
        self._real = {name: getattr(os, name) for name in OPERATIONS}
        self._unflushed: dict[Path, int] = {}
        """Files and folders with something that is not on the disk yet; the bytes that are."""
        self._unnamed: dict[Path, set[Path]] = {}
        """By folder, names in it that are not on the disk yet."""

    def __enter__(self) -> FileOperations:
        for name in OPERATIONS:
            setattr(os, name, self._watched(name))
        return self

    def __exit__(self, *_: object) -> None:
        for name in OPERATIONS:
            setattr(os, name, self._real[name])

    def _watched(self, name: str) -> Callable[..., Any]:
        def operation(*args: Any, **words: Any) -> Any:
            path = _path_of(args[0])
            ours = self._within in str(path) and not self._killing
            if ours:
                self._disturb(name, path, args)
            result = self._real[name](*args, **words)
            if ours or name == "fsync":  # of the folder above the backup too
                self._remember(name, path, args)
            return result

        return operation

    def _disturb(self, name: str, path: Path, args: tuple[Any, ...]) -> None:
        place = len(self.names)
        self.names.append(name)
        if place < self._place or self._place < 0:
            return
        if self._way == "fail" and place == self._place:
            raise OSError(errno.EIO, "Input/output error", str(path))
        if self._way == "full" and name in ("open", "write", "mkdir") and _grows(name, args):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        if self._kill and self._way in ("kill", "torn", "power"):
            if self._way == "torn" and name == "write" and place == self._place:
                self._real["write"](args[0], bytes(args[1])[: len(args[1]) // 2])
            self._killing = True
            try:
                self._kill()
            finally:
                self._killing = False

    def _remember(self, name: str, path: Path, args: tuple[Any, ...]) -> None:
        if name == "write":
            self._unflushed.setdefault(path, 0)
        elif name == "fsync":
            self._unflushed.pop(path, None)
            self._unnamed.pop(path, None)
        elif name in ("replace", "link"):
            target = Path(args[1])
            self._unnamed.setdefault(target.parent, set()).add(target)
            if path in self._unflushed:
                self._unflushed[target] = self._unflushed.pop(path)
        elif name == "mkdir":
            self._unnamed.setdefault(path.parent, set()).add(path)

    def lose_what_was_not_flushed(self) -> None:
        """What a power cut leaves: names that were not flushed are not there, and files that were
        not have half of their bytes."""
        for names in self._unnamed.values():
            for path in names:
                _remove(path)
        for path in self._unflushed:
            if path.is_file():
                os.truncate(path, path.stat().st_size // 2)


def _path_of(file: Any) -> Path:
    return Path(os.readlink(f"/proc/self/fd/{file}") if isinstance(file, int) else file)


def _grows(name: str, args: tuple[Any, ...]) -> bool:
    return name != "open" or bool(len(args) > 1 and args[1] & os.O_CREAT)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
