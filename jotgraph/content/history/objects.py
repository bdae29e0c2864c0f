"""Objects of a repository by name or id: their types, and their bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from jotgraph.sources.git.command import GitError, Running, run, start

Object = tuple[bytes, str]
"""Raw id and type."""
_CHECK = "--batch-check=%(objectname) %(objecttype)"
_FEW = 200
"""Names whose answers fit into a pipe, so that all can be written before one is read."""
_LONG = 1 << 14
"""Bytes that fit into a pipe without a reader."""
_KINDS = frozenset({b"commit", b"tree", b"blob", b"tag"})


def resolve(path: Path, names: Iterable[bytes]) -> list[Object | None]:
    """Return the id and type of each object name (without a line end), or None for an unknown
    one."""
    asked = list(names)
    if not asked:
        return []
    answer = run(path, "cat-file", _CHECK, "--buffer", stdin=b"\n".join(asked) + b"\n")
    return [_object(line) for line in answer.removesuffix(b"\n").split(b"\n")]


def _object(line: bytes) -> Object | None:
    first, _, kind = line.rpartition(b" ")
    known = kind in _KINDS and len(first) in {40, 64}
    return (bytes.fromhex(first.decode()), kind.decode()) if known else None


class Objects:
    """Objects of a repository, through two ``git cat-file`` processes: for content and for types.
    Each is started when first needed. Close it when done."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._started: dict[str, Running] = {}

    def _asked(self, mode: str) -> Running:
        if mode not in self._started:
            self._started[mode] = start(self._path, "cat-file", mode)
        return self._started[mode]

    def resolve(self, names: Sequence[bytes]) -> list[Object | None]:
        """Do what the function of this name does, for a few names without another process. Raises
        GitError."""
        written = b"".join(name + b"\n" for name in names)
        if len(names) > _FEW or len(written) > _LONG:
            return resolve(self._path, names)
        if not names:
            return []
        git = self._asked(_CHECK)
        _write(git, written)
        lines = [git.stdout.readline() for _ in names]
        if not lines[-1]:
            raise GitError("git cat-file ended")
        return [_object(line.removesuffix(b"\n")) for line in lines]

    def read(self, oid: bytes) -> bytes:
        """Return an object's bytes; empty when it does not exist (in a partial clone)."""
        return self.named(oid.hex().encode())

    def named(self, name: bytes) -> bytes:
        """Return the bytes of what a name (without a line end) refers to, ``<commit>:<path>``; or
        empty. Raises GitError when git has exited."""
        git = self._asked("--batch")
        _write(git, name + b"\n")
        head = git.stdout.readline().split()
        if len(head) != 3 or not head[2].isdigit():
            if not head:
                raise GitError("git cat-file ended")
            return b""
        data = git.stdout.read(int(head[2]))
        git.stdout.read(1)
        return data

    def close(self) -> None:
        for git in self._started.values():
            git.close()


def _write(git: Running, asked: bytes) -> None:
    try:
        git.stdin.write(asked)
        git.stdin.flush()
    except OSError as error:
        raise GitError("git cat-file ended") from error
