"""The answer of ``stale``: what is out of date or broken, for each function, version and alias."""

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
    """Codes of the known findings, worst first; empty when nothing is wrong."""
    findings: tuple[Finding, ...]
    """The findings, worst first; then what could not be judged."""
    runs: tuple[ResourceId, ...]
    follows: tuple[ResourceId, ...]
    """The images that its deployed tag names now."""
    lag: Standing
    """Where the commits that the image is believed to come from stand on the ref."""
    content: Standing | None = None
    """Where the newest commit with exactly its files stands: at most ``content.behind`` of
    ``lag.behind`` commits change files in the image. None when files were not compared."""
    lag_says: str = ""
    """The lag in a sentence: ``14 commits behind main; none changes files in the image``."""


class Staleness(msgspec.Struct, frozen=True):
    """Entries of an inventory, sorted by id."""

    about: About
    ref: str | None
    functions: tuple[StaleEntry, ...]
