"""Answers of git that are remembered: until a file changes, and failures as git ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.sources.git import command
from jotgraph.sources.git.command import GitError, run
from jotgraph.sources.git.head import head_of
from jotgraph.sources.git.state import folder_state
from tests.rig.git import new_repository
from tests.rig.git_answers import remember_answers


def test_git_is_asked_again_when_a_file_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    start = command.start

    def noted(path: Path, *words: str) -> command.Running:
        started.append(" ".join(words))
        return start(path, *words)

    monkeypatch.setattr(command, "start", noted)
    repository = new_repository(tmp_path / "app")
    repository.commit({"a": "1"})
    plain = head_of(repository.path), folder_state(repository.path)
    asked = list(started)
    remember_answers(tmp_path, monkeypatch)
    for _ in range(2):
        assert (head_of(repository.path), folder_state(repository.path)) == plain
    assert sorted(started[len(asked) :]) == sorted({*asked}), "each question once"
    repository.write({"a": "2"})
    changed = folder_state(repository.path)
    assert changed is not None
    assert changed.dirty
    repository.commit({"b": "3"})
    assert head_of(repository.path) != plain[0]


def test_what_git_refuses_is_refused_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = new_repository(tmp_path / "app")
    remember_answers(tmp_path, monkeypatch)
    for _ in range(2):
        with pytest.raises(GitError, match="git rev-parse failed: fatal: "):
            run(repository.path, "rev-parse", "--verify", "HEAD")
