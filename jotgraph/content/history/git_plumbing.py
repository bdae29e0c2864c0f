"""Git, run so that a foreign repository can neither run anything nor fetch anything.

Hooks, replace objects, grafts, lazy fetching, external diff, text conversion, fsmonitor, the pager
and optional locks are off; none of the caller's GIT_* variables reach it. Raises GitError.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from jotgraph.errors import SourceError

_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "protocol.allow=never",
    "log.showRoot=true",
    "log.showSignature=false",
    "diff.external=",
    "diff.orderFile=/dev/null",
    "core.warnAmbiguousRefs=false",
)
_VARIABLES = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "LC_ALL": "C",
}


class GitError(SourceError):
    """Git refused or failed; the message ends with what it said."""


def arguments(path: Path, *words: str) -> list[str]:
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    return ["git", "--no-pager", *settings, "-C", str(path), *words]


def environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | _VARIABLES


def git(path: Path, *words: str, given: bytes = b"") -> bytes:
    """Run one git command at ``path`` and return its output whole."""
    try:
        done = subprocess.run(
            arguments(path, *words),
            input=given,
            capture_output=True,
            env=environment(),
            check=False,
        )
    except OSError as error:
        raise GitError(f"git cannot be run: {error}") from error
    if done.returncode:
        raise GitError(f"git {words[0]} in {path}: {_said(done.stderr)}")
    return done.stdout


def git_tokens(path: Path, *words: str, given: bytes) -> Iterator[bytes]:
    """Run one git command with ``-z`` output and yield its NUL-ended tokens as they come."""
    with subprocess.Popen(
        arguments(path, *words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise GitError("git has no pipes")
        process.stdin.write(given)
        process.stdin.close()
        rest = b""
        while chunk := process.stdout.read(1 << 20):
            *tokens, rest = (rest + chunk).split(b"\0")
            yield from tokens
        if rest:
            yield rest
        error = process.stderr.read()
        if process.wait():
            raise GitError(f"git {words[0]} in {path}: {_said(error)}")


def resolve(path: Path, names: Iterable[bytes]) -> list[tuple[bytes, str] | None]:
    """What each object name is, ``(raw id, type)``, or None for one that leads nowhere."""
    asked = list(names)
    if not asked:
        return []
    format_ = "--batch-check=%(objectname) %(objecttype)"
    said = git(path, "cat-file", format_, "--buffer", given=b"\n".join(asked) + b"\n")
    found: list[tuple[bytes, str] | None] = []
    for line in said.splitlines():
        first, _, kind = line.rpartition(b" ")
        known = kind in {b"commit", b"tree", b"blob", b"tag"} and len(first) in {40, 64}
        found.append((bytes.fromhex(first.decode()), kind.decode()) if known else None)
    return found


class Objects:
    """Trees and blobs by raw id, over one ``git cat-file --batch``. Close it when done."""

    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            arguments(path, "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )

    def read(self, oid: bytes) -> bytes:
        """The object's bytes; empty when it is not there (a partial clone)."""
        return self.named(oid.hex().encode())

    def named(self, name: bytes) -> bytes:
        """The bytes of what a name without a line end leads to, ``<commit>:<path>``; or empty."""
        if self._process.stdin is None or self._process.stdout is None:
            raise GitError("git has no pipes")
        self._process.stdin.write(name + b"\n")
        self._process.stdin.flush()
        head = self._process.stdout.readline().split()
        if len(head) != 3 or not head[2].isdigit():
            if not head:
                raise GitError("git cat-file ended")
            return b""
        data = self._process.stdout.read(int(head[2]))
        self._process.stdout.read(1)
        return data

    def close(self) -> None:
        self._process.communicate()


def _said(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it failed without a word"
