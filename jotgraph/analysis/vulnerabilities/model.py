"""The types for vulnerabilities of images."""

from __future__ import annotations

from datetime import datetime

import msgspec

from jotgraph.records import ResourceId


class CriticalRunning(msgspec.Struct, frozen=True, gc=False):
    """The critical vulnerabilities in everything that runs, each image counted once."""

    count: int
    images: tuple[tuple[ResourceId, int], ...]
    """(image, number) of images with critical vulnerabilities, most first."""
    unknown: tuple[tuple[ResourceId, str], ...]
    """Images, and what runs unread ones, with the reason why their number is unknown; sorted."""


class Vulnerabilities(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the last scan of an image found, as far as ECR reports it. Unknown does not mean
    zero."""

    counts: tuple[tuple[str, int], ...] | None = None
    """(severity, number), worst first; None when ECR sent no counts."""
    scanned_at: datetime | None = None
    """When the scan with these counts ended."""
    unknown: str = ""
    """Why the numbers are unknown, in a few words; empty for a valid scan. Counts of an earlier
    scan may be present and are a lower bound."""
    of: ResourceId | None = None
    """The image that was scanned, when it is another: a copy with the same digest, or the worst
    that an index lists."""

    def count(self, severity: str) -> int | None:
        """The number of one severity; None when ECR sent no counts."""
        return None if self.counts is None else dict(self.counts).get(severity, 0)

    def words(self) -> str:
        """``3 critical, 12 high``; ``none critical or high``; else why it is unknown."""
        if self.counts is None:
            return self.unknown
        shown = [(name, self.count(name)) for name in ("CRITICAL", "HIGH")]
        text = ", ".join(f"{count} {name.lower()}" for name, count in shown if count)
        return (text or "none critical or high") + (f" ({self.unknown})" if self.unknown else "")
