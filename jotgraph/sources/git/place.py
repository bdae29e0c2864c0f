"""Where a git repository is, of what nature it is, and what is checked out there.

Git is asked once for all of it: each question is a process of its own, which takes longer than its
answer.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import msgspec

from jotgraph.errors import SourceError
from jotgraph.records.references import SHA
from jotgraph.sources.git.command import GitError, NoRepositoryError, run


class GitPlace(msgspec.Struct, frozen=True):
    """Where git found a repository, and of what nature it is."""

    folder: Path
    """The top of the work tree; the repository itself where there is none."""
    shallow: bool
    object_format: str
    head: str
    """The commit that is checked out; empty where nothing is committed."""
    head_ref: str
    """The ref that HEAD names; empty where it names a commit."""
    index: Path | None = None
    """The file of the index; None where there is no work tree."""


_FACTS = ("--is-shallow-repository", "--show-object-format")
_HEAD = ("HEAD^{commit}", "--symbolic-full-name", "HEAD")
_PATHS = (("--show-toplevel",), ("--path-format=absolute", "--git-path", "index"))


def require_repository(path: Path) -> None:
    """Raise SourceError where no git repository can be read."""
    git_place_of(path)


def git_place_of(path: Path) -> GitPlace:
    """The repository that a path is in. Raises SourceError where none can be read."""
    if not path.exists():
        raise SourceError(f"{path}: there is no such folder; pass --git a clone")
    inside = path if path.is_dir() else path.parent
    try:
        return place_around(inside)
    except GitError as error:
        if not error.has_no_work_tree:
            raise _no_place(path, error) from error
    try:
        return _place_of_repository(inside)
    except GitError as error:
        raise _no_place(path, error) from error


def place_around(inside: Path) -> GitPlace:
    """The repository whose work tree is around a folder. Raises GitError where there is none."""
    head = _head_and(inside, *_FACTS, *(word for words in _PATHS for word in words))
    shallow, object_format, *paths = head.more
    if len(paths) != len(_PATHS):  # there are line ends in them
        paths = [run(inside, "rev-parse", *words).removesuffix(b"\n") for words in _PATHS]
    top, index = (Path(os.fsdecode(path)) for path in paths)
    return _place(top, shallow, object_format, head, index)


def _place_of_repository(inside: Path) -> GitPlace:
    """The repository that a folder is a part of; its work tree where the folder is named .git.
    Raises GitError."""
    head = _head_and(inside, *_FACTS, "--absolute-git-dir")
    shallow, object_format, *lines = head.more
    folder = Path(os.fsdecode(b"\n".join(lines)))
    if folder.name == ".git":
        return place_around(folder.parent)
    return _place(folder, shallow, object_format, head)


class _Head(NamedTuple):
    """What is checked out, as in GitPlace, and the lines that git said after it."""

    commit: str
    ref: str
    more: list[bytes]


def _head_and(inside: Path, *words: str) -> _Head:
    """What HEAD is, and what else ``git rev-parse`` is asked. Raises GitError."""
    try:
        commit, ref, *more = _lines(inside, *_HEAD, *words)
        if SHA.fullmatch(commit.decode("utf-8", "replace")):
            name = "" if ref == b"HEAD" else ref.decode("utf-8", "replace")
            return _Head(commit.decode(), name, more)
    except GitError as error:
        if error.is_about_the_place:
            raise
    more = _lines(inside, *words)  # nothing is committed, or HEAD names what is not there
    try:
        ref = run(inside, "symbolic-ref", "--quiet", "HEAD").strip()
    except GitError:  # its word for none
        ref = b""
    return _Head("", ref.decode("utf-8", "replace"), more)


def _lines(inside: Path, *words: str) -> list[bytes]:
    return run(inside, "rev-parse", *words).removesuffix(b"\n").split(b"\n")


def _place(
    folder: Path, shallow: bytes, object_format: bytes, head: _Head, index: Path | None = None
) -> GitPlace:
    return GitPlace(
        folder=folder,
        shallow=shallow == b"true",
        object_format=object_format.decode(),
        head=head.commit,
        head_ref=head.ref,
        index=index,
    )


def _no_place(path: Path, error: GitError) -> SourceError:
    if error.is_outside:
        return NoRepositoryError(
            f"{path} is not in a git repository; pass --git a clone, or run git init there"
        )
    if error.is_distrusted:
        return SourceError(
            f"{path}: {error}; trust it with: git config --global --add safe.directory "
            f"{path.resolve()}"
        )
    return SourceError(f"{path}: {error}")
