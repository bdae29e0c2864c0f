"""The answer of ``history``: what ran when, and since when something is wrong, from stored
scans."""

from __future__ import annotations

from datetime import datetime

import msgspec

from jotgraph.analysis.health.model import Code
from jotgraph.analysis.since.model import Span
from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId
from jotgraph.records.trail import Event


class PastDeployment(msgspec.Struct, frozen=True, kw_only=True):
    """What ran during a period."""

    span: Span
    there: bool = True
    """Whether the resource existed; if not, the other fields are empty."""
    digests: tuple[str, ...] = ()
    """Image digests; for a zip package its hash."""
    version: str = ""
    """The version that an alias routed to, or the task definition of an ECS service."""
    weights: tuple[tuple[str, float], ...] = ()
    """(version, share of calls) of an alias's other versions."""
    image_uri: str = ""
    """As the deployer gave it."""
    changed_at: datetime | None = None
    """When it was last changed, according to the first of these scans."""
    commits: tuple[str, ...] = ()
    """The commits that the image is believed to come from, newest first; the first of ``count``."""
    count: int = 0
    snapshot: str = ""
    """The first scan that saw it."""


class FindingSince(msgspec.Struct, frozen=True, kw_only=True):
    """A finding, and since when it exists."""

    code: Code
    statement: str
    span: Span


class History(msgspec.Struct, frozen=True, kw_only=True):
    """The timeline of one resource."""

    about: About
    """The scope of the newest scan."""
    resource: ResourceId
    kind: Kind
    scans: int
    """Number of scans that were used."""
    first: datetime
    """Time of the oldest of these scans."""
    deployments: tuple[PastDeployment, ...] = ()
    """Newest first; empty for a resource that runs nothing."""
    findings: tuple[FindingSince, ...] = ()
    """Findings in the newest scan, worst first."""
    events: tuple[Event, ...] = ()
    """Calls from CloudTrail, if it was asked, newest first."""
