"""What is out of date or broken, for each function, version and alias."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.health import Code, Finding
from jotgraph.analysis.lag.model import Standing
from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId


class StaleEntry(msgspec.Struct, frozen=True):
    """One function (its ``$LATEST``), version or alias."""

    id: ResourceId
    kind: Kind
    states: tuple[Code, ...]
    """Codes of the findings that are known, worst first; empty when nothing is wrong."""
    findings: tuple[Finding, ...]
    """What is wrong with it, each in a sentence, worst first; then what could not be judged."""
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


class Staleness(msgspec.Struct, frozen=True):
    """Entries of an inventory, sorted by id."""

    about: About
    ref: str | None
    functions: tuple[StaleEntry, ...]
