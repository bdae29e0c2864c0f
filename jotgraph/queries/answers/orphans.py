"""The verdicts on the resources of an inventory."""

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
    """IN_USE: the way from a use to the resource, both included."""
    looked_at: tuple[str, ...] = ()
    """ORPHAN: what was read and holds no use of it."""
    doubts: tuple[Doubt, ...] = ()
    """UNKNOWN: every reason."""
    bytes: int | None = None
    """ORPHAN images: what deleting all the orphans frees, counted once, at the first of those
    that share it. None where a kind takes no space or nothing is known."""
    at_most: bool = False
    """``bytes`` is an upper bound: layers may be shared with something that was not read."""
    age_days: float | None = None
    """Since it was pushed, created or last changed, at the time of the scan."""
    vulnerabilities: Vulnerabilities | None = None
    """Of an image of ECR: what its last scan found."""


class Orphans(msgspec.Struct, frozen=True):
    """Verdicts on an inventory, each list sorted by id."""

    about: About
    blind_spots: tuple[str, ...]
    """Uses that no scan reads: an orphan is one only as far as these go."""
    in_use: tuple[Judgement, ...]
    orphans: tuple[Judgement, ...]
    unknown: tuple[Judgement, ...]
    freed: Freed
    """What deleting all the orphans of this answer frees."""

    def all(self) -> tuple[Judgement, ...]:
        """Every judgement, sorted by id."""
        return tuple(
            sorted((*self.in_use, *self.orphans, *self.unknown), key=lambda judgement: judgement.id)
        )
