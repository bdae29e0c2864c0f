"""The commit that is checked out, as an image of a folder names it: tree, time, version, remote."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from jotgraph.records.references import repository_key
from jotgraph.sources.git.command import GitError, run
from jotgraph.sources.git.configuration import configuration_of
from jotgraph.sources.git.repository import commit_time


class Head(msgspec.Struct, frozen=True):
    """HEAD, beside a folder of its work tree."""

    revision: str
    committed_at: datetime
    folder: str
    """From the top of the work tree on; ``.`` for the top itself."""
    tree: str
    """Git's id of the folder's tree; empty where the commit has no such folder."""
    version: str
    """What ``git describe --tags`` calls the commit: the nearest tag, or its first digits."""
    source: str
    """URL of its remote (origin, or the only one), without credentials; empty for none, and for a
    path of this machine."""


def head_of(folder: Path) -> Head | None:
    """What HEAD is, seen from a folder; None where nothing is committed. Raises GitError."""
    commit = _maybe(folder, "log", "-1", "--format=%H %ct", "HEAD", "--")
    if not commit:
        return None
    revision, _, seconds = commit.partition(" ")
    top, tree = _place(folder, revision)
    return Head(
        revision=revision,
        committed_at=commit_time(seconds),
        folder=top.rstrip("/") or ".",
        tree=tree,
        version=_maybe(folder, "describe", "--tags", "--always", "--abbrev=12", revision),
        source=_source(folder),
    )


def _place(folder: Path, revision: str) -> tuple[str, str]:
    """The path of a folder in its work tree, and git's id of its tree in a commit. Raises
    GitError."""
    try:
        answer = run(folder, "rev-parse", "--show-prefix", f"{revision}:./")
    except GitError:  # the commit has no such folder
        return run(folder, "rev-parse", "--show-prefix").decode("utf-8", "replace").rstrip("\n"), ""
    prefix, _, tree = answer.decode("utf-8", "replace").rstrip("\n").rpartition("\n")
    return prefix, tree


def _source(folder: Path) -> str:
    urls: dict[str, str] = {}
    for name, url in configuration_of(folder).remotes:
        urls.setdefault(name, url)
    url = urls.get("origin", "")
    if not url and len(urls) == 1:
        url = next(iter(urls.values()))
    return url if repository_key(url) and url.isprintable() else ""


def _maybe(folder: Path, *words: str) -> str:
    """What git says, or nothing: for questions whose *no* is an exit status."""
    try:
        return run(folder, *words).decode("utf-8", "replace").strip()
    except GitError:
        return ""
