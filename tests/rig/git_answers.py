"""Git is asked as it is, but the same question once while no file of the repository changes: a
deployment asks thirty, and git takes longer to start than to answer."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import pytest

from jotgraph.sources.git import command
from jotgraph.sources.git.command import GitError

Question = tuple[object, ...]
Answer = tuple[bytes, GitError | None]
"""What git wrote, and how it failed."""
LONG_INPUT = ("--stdin", "--batch")
"""How the words begin by which git reads its input: it is asked each time."""


class Answered:
    """As much of a running git command as is used, where its answer is known."""

    def __init__(self, stdout: IO[bytes], error: GitError | None) -> None:
        self.stdin, self.stdout, self._error = io.BytesIO(), stdout, error

    def finish(self) -> None:
        """Raise the GitError that git ended with."""
        if self._error is not None:
            raise self._error


def remember_answers(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let questions about repositories in this folder be asked once while all files there, git's
    own too, are the same."""
    ask = command.started
    known: dict[Question, Answer] = {}

    @contextmanager
    def started(path: Path, *words: str) -> Iterator[object]:
        if folder not in path.parents or any(word.startswith(LONG_INPUT) for word in words):
            with ask(path, *words) as running:
                yield running
            return
        question = (path, words, *files_below(folder / path.relative_to(folder).parts[0]))
        if question not in known:
            with ask(path, *words) as running:
                known[question] = _answer(running)
        output, error = known[question]
        with TemporaryFile() as stdout:
            stdout.write(output)
            stdout.seek(0)
            yield Answered(stdout, error)

    patch.setattr(command, "started", started)


def _answer(running: command.Running) -> Answer:
    running.stdin.close()
    output = running.stdout.read()
    try:
        running.finish()
    except GitError as error:
        return output, error
    return output, None


def files_below(top: Path) -> Iterator[tuple[object, ...]]:
    """What tells each file and folder below from what it was: where it is, its size, and when it
    was changed."""
    folders = [str(top)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                yield entry.path, status.st_ino, status.st_size, status.st_ctime_ns
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
