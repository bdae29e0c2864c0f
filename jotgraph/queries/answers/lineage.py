"""The answer of ``trace``: the paths through one resource."""

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
    """One path from commit to role."""

    ids: tuple[ResourceId, ...]
    """The resources from commit to role, without what is unknown or does not exist."""
    links: tuple[PathLink, ...]
    """The links between these, and the one to the commit, which may start at a copy, an index or an
    attestation of the image."""
    commits: tuple[str, ...]
    """All commits that the image may be built from, newest first; the first of ``count``."""
    count: int
    conflict: str
    standing: Standing
    bases: tuple[ResourceId, ...] = ()
    """Images that the image or a copy of it may be based on, best evidence first."""


class Trace(msgspec.Struct, frozen=True):
    """The paths that go through one resource."""

    about: About
    resource: ResourceId
    paths: tuple[Path, ...]
    findings: tuple[Finding, ...]
    """Findings and unread facts of everything on the paths: the resource's own first, then the
    worst. What a resource only inherits from another one on the paths is reported for that one."""
    hidden_versions: int
    """Number of published versions left out: neither the newest nor behind an alias."""
