"""The answer of ``impact``: what follows if a resource is deleted."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.usage.model import Doubt
from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId


class AffectedResource(msgspec.Struct, frozen=True):
    """One resource that is affected."""

    id: ResourceId
    kind: Kind
    because: str
    path: tuple[ResourceId, ...]
    """The path from it to what is deleted; for a survivor, from the use that keeps it."""
    fails: str = ""
    """What fails later, for something that keeps running: ``next build``, ``next deployment``,
    ``next start``."""


class Impact(msgspec.Struct, frozen=True):
    """What follows if one resource is deleted, or several together."""

    about: About
    resource: ResourceId
    """The first of the resources."""
    breaks: tuple[AffectedResource, ...]
    """What needs them, directly or not, nearest first."""
    rebuilds: tuple[AffectedResource, ...]
    """What keeps running or does not run today, and whose next build, deployment or start fails."""
    left: tuple[AffectedResource, ...]
    """What only they, and what breaks, use: it is left unused."""
    survives: tuple[AffectedResource, ...]
    """What they and others use, each with the use that keeps it."""
    resources: tuple[ResourceId, ...] = ()
    """All resources that were asked about."""
    doubts: tuple[Doubt, ...] = ()
    """What may need them as well, as its needs are unknown or unread."""
