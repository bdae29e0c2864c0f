"""What a lifecycle policy does to the images of one repository."""

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
    """``expire`` or ``transition``: a function cannot run what is in the archive either."""
    rule: int
    at: datetime | None
    """When it meets the rule; ECR acts within 24 hours. None: not known, so at any time."""
    use: Verdict
    because: str
    """Who uses it, or why nobody can say that it is unused."""
    witness: tuple[ResourceId, ...] = ()
    """The way from a use to the image."""


class Suggestion(msgspec.Struct, frozen=True):
    """A policy under which nothing that is in use, or may be, goes."""

    policy: str | None
    """JSON for PutLifecyclePolicy; None when no rule is safe."""
    notes: tuple[str, ...]
    """What it cannot do, and why."""


class Lifecycle(msgspec.Struct, frozen=True):
    """What a policy does to one repository."""

    about: About
    repository: ResourceId
    policy: str
    """As evaluated; empty when the repository has none."""
    proposed: bool
    """Whether it was given, instead of the repository's own."""
    images: int
    """How many the repository holds."""
    expires: tuple[Expiry, ...]
    """In use first, then by time; what the policy leaves alone is not here."""
    suggestion: Suggestion | None = None

    @property
    def in_use(self) -> tuple[Expiry, ...]:
        return tuple(expiry for expiry in self.expires if expiry.use is Verdict.IN_USE)
