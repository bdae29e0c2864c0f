"""The journal of a run: what is about to be called, and what came of it, on disk before anything
else happens.

One file of JSON lines a run, in ``<state folder>/runs/<run>/journal.jsonl``, readable by its
owner alone. Every line is flushed to the disk (fsync) before the call it announces. The run of
a plan is named by the plan's digest, so the same command finds the journal of a run that crashed.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from jotgraph.errors import ApplyError
from jotgraph.failures import CallFailedError
from jotgraph.folders import runs_folder
from jotgraph.records import ResourceId

T = TypeVar("T")


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line."""

    what: str
    """``run``, ``intent``, ``outcome``, ``step`` or ``undo``; of a quarantine ``hold`` (what is to
    be put back, before the first call), ``held`` (proven), ``free`` (put back), ``gone`` (deleted
    by another run) and ``release``."""
    at: datetime
    number: int = 0
    """Of an intent, and of the outcome that belongs to it."""
    steps: tuple[ResourceId, ...] = ()
    call: str = ""
    """``service:Action``."""
    params: dict[str, Any] = {}
    result: str = ""
    """Of an outcome: ``done``, ``failed``, or ``lost`` when the program ended before the answer.
    Of a step: its status."""
    because: str = ""


def run_name(digest: str) -> str:
    """The run of a plan: the first twelve digits of its digest."""
    return digest.partition(":")[2][:12]


def find_run(run: str) -> Path:
    """The folder of a run of this machine. Raises ApplyError for one that is not known."""
    folder = runs_folder() / run
    if "/" in run or not (folder / "journal.jsonl").exists():
        runs = runs_folder().iterdir() if runs_folder().is_dir() else ()
        known = ", ".join(sorted(path.name for path in runs)) or "none"
        raise ApplyError(f"there is no run {run!r} on this machine; runs here: {known}")
    return folder


def read_entries(path: Path) -> list[Entry]:
    """The lines of a journal, but for a last one that a crash cut off; none when there is no
    journal. Raises ApplyError when it is damaged or cannot be read."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ApplyError(f"{path} cannot be read: {error.strerror}") from error
    return _decoded(path, content)


def _decoded(path: Path, content: bytes) -> list[Entry]:
    whole = content.rfind(b"\n") + 1
    try:
        return [msgspec.json.decode(line, type=Entry) for line in content[:whole].splitlines()]
    except msgspec.MsgspecError as error:
        raise ApplyError(f"{path} is damaged: {error}") from error


class Journal:
    """An open journal; append-only, locked against a second run. Use as a context manager.

    Raises ApplyError when another process has it, when it cannot be read or written, or when it is
    no plain file (a link could lead elsewhere).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "journal.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
            self._file = os.fdopen(os.open(self.path, flags, 0o600), "r+b", buffering=0)
        except OSError as error:
            raise ApplyError(f"{self.path} cannot be written: {error.strerror}") from error
        try:
            self._lock()
            self.entries = self._load()
            self._sync_folder()
        except OSError as error:
            self._file.close()
            raise ApplyError(f"{self.path} cannot be read: {error.strerror}") from error
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, what: str, **fields: Any) -> Entry:
        """Append a line and wait until it is on the disk. Raises ApplyError when it cannot be
        written (the disk is full); the journal is whole then, without the line."""
        entry = Entry(what=what, at=datetime.now(UTC), **fields)
        size = os.fstat(self._file.fileno()).st_size
        rest = memoryview(msgspec.json.encode(entry) + b"\n")
        try:
            while rest:  # a full disk takes the beginning of a line first
                rest = rest[self._file.write(rest) or 0 :]
            os.fsync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(size)
            raise ApplyError(
                f"{self.path} cannot be written ({error.strerror}): nothing more is done; "
                "the same command goes on"
            ) from error
        self.entries.append(entry)
        return entry

    def call(
        self,
        steps: Iterable[ResourceId],
        call: str,
        params: Mapping[str, Any],
        do: Callable[[], T],
        kept: Mapping[str, Any] | None = None,
        *,
        putting_back: bool = False,
    ) -> T:
        """Write the intent, make the call, write its outcome. ``kept`` goes into the journal
        alone: what an undo needs. Raises what ``do`` raises.

        What puts something back is done even when it cannot be written.
        """
        number = 1 + max((entry.number for entry in self.entries), default=0)
        whole = {**params, **({"kept": dict(kept)} if kept else {})}
        unwritten = suppress(ApplyError) if putting_back else nullcontext()
        with unwritten:
            self.add("intent", number=number, steps=tuple(steps), call=call, params=whole)
        result, because = "lost", "the program was stopped"
        try:
            answer = do()
            result, because = "done", ""
        except CallFailedError as error:
            result, because = "failed", error.failure.message
            raise
        finally:
            with unwritten:
                self.add("outcome", number=number, result=result, because=because)
        return answer

    def close_lost(self, step: ResourceId, now: str) -> None:
        """Write the outcome of calls that a crash interrupted: what is there ``now``."""
        for intent in self.unanswered():
            if step in intent.steps:
                self.add("outcome", number=intent.number, result="lost", because=now)

    def unanswered(self) -> list[Entry]:
        """Intents without an outcome."""
        answered = {entry.number for entry in self.entries if entry.what == "outcome"}
        return [
            entry
            for entry in self.entries
            if entry.what == "intent" and entry.number not in answered
        ]

    def intents(self, step: ResourceId, *calls: str) -> list[Entry]:
        """Calls announced for a step, in order."""
        return [
            entry
            for entry in self.entries
            if entry.what == "intent" and step in entry.steps and entry.call in calls
        ]

    def status(self, step: ResourceId) -> str:
        """The last status written of a step, or empty."""
        results = [
            entry.result for entry in self.entries if entry.what == "step" and step in entry.steps
        ]
        return results[-1] if results else ""

    def _lock(self) -> None:
        """Raises ApplyError when another process has it, or when it is not a regular file."""
        if not stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
            raise ApplyError(f"{self.path} is not a regular file")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ApplyError(
                f"another run of this plan, or its release or undo, is in progress ({self.path}); "
                "wait until it has ended"
            ) from error

    def _load(self) -> list[Entry]:
        """Read what is there; a last line that a crash cut off is dropped from the file."""
        self._file.seek(0)
        content = self._file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            self._file.truncate(whole)
        return _decoded(self.path, content)

    def _sync_folder(self) -> None:
        """A new file is on the disk only when its directory is."""
        number = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
