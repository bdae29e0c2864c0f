"""One command of git: it ends by itself, or is ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.sources.git import command
from jotgraph.sources.git.command import GitError, run, started
from tests.rig.git import new_repository


def test_a_command_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_repository(tmp_path)
    monkeypatch.setattr(command, "_LONGEST", 0.05)
    with started(tmp_path, "cat-file", "--batch") as waiting:  # for a name, which nobody writes
        assert waiting.stdout.read() == b""
        with pytest.raises(GitError, match="git cat-file failed: exit -9"):
            waiting.finish()


def test_a_command_that_has_time_is_not(tmp_path: Path) -> None:
    made = new_repository(tmp_path)
    sha = made.commit({"a": "a\n"})
    answer = run(tmp_path, "cat-file", "--batch-check", stdin=f"{sha}\n".encode())
    assert answer.split()[:2] == [sha.encode(), b"commit"]


def test_what_git_complains_of_is_in_the_error(tmp_path: Path) -> None:
    new_repository(tmp_path)
    with pytest.raises(GitError, match=r"git cat-file failed: fatal: .*none"):
        run(tmp_path, "cat-file", "-p", "none")
