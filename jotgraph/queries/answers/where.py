"""What contains a commit, what lacks it, and what may."""

from __future__ import annotations

import msgspec

from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId


class Holder(msgspec.Struct, frozen=True):
    """One resource and its relation to the commit."""

    id: ResourceId
    kind: Kind
    because: str
    commits: tuple[str, ...] = ()
    """The commits it is believed to come from, newest first; the first of ``count``."""
    count: int = 0


class Where(msgspec.Struct, frozen=True):
    """Who contains a commit; each list sorted by id."""

    about: About
    commit: ResourceId
    contains: tuple[Holder, ...]
    lacks: tuple[Holder, ...]
    unknown: tuple[Holder, ...]
