"""The answer of ``lifecycle``: what a lifecycle policy does to the images of one repository."""

from __future__ import annotations

from datetime import datetime

import msgspec

from jotgraph.analysis.usage.model import Verdict
from jotgraph.graph import About
from jotgraph.records import ResourceId


class Expiry(msgspec.Struct, frozen=True):
    """One image that a policy expires or archives."""

    id: ResourceId
    tags: tuple[str, ...]
    action: str
    """``expire`` or ``transition``: an archived image cannot run either."""
    rule: int
    at: datetime | None
    """When it meets the rule; ECR acts within 24 hours. None: unknown, so at any time."""
    use: Verdict
    because: str
    """Who uses it, or why it may be in use."""
    witness: tuple[ResourceId, ...] = ()
    """The path from a use to the image."""


class Suggestion(msgspec.Struct, frozen=True):
    """A policy that removes nothing that is, or may be, in use."""

    policy: str | None
    """JSON for PutLifecyclePolicy; None when no rule is safe."""
    notes: tuple[str, ...]
    """What it cannot do, and why."""


class Lifecycle(msgspec.Struct, frozen=True):
    """What a policy does to one repository."""

    about: About
    repository: ResourceId
    policy: str
    """The evaluated policy; empty when the repository has none."""
    proposed: bool
    """Whether the policy was given instead of the repository's own."""
    images: int
    """How many images the repository holds."""
    expires: tuple[Expiry, ...]
    """Images that the policy removes or archives: those in use first, then by time."""
    suggestion: Suggestion | None = None

    @property
    def in_use(self) -> tuple[Expiry, ...]:
        return tuple(expiry for expiry in self.expires if expiry.use is Verdict.IN_USE)
