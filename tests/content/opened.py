"""A history that is opened once for the images of several tests."""

from __future__ import annotations

import atexit
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from jotgraph.content.engine import MatchSession, match_session
from tests.rig.git import Repository

Key = tuple[Path, tuple[str, ...], tuple[tuple[Path, bytes], ...]]
_opened: dict[Key, tuple[ExitStack, MatchSession]] = {}
"""The last one."""


def session_of(repository: Repository, cache: Path, *tips: str, key: str = "shop") -> MatchSession:
    """The session of a repository: five processes of git, which tests that ask one after another
    share as long as no ref moves. In ``cache`` is what the first of them keeps."""
    asked = repository.path, (key, *tips), tuple(_refs(repository.path / ".git"))
    if asked not in _opened:
        close()
        stack = ExitStack()
        session, gaps = stack.enter_context(
            match_session([(key, repository.path)], cache, tips={key: tips})
        )
        assert gaps == ()
        _opened[asked] = stack, session
    return _opened[asked][1]


def _refs(folder: Path) -> Iterable[tuple[Path, bytes]]:
    """Where the refs and HEAD are, and were."""
    known = (folder / name for name in ("HEAD", "packed-refs", "shallow"))
    moved = (folder / "refs").rglob("*"), (folder / "logs").rglob("*")
    for path in sorted((*known, *moved[0], *moved[1])):
        if path.is_file():
            yield path, path.read_bytes()


@atexit.register
def close() -> None:
    """Let go of what is open."""
    while _opened:
        _opened.popitem()[1][0].close()
