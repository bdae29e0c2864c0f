"""Objects of a repository by name or id: what each is, and its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jotgraph.sources.git.command import GitError, run, start

_KINDS = frozenset({b"commit", b"tree", b"blob", b"tag"})


def resolve(path: Path, names: Iterable[bytes]) -> list[tuple[bytes, str] | None]:
    """What each object name is, ``(raw id, type)``, or None for one that leads nowhere."""
    asked = list(names)
    if not asked:
        return []
    format_ = "--batch-check=%(objectname) %(objecttype)"
    answer = run(path, "cat-file", format_, "--buffer", stdin=b"\n".join(asked) + b"\n")
    objects: list[tuple[bytes, str] | None] = []
    for line in answer.splitlines():
        first, _, kind = line.rpartition(b" ")
        known = kind in _KINDS and len(first) in {40, 64}
        objects.append((bytes.fromhex(first.decode()), kind.decode()) if known else None)
    return objects


class Objects:
    """Trees and blobs by raw id, over one ``git cat-file --batch``. Close it when done."""

    def __init__(self, path: Path) -> None:
        self._git = start(path, "cat-file", "--batch")

    def read(self, oid: bytes) -> bytes:
        """The object's bytes; empty when it is not there (a partial clone)."""
        return self.named(oid.hex().encode())

    def named(self, name: bytes) -> bytes:
        """The bytes of what a name without a line end leads to, ``<commit>:<path>``; or empty.
        Raises GitError when git has ended."""
        try:
            self._git.stdin.write(name + b"\n")
            self._git.stdin.flush()
        except OSError as error:
            raise GitError("git cat-file ended") from error
        head = self._git.stdout.readline().split()
        if len(head) != 3 or not head[2].isdigit():
            if not head:
                raise GitError("git cat-file ended")
            return b""
        data = self._git.stdout.read(int(head[2]))
        self._git.stdout.read(1)
        return data

    def close(self) -> None:
        self._git.close()
