"""What follows if a resource goes."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.usage.model import Doubt
from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId


class AffectedResource(msgspec.Struct, frozen=True):
    """One resource that feels the loss."""

    id: ResourceId
    kind: Kind
    because: str
    path: tuple[ResourceId, ...]
    """From it to what goes; for what survives, from the use that keeps it."""
    fails: str = ""
    """Of what goes on running, what fails later: ``next build``, ``next deployment``, ``next
    start``."""


class Impact(msgspec.Struct, frozen=True):
    """What follows if one resource goes, or several together."""

    about: About
    resource: ResourceId
    """The first of them."""
    breaks: tuple[AffectedResource, ...]
    """Cannot do without it, directly or not, nearest first."""
    rebuilds: tuple[AffectedResource, ...]
    """Goes on running, or does not run today; its next build, deployment or start fails."""
    left: tuple[AffectedResource, ...]
    """Used by it (and by what breaks) alone: left without a use."""
    survives: tuple[AffectedResource, ...]
    """Used by it and by others too, each with the use that keeps it."""
    resources: tuple[ResourceId, ...] = ()
    """All that were asked about."""
    doubts: tuple[Doubt, ...] = ()
    """What may need it as well, and is not told or not read."""
