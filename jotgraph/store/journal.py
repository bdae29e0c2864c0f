"""The journal of a run: each call and its outcome, on disk before anything else happens.

It is one file of JSON lines, ``<state folder>/runs/<run>/journal.jsonl``, readable by its owner
alone. Every line is flushed to disk (fsync) before the call that it announces. A plan's run is
named by the plan's digest, so the same command finds the journal of a run that crashed.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from jotgraph.errors import ApplyError, CallFailedError, Failure, UnknownRunError
from jotgraph.records import ResourceId
from jotgraph.store.audit import Audit, Auditing, who
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal_lines import JournalContent, JournalLine, decoded, encoded

T = TypeVar("T")
_REFUSED = frozenset({"credentials", "denied"})
"""Reasons of failed calls that certainly changed nothing."""
_TOO_LATE = frozenset(
    {
        "PreconditionFailedException", "ImageAlreadyExistsException", "EntityAlreadyExists",
        "RepositoryAlreadyExistsException",
    }
)  # fmt: skip
"""Error codes of AWS for a conflict with somebody else's change, certain for a call that was tried
once."""

__all__ = ["Journal", "JournalLine", "find_run", "journal_path", "run_name"]


class _Begun(NamedTuple):
    """The state of a journal before the line that is being written."""

    size: int
    last: int
    lines: int


def run_name(digest: str) -> str:
    """Return the name of a plan's run: the first twelve digits of its digest."""
    return digest.partition(":")[2][:12]


def find_run(run: str) -> Path:
    """Return the folder of a run of this machine, by its name or by the identity in its marks.
    Raises UnknownRunError."""
    name, dot, _ = run.partition(".")
    folder = runs_folder() / name
    if dot and "/" not in run and journal_path(folder).exists():
        if run.encode() in journal_path(folder).read_bytes().partition(b"\n")[0]:
            return folder
        raise UnknownRunError(f"{run!r} is of another machine: its journal is there")
    folder = runs_folder() / run
    if "/" in run or not journal_path(folder).exists():
        runs = runs_folder().iterdir() if runs_folder().is_dir() else ()
        known = ", ".join(sorted(path.name for path in runs)) or "none"
        raise UnknownRunError(f"there is no run {run!r} on this machine; runs here: {known}")
    return folder


def journal_path(folder: Path) -> Path:
    """Return the path of the journal in a run's folder."""
    return folder / "journal.jsonl"


