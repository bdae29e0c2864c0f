"""What contains a commit, what lacks it, and what may."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId


class By(StrEnum):
    """What tells that a commit is in an image or is not."""

    HISTORY = "history"
    """Every commit that the image may come from has it in its history, or none has."""
    FILES = "files"
    """The image has the files as the commit left them, or as they were before it."""
    REVERTED = "reverted"
    """The files are as they were before the commit, and a commit that has it in its history has
    them: what it did was taken back."""
    NOTHING = ""
    """It cannot be said."""


class Holder(msgspec.Struct, frozen=True):
    """One resource and its relation to the commit."""

    id: ResourceId
    kind: Kind
    because: str
    by: By = By.NOTHING
    commits: tuple[str, ...] = ()
    """The commits it is believed to come from, newest first; the first of ``count``."""
    count: int = 0
    member: bool | None = None
    """Whether the commit is one of them; None where not all are known."""


class Where(msgspec.Struct, frozen=True):
    """Who contains a commit; each list sorted by id."""

    about: About
    commit: ResourceId
    contains: tuple[Holder, ...]
    lacks: tuple[Holder, ...]
    unknown: tuple[Holder, ...]
