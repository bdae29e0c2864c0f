"""What is known of the vulnerabilities of an image."""

from __future__ import annotations

from datetime import datetime

import msgspec

from jotgraph.records import ResourceId


class CriticalRunning(msgspec.Struct, frozen=True, gc=False):
    """The critical vulnerabilities in all that runs, each image counted once."""

    count: int
    images: tuple[tuple[ResourceId, int], ...]
    """Images with critical ones and how many, most first."""
    unknown: tuple[tuple[ResourceId, str], ...]
    """Images, and what runs one that was not read, with why nobody knows; sorted."""


class Vulnerabilities(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the last scan of an image found, as far as ECR tells. Unknown is not zero."""

    counts: tuple[tuple[str, int], ...] | None = None
    """(severity, vulnerabilities), the worst first; None where nobody counted."""
    scanned_at: datetime | None = None
    """When the scan that counted them ended."""
    unknown: str = ""
    """Why nobody can say how many there are, in a few words; empty for a scan that holds. There may
    be counts all the same, of an earlier scan: so many, at least."""
    of: ResourceId | None = None
    """The image that was scanned, where it is another: a copy with the same digest, or the worst of
    those that an index lists."""

    def count(self, severity: str) -> int | None:
        """How many of one severity were counted; None where nobody did."""
        return None if self.counts is None else dict(self.counts).get(severity, 0)

    def words(self) -> str:
        """``3 critical, 12 high``; ``none critical or high``; else why nobody knows."""
        if self.counts is None:
            return self.unknown
        shown = [(name, self.count(name)) for name in ("CRITICAL", "HIGH")]
        text = ", ".join(f"{count} {name.lower()}" for name, count in shown if count)
        return (text or "none critical or high") + (f" ({self.unknown})" if self.unknown else "")