class Journal:
    """An open journal: append-only, and locked against a second run; use it as a context manager.

    Raises ApplyError when another process has it, when it cannot be read or written, when it is not
    a regular file (a link could lead elsewhere), or when it is damaged. With ``damaged`` a damaged
    one is accepted, with its complete lines.
    """

    def __init__(
        self, folder: Path, *, damaged: bool = False, auditing: Auditing | None = None
    ) -> None:
        self.folder = folder
        self._auditing = auditing
        self.path = journal_path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
            self._file = os.fdopen(os.open(self.path, flags, 0o600), "r+b", buffering=0)
        except OSError as error:
            raise ApplyError(f"{self.path} cannot be written: {error.strerror}") from error
        try:
            self._lock()
            self.entries, self._last, self.damage, size = self._load()
            if self.damage and not damaged:
                raise ApplyError(
                    f"{self.path} is damaged ({self.damage}): jotgraph undo {folder.name} "
                    "--from-backup restores what this run deleted, jotgraph release "
                    f"{folder.name} what it put in quarantine"
                )
            self._begun: _Begun | None = None
            self._cut(size)
            self._sync_folder()
            self._audit = Audit(auditing, folder.name) if auditing else None
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
        if self._audit:
            self._audit.close()

    def discard(self) -> None:
        """Take away the journal of a run that announced nothing, and its folder if it is empty."""
        with suppress(OSError):
            self.path.unlink()
            self.folder.rmdir()

    def add(self, what: str, **fields: Any) -> JournalLine:
        """Append a line and wait until it is on disk. Raises ApplyError when it cannot be written
        (the disk is full); the journal is then intact, without the line. Raises ApplyError too when
        the line is on disk and its second copy failed."""
        self._take_back_begun()
        entry = JournalLine(what=what, at=datetime.now(UTC), line=self._last + 1, **fields)
        size = self._size_there()
        self._begun = _Begun(size, self._last, len(self.entries))
        rest = memoryview(encoded(entry))
        try:
            while rest:  # a full disk takes the beginning of a line first
                rest = rest[self._file.write(rest) or 0 :]
            os.fsync(self._file.fileno())
        except OSError as error:
            with suppress(OSError):
                self._file.truncate(size)
            raise ApplyError(
                f"{self.path} cannot be written ({error.strerror}): nothing more is done; "
                "run the same command again to go on"
            ) from error
        self._last += 1
        self.entries.append(entry)
        self._begun = None
        if self._audit:
            self._audit.tell(entry)
        return entry

    def _size_there(self) -> int:
        """Return the size. Raises ApplyError when the journal is no longer where the next command
        looks for it."""
        with suppress(OSError):
            here = os.fstat(self._file.fileno())
            if os.path.samestat(os.lstat(self.path), here):
                return here.st_size
        raise ApplyError(f"{self.path} was removed or moved meanwhile: nothing more is done")

    def _take_back_begun(self) -> None:
        """Drop a line whose writing was interrupted by Ctrl-C. Its call was not made, and another
        line with its number would be damage. Raises ApplyError."""
        if self._begun is None:
            return
        size, self._last, lines = self._begun
        del self.entries[lines:]
        try:
            self._file.truncate(size)
        except OSError as error:
            raise ApplyError(f"{self.path} cannot be written ({error.strerror})") from error

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
        """Write the intent, make the call, write its outcome. ``kept`` is only written to the
        journal, for an undo. Raises what ``do`` raises. A call that restores something is made even
        when the journal cannot be written."""
        number = 1 + max((entry.number for entry in self.entries), default=0)
        whole = {**params, **({"kept": dict(kept)} if kept else {})}
        unwritten = suppress(ApplyError) if putting_back else nullcontext()
        with unwritten:
            self.add("intent", number=number, steps=tuple(steps), call=call, params=whole)
        result, because = "lost", "the program was stopped"
        facts: dict[str, Any] = {}
        try:
            answer = do()
            result, because = "done", ""
        except CallFailedError as error:
            result, because = "failed", error.failure.message
            if _changed_nothing(error.failure):
                facts = {"refused": True}
            raise
        finally:
            with unwritten:
                self.add("outcome", number=number, result=result, because=because, params=facts)
        return answer

    def note_who(self, command: str, callers: Mapping[str, str]) -> None:
        """Write who runs an undo or a release, where and why. A restore does not depend on this
        line."""
        with suppress(ApplyError):
            self.add("by", call=command, params=who(callers, self._auditing))

    def close_lost(self, step: ResourceId, now: str) -> None:
        """Write the outcome of calls that a crash interrupted; ``now`` describes what exists."""
        for intent in self.unanswered():
            if step in intent.steps:
                self.add("outcome", number=intent.number, result="lost", because=now)

    def unanswered(self) -> list[JournalLine]:
        """Return the intents without an outcome."""
        answered = {entry.number for entry in self.entries if entry.what == "outcome"}
        return [
            entry
            for entry in self.entries
            if entry.what == "intent" and entry.number not in answered
        ]

    def intents(self, step: ResourceId, *calls: str) -> list[JournalLine]:
        """Return the announced calls of a step, in order; all of them if none is named."""
        return [
            entry
            for entry in self.entries
            if entry.what == "intent" and step in entry.steps and (not calls or entry.call in calls)
        ]

    def attempts(self, step: ResourceId, *calls: str) -> list[JournalLine]:
        """Return the announced calls of a step that may have had an effect, in order. Calls that
        were denied, or lost a race, are left out."""
        refused = self.refused
        return [intent for intent in self.intents(step, *calls) if intent.number not in refused]

    @property
    def refused(self) -> frozenset[int]:
        """Return the numbers of calls that certainly changed nothing."""
        return frozenset(entry.number for entry in self.entries if entry.params.get("refused"))

    def status(self, step: ResourceId) -> str:
        """Return the last status of a step, or empty."""
        results = [
            entry.result for entry in self.entries if entry.what == "step" and step in entry.steps
        ]
        return results[-1] if results else ""

    def _lock(self) -> None:
        """Lock the journal. Raises ApplyError when another process has it, when that cannot be
        determined, or when it is not a regular file."""
        if not stat.S_ISREG(os.fstat(self._file.fileno()).st_mode):
            raise ApplyError(f"{self.path} is not a regular file")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.stat(self.path), os.fstat(self._file.fileno())):
                raise BlockingIOError  # whoever had the lock discarded it, and it was made anew
        except (BlockingIOError, FileNotFoundError) as error:
            raise ApplyError(
                f"the same run, or its release or undo, is in progress ({self.path}); "
                "wait until it has ended"
            ) from error
        except OSError as error:
            raise ApplyError(
                f"{self.path} cannot be locked ({error.strerror}), so two runs could work at the "
                "same time: set XDG_STATE_HOME to a folder on a disk of this machine"
            ) from error

    def _load(self) -> JournalContent:
        """Read the existing lines."""
        self._file.seek(0)
        return decoded(self._file.read())

    def _cut(self, size: int) -> None:
        """Drop a last line that a crash cut off. Nothing of a damaged journal is dropped: the next
        line begins on its own."""
        if os.fstat(self._file.fileno()).st_size == size:
            return
        if self.damage:
            self._file.write(b"\n")
        else:
            self._file.truncate(size)

    def _sync_folder(self) -> None:
        """Flush the directory: only then is a new file on disk."""
        number = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _changed_nothing(failure: Failure) -> bool:
    """Whether a failed call certainly changed nothing."""
    too_late = failure.code in _TOO_LATE or (
        failure.code == "ResourceConflictException" and failure.says_it_exists
    )
    return failure.reason in _REFUSED or (too_late and not failure.repeated)
