"""A second copy of journal lines: in a file that only grows, or on the standard input of a
command."""

from __future__ import annotations

import getpass
import os
import platform
import shlex
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import msgspec

from jotgraph.errors import ApplyError
from jotgraph.store.journal_lines import JournalLine
from jotgraph.version import __version__

_PATIENCE = 10.0
"""Seconds that a command gets to exit after its input is closed."""


class Auditing(msgspec.Struct, frozen=True, kw_only=True):
    """Where journal lines are copied to, and the reason for the run."""

    file: Path | None = None
    command: str = ""
    reason: str = ""


def who(callers: Mapping[str, str], auditing: Auditing | None) -> dict[str, object]:
    """Return who does something, where and why, for a journal line. That is the caller's ARN in
    each account, the user and the machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        user = str(os.getuid())
    facts: dict[str, object] = {
        "callers": dict(sorted(callers.items())),
        "user": user,
        "host": platform.node(),
        "version": __version__,
    }
    if auditing and auditing.reason:
        facts["reason"] = auditing.reason
    return facts


class Audit:
    """Open copies of one run's lines. Raises ApplyError when a file or command cannot be opened,
    and when a line could not be copied; nothing more is done then."""

    def __init__(self, auditing: Auditing, run: str) -> None:
        self.run = run
        self._file, self._command = auditing.file, auditing.command
        self._number = _opened(auditing.file) if auditing.file else None
        try:
            self._process = _started(auditing.command) if auditing.command else None
        except ApplyError:
            self.close()
            raise

    def tell(self, entry: JournalLine) -> None:
        """Copy a line, with the run it belongs to."""
        line = msgspec.json.encode({"run": self.run, **msgspec.to_builtins(entry)}) + b"\n"
        try:
            if self._number is not None:
                rest = memoryview(line)
                while rest:  # a full disk takes the beginning of a line first
                    rest = rest[os.write(self._number, rest) :]
                os.fsync(self._number)
        except OSError as error:
            raise ApplyError(f"{self._file} cannot be written ({error.strerror})") from error
        if self._process is None or self._process.stdin is None:
            return
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError as error:
            raise ApplyError(f"the command {self._command!r} takes no more lines") from error

    def close(self) -> None:
        """Close the file and the command's input, and give the command a moment to exit."""
        if self._number is not None:
            os.close(self._number)
            self._number = None
        process = getattr(self, "_process", None)
        if process is None:
            return
        try:
            process.communicate(timeout=_PATIENCE)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()


def _opened(path: Path) -> int:
    """A file to append to: pipes and devices are allowed, links are not."""
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        number = os.open(path, flags, 0o600)
        if _is_cut_off(path, number):
            os.write(number, b"\n")
        return number
    except OSError as error:
        raise ApplyError(f"{path} cannot be written ({error.strerror})") from error


def _is_cut_off(path: Path, number: int) -> bool:
    """Whether the last line of a regular file is incomplete: the disk was full, or its writer was
    killed. Raises OSError."""
    status = os.fstat(number)
    if not stat.S_ISREG(status.st_mode) or not status.st_size:
        return False
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except PermissionError:  # one that may be written only
        return False


def _started(command: str) -> subprocess.Popen[bytes]:
    """The user's own command, started without a shell and not reached by Ctrl-C, so that it also
    gets what is restored then."""
    try:
        return subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, start_new_session=True)
    except (OSError, ValueError, IndexError) as error:
        raise ApplyError(f"the command {command!r} cannot be started: {error}") from error
