"""What is out of date or broken, for each function, version and alias."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jotgraph.analysis.lag.model import Standing
from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId


class Stale(StrEnum):
    """What may be wrong with something that runs."""

    BROKEN = "broken"
    ROLE_RECREATED = "role-recreated"
    DRIFT = "drift"
    LAG = "lag"
    IDLE = "idle"


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong, in one sentence."""

    state: Stale
    because: str


class Entry(msgspec.Struct, frozen=True):
    """One function (its ``$LATEST``), version or alias."""

    id: ResourceId
    kind: Kind
    states: tuple[Stale, ...]
    """Worst first; empty when nothing is wrong."""
    findings: tuple[Finding, ...]
    """Each with its reason, worst first."""
    runs: tuple[ResourceId, ...]
    follows: tuple[ResourceId, ...]
    """What its deployed tag names now."""
    lag: Standing
    """Where the commits that the image is said to come from stand on the ref."""
    content: Standing | None = None
    """Where the newest commit with exactly its files stands: of ``lag.behind`` commits at most
    ``content.behind`` touch what is in the image. None when its files were not compared."""
    lag_says: str = ""
    """The lag in a sentence: ``14 commits behind main; none changes files in the image``."""
    unread: tuple[str, ...] = ()
    """What could not be judged, and why."""


class Staleness(msgspec.Struct, frozen=True):
    """Entries of an estate, sorted by id."""

    about: About
    ref: str | None
    functions: tuple[Entry, ...]
