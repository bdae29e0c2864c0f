"""Whether a folder is as a commit has it: what of it differs, and what of it git does not track."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from jotgraph.sources.git.command import NoRepositoryError, token_lists
from jotgraph.sources.git.configuration import configuration_of
from jotgraph.sources.git.place import git_place_of
from jotgraph.sources.git.repository import is_dirty

MOST = 10_000
"""Untracked files that are listed."""


class FolderState(msgspec.Struct, frozen=True):
    """A folder beside the commit that is checked out."""

    revision: str
    """Empty where nothing was committed yet."""
    dirty: bool
    """A tracked file of the repository, or its index, differs from HEAD."""
    untracked: tuple[str, ...] = ()
    """Files below the folder that git neither tracks nor ignores."""


def folder_state(folder: Path) -> FolderState | None:
    """Compare a folder with HEAD; None where it is in no git repository. Raises SourceError."""
    try:
        place = git_place_of(folder)
    except NoRepositoryError:
        return None
    paths: list[str] = []
    words = ("--others", "--exclude-standard", "-z")
    for tokens in token_lists(folder, "ls-files", *words):
        paths += [os.fsdecode(token) for token in tokens if token]
        if len(paths) >= MOST:
            break
    dirty = is_dirty(place, configuration_of(place.folder))
    return FolderState(place.head, dirty, tuple(paths[:MOST]))
