"""What ran when, and since when something is wrong, as stored scans tell it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from jotgraph.analysis.health.model import Code
from jotgraph.analysis.since.model import Span
from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId
from jotgraph.records.trail import Event


class PastDeployment(msgspec.Struct, frozen=True, kw_only=True):
    """What ran for a time."""

    span: Span
    there: bool = True
    """Whether it was there; the rest is empty where it was not."""
    digests: tuple[str, ...] = ()
    """Of the images; of a zip package its hash."""
    version: str = ""
    """Of an alias, that it sent calls to; of an ECS service its task definition where it is
    named."""
    weights: tuple[tuple[str, float], ...] = ()
    """(version, share of calls) of the other versions of an alias."""
    image_uri: str = ""
    """As the deployer gave it."""
    changed_at: datetime | None = None
    """When it was last changed, as the first of these scans read it."""
    commits: tuple[str, ...] = ()
    """That the image is believed to come from, newest first; the first of ``count``."""
    count: int = 0
    snapshot: str = ""
    """The first that saw it."""


class FindingSince(msgspec.Struct, frozen=True, kw_only=True):
    """Since when something is wrong."""

    code: Code
    statement: str
    span: Span


class History(msgspec.Struct, frozen=True, kw_only=True):
    """The timeline of one resource."""

    about: About
    """Of the newest scan."""
    resource: ResourceId
    kind: Kind
    scans: int
    """How many were looked at."""
    first: datetime
    """The time of the oldest of them."""
    deployments: tuple[PastDeployment, ...] = ()
    """Newest first; none of a resource that runs nothing."""
    findings: tuple[FindingSince, ...] = ()
    """Of the newest scan, worst first."""
    events: tuple[Event, ...] = ()
    """Calls that CloudTrail recorded, where it was asked; newest first."""
