"""Run git so that a repository can neither run anything, fetch anything nor be changed.

Every git command of this program goes through :func:`run` or :func:`started`, and through
GitPython. A repository is input: its configuration and attributes may name commands (hooks,
filters, textconv, fsmonitor, remote helpers). ``COMMANDS`` are commands that apply no conversion
to files of the work tree; ``_SETTINGS`` and ``_VARIABLES`` switch off what they could run, fetch or
write, and what would change their answers. ``tests/sources/git/test_canaries.py`` runs each of them
in a repository in which every setting that names a command is set.
"""

from __future__ import annotations

import fcntl
import os
import select
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from subprocess import PIPE
from typing import IO, TYPE_CHECKING

from jotgraph.errors import SourceError

if TYPE_CHECKING:
    from git import Git

COMMANDS = frozenset(
    {
        "cat-file", "check-attr", "config", "describe", "diff-index", "for-each-ref", "log",
        "ls-files", "rev-list", "rev-parse", "symbolic-ref",
    }
)  # fmt: skip
"""What is run. None of them reads a file of the work tree through a filter, as ``git status`` and
``git diff`` do (and ``git describe`` with --dirty, which is not asked): a filter is a command that
the repository's own configuration names."""

_SETTINGS = (
    "core.deltaBaseCacheLimit=32m",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.warnAmbiguousRefs=false",
    "diff.external=",
    "diff.ignoreSubmodules=none",
    "diff.orderFile=/dev/null",
    "diff.relative=false",
    "log.showRoot=true",
    "log.showSignature=false",
    "protocol.allow=never",
    "submodule.recurse=false",
)
_VARIABLES = {
    "GIT_ALLOW_PROTOCOL": "none",  # protocol.<name>.allow of the repository would win over a -c
    "GIT_FLUSH": "0",  # else git log writes each commit to a pipe by itself, and wakes its reader
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_KEPT = ("GIT_CEILING_DIRECTORIES", "GIT_CONFIG_", "GIT_EXEC_PATH", "GIT_PYTHON_", "GIT_SSL_")
"""Variables of the caller that say where git and the user's own configuration are, and how HTTPS is
done, which no command does: to take one away costs another process. All others (of a hook that
called this program, for one) would lead to another repository."""
_LONGEST = 3600.0
"""Seconds after which a command is ended: a repository may hold a pipe that nobody writes to."""
_CHUNK = 1 << 20
_PIECE = 1 << 19
_SHORT = 1 << 16
"""Bytes of an output before which nobody waits: most outputs are no longer."""
_WAITS = (0.005, 0.02)
"""Seconds to wait for more at first, and at most, when git writes most of a piece meanwhile."""


def git_version() -> str:
    """The version of the git program. Raises GitError where there is none."""
    from git import Git  # noqa: PLC0415 -- git takes 0.2 s to import
    from git.exc import GitError as Refused  # noqa: PLC0415 -- as above

    try:
        return ".".join(map(str, Git().version_info))
    except (Refused, OSError) as error:
        raise GitError(f"git cannot be run: {error}") from error


class GitError(SourceError):
    """Git refused or failed; the message ends with what it said, which is all that tells why: it
    ends with 128 whatever is wrong (git's ``usage.c``, ``die``; ``setup.c`` has the words)."""

    @property
    def is_outside(self) -> bool:
        """Whether the folder is in no git repository."""
        return ": fatal: not a git repository" in str(self)

    @property
    def has_no_work_tree(self) -> bool:
        return ": fatal: this operation must be run in a work tree" in str(self)

    @property
    def is_distrusted(self) -> bool:
        """Whether the repository is somebody else's (``safe.directory``)."""
        return ": fatal: detected dubious ownership" in str(self)

    @property
    def is_about_the_place(self) -> bool:
        """Whether any other question there would be answered by the same."""
        return self.is_outside or self.has_no_work_tree or self.is_distrusted


class NoRepositoryError(SourceError):
    """A folder is in no git repository."""


class Running:
    """A git command that is under way. Its complaints are read beside its output, so that neither
    waits for the other; who reads them ends a command that takes too long."""

    def __init__(self, process: Git.AutoInterrupt, name: str) -> None:
        assert process.proc is not None  # until it is terminated
        self._owner = process  # GitPython ends a process that nobody owns any more
        self._process = process.proc
        self._name = name
        self.stdin: IO[bytes] = process.stdin
        self.stdout: IO[bytes] = process.stdout
        self._stderr: BufferedReader = process.stderr
        self._complaints = b""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        deadline = time.monotonic() + _LONGEST
        with suppress(ValueError, OSError):  # closed when the process is stopped
            waiting = select.poll()
            waiting.register(self._stderr, select.POLLIN)
            while waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
                piece = self._stderr.read1(_CHUNK)
                if not piece:
                    return
                self._complaints = (self._complaints + piece)[-_CHUNK:]
            self._process.kill()

    def finish(self) -> None:
        """Wait for the end. Raises GitError unless all went well."""
        status = self._process.wait()
        self._listener.join()
        if status:
            complaint = _complaint(self._complaints.decode("utf-8", "replace"))
            raise GitError(f"git {self._name} failed: {complaint or f'exit {status}'}")

    def close(self) -> None:
        """End the command if it has not ended, and close its pipes."""
        self._process.kill()
        self._process.wait()
        self._listener.join()
        with suppress(OSError):
            self.stdin.close()
        self.stdout.close()
        self._stderr.close()


def start(path: Path, *words: str) -> Running:
    """Start one git command in the repository at ``path``; close it when done. Raises GitError."""
    if words[0] not in COMMANDS:
        raise ValueError(f"git {words[0]} is not on the list of commands that are safe to run")
    try:
        from git import Git, GitCommandNotFound  # noqa: PLC0415 -- 0.1 s
    except ImportError as error:  # GitPython's word for it, when git itself is missing
        raise GitError("git is not installed; install it, or scan without --git") from error
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    command = [str(Git.GIT_PYTHON_GIT_EXECUTABLE or "git"), "--no-pager", *settings]
    try:
        process = Git().execute(
            [*_without_variables(), *command, "-C", os.fspath(path), *words],
            as_process=True,
            istream=PIPE,
            env=_VARIABLES,
        )
    except GitCommandNotFound as error:
        raise GitError("git is not installed; install it, or scan without --git") from error
    return Running(process, words[0])


def _without_variables() -> list[str]:
    """``env -u NAME ...``: GitPython adds to the caller's environment and takes nothing from it."""
    foreign = [
        name
        for name in os.environ
        if name.startswith("GIT_")
        and name not in _VARIABLES
        and (not name.startswith(_KEPT) or name == "GIT_CONFIG_PARAMETERS")
    ]
    return ["env", *(word for name in sorted(foreign) for word in ("-u", name))] if foreign else []


@contextmanager
def started(path: Path, *words: str) -> Iterator[Running]:
    """A git command that is ended when the block is left. Raises GitError."""
    running = start(path, *words)
    try:
        yield running
    finally:
        running.close()


def run(path: Path, *words: str, stdin: bytes = b"") -> bytes:
    """Run one git command and return its output whole. Raises GitError."""
    with started(path, *words) as running:
        _feed(running, stdin)
        output = running.stdout.read()
        running.finish()
    return output


def token_lists(path: Path, *words: str, stdin: bytes = b"") -> Iterator[list[bytes]]:
    """Run one git command with ``-z`` output; yield its NUL-ended tokens in lists, as they come.
    Raises GitError."""
    rest = b""
    for page in pages(path, *words, stdin=stdin):
        tokens = (rest + page).split(b"\0")
        rest = tokens.pop()
        yield tokens
    if rest:
        yield [rest]


def pages(path: Path, *words: str, stdin: bytes = b"") -> Generator[bytes]:
    """Run one git command; yield its output in pieces of at least half a megabyte, and the rest.
    Raises GitError."""
    with started(path, *words) as running:
        _feed(running, stdin)
        descriptor = running.stdout.fileno()
        waits = _widened(descriptor)
        pieces, size, short, (wait, longest) = list[bytes](), 0, _SHORT, _WAITS
        while piece := os.read(descriptor, _CHUNK):
            pieces.append(piece)
            size += len(piece)
            if size >= _PIECE:
                yield b"".join(pieces)
                pieces, size, short = [], 0, 0
            elif waits and size > short:
                time.sleep(wait)
                wait = min(2 * wait, longest)
        if pieces:
            yield b"".join(pieces)
        running.finish()


def _complaint(stderr: str) -> str:
    """The line that says why git ended, which may be followed by advice; otherwise the last one."""
    lines = stderr.strip().splitlines()
    fatal = [line for line in lines if line.startswith("fatal: ")]
    return (fatal or lines or [""])[-1]


def _widened(descriptor: int) -> bool:
    """Whether a pipe was made to hold two pieces. Git writes 4 KiB at a time, and each wakes a
    reader that waits: one that lets the pipe fill instead costs both of them less."""
    try:
        return fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _CHUNK) >= _CHUNK
    except (AttributeError, OSError):  # not Linux; or the user has too many such pipes
        return False


def _feed(running: Running, stdin: bytes) -> None:
    """Hand over all input from a thread of its own: git answers before it has read it all."""
    if not stdin:
        running.stdin.close()
        return

    def write() -> None:
        with suppress(OSError, ValueError):  # it ended early, and its status says why
            running.stdin.write(stdin)
            running.stdin.close()

    threading.Thread(target=write, daemon=True).start()
