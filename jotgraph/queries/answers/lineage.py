"""A trace: the paths through one resource."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.health import Finding
from jotgraph.analysis.lag import Standing
from jotgraph.graph import About
from jotgraph.links import Grade, Relation
from jotgraph.records import ResourceId


class PathLink(msgspec.Struct, frozen=True):
    """The best evidence for one link of a path."""

    source: ResourceId
    target: ResourceId
    relation: Relation
    grade: Grade
    rule: str
    statement: str


class Path(msgspec.Struct, frozen=True):
    """One lineage."""

    ids: tuple[ResourceId, ...]
    """From commit to role; what is not known or not there is left out."""
    links: tuple[PathLink, ...]
    """Links between these, and that to the commit (which may lead from a copy, an index or an
    attestation of the image)."""
    commits: tuple[str, ...]
    """All SHAs the image may be built from, newest first; the first of ``count``."""
    count: int
    conflict: str
    standing: Standing
    bases: tuple[ResourceId, ...] = ()
    """Images that the image, or a copy of it, may be based on, best evidence first."""


class Trace(msgspec.Struct, frozen=True):
    """The lineages that go through one resource."""

    about: About
    resource: ResourceId
    paths: tuple[Path, ...]
    findings: tuple[Finding, ...]
    """What is wrong with anything on the paths, or was not read of it: its own first, then the
    worst. What a resource shows only because of another on the paths is said of that one."""
    hidden_versions: int
    """Published versions left out: neither the newest nor behind an alias."""
