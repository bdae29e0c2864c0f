"""The answer of ``orphans``: the verdicts on the resources of an inventory."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.usage.model import Doubt, Verdict
from jotgraph.analysis.usage.sizes import Freed
from jotgraph.analysis.vulnerabilities import Vulnerabilities
from jotgraph.graph import About
from jotgraph.records import Kind, ResourceId


class Judgement(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The verdict on one resource."""

    id: ResourceId
    kind: Kind
    verdict: Verdict
    because: str
    """The reason in one sentence."""
    witness: tuple[ResourceId, ...] = ()
    """IN_USE: the path from a use to the resource, both included."""
    looked_at: tuple[str, ...] = ()
    """ORPHAN: what was read and shows no use of it."""
    doubts: tuple[Doubt, ...] = ()
    """UNKNOWN: every reason."""
    bytes: int | None = None
    """ORPHAN images: the bytes that deleting all the orphans frees; shared ones count at the first
    image. None for kinds without size and where nothing is known."""
    at_most: bool = False
    """Whether ``bytes`` is an upper bound, because layers may be shared with an unread image."""
    age_days: float | None = None
    """Days since it was pushed, created or last changed, at the time of the scan."""
    vulnerabilities: Vulnerabilities | None = None
    """For an ECR image, what its last scan found."""


class Orphans(msgspec.Struct, frozen=True):
    """Verdicts on an inventory, each list sorted by id."""

    about: About
    blind_spots: tuple[str, ...]
    """Uses that no scan covers, so that an orphan may still have them."""
    in_use: tuple[Judgement, ...]
    orphans: tuple[Judgement, ...]
    unknown: tuple[Judgement, ...]
    freed: Freed
    """The bytes that deleting all these orphans frees."""

    def all(self) -> tuple[Judgement, ...]:
        """Every judgement, sorted by id."""
        return tuple(
            sorted((*self.in_use, *self.orphans, *self.unknown), key=lambda judgement: judgement.id)
        )
