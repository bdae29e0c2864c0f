"""The answer of ``where``: what contains a commit, what lacks it, and what may contain it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId


class By(StrEnum):
    """How it is known whether an image contains a commit."""

    HISTORY = "history"
    """By history: every commit that the image may come from has it as an ancestor, or none has."""
    FILES = "files"
    """By files: the image has them as the commit left them, or as they were before."""
    REVERTED = "reverted"
    """By files as they were before the commit, though a commit with it as an ancestor has them: it
    was reverted."""
    NOTHING = ""
    """It is unknown."""


class Holder(msgspec.Struct, frozen=True):
    """One resource and its relation to the commit."""

    id: ResourceId
    kind: Kind
    because: str
    by: By = By.NOTHING
    commits: tuple[str, ...] = ()
    """The commits that it is believed to come from, newest first; the first of ``count``."""
    count: int = 0
    member: bool | None = None
    """Whether the commit is one of them; None when not all are known."""


class Where(msgspec.Struct, frozen=True):
    """What contains a commit; each list sorted by id."""

    about: About
    commit: ResourceId
    contains: tuple[Holder, ...]
    lacks: tuple[Holder, ...]
    unknown: tuple[Holder, ...]
