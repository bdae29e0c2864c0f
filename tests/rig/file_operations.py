"""What is done to the files of runs and of evidence: counted, and a run killed at one of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from jotgraph.store.folders import runs_folder


class FileOperations:
    """Counts what is done to the files of runs and of evidence, before and after; kills from one
    place on. Use as a context manager."""

    NAMES = ("open", "write", "fsync", "replace", "link", "mkdir")

    def __init__(self, place: int | None = None, kill: Callable[[], None] | None = None) -> None:
        self.names: list[str] = []
        self._place, self._kill = place, kill
        self._real = {name: getattr(os, name) for name in self.NAMES}
        self._killing = False
        self._state = str(runs_folder().parent)

    def __enter__(self) -> FileOperations:
        for name in self.NAMES:
            setattr(os, name, self._watched(name))
        return self

    def __exit__(self, *_: object) -> None:
        for name in self.NAMES:
            setattr(os, name, self._real[name])

    def _watched(self, name: str) -> Callable[..., Any]:
        def operation(*args: Any, **words: Any) -> Any:
            ours = not self._killing and _path_of(args[0]).startswith(self._state)
            if ours:
                self._at(name)
            result = self._real[name](*args, **words)
            if ours:
                self._at(f"{name} done")
            return result

        return operation

    def _at(self, name: str) -> None:
        place = len(self.names)
        self.names.append(name)
        if self._kill and self._place is not None and place >= self._place:
            self._killing = True
            try:
                self._kill()
            finally:
                self._killing = False


def _path_of(file: Any) -> str:
    return os.readlink(f"/proc/self/fd/{file}") if isinstance(file, int) else str(file)
