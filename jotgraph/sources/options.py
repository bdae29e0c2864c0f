"""Options of a scan beside its clients."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from jotgraph.records import Carrier, Convention
from jotgraph.sources.consumers import Consumer
from jotgraph.sources.used_by import UsedBy

REFRESH = "--refresh"
"""The option that reads again what an earlier scan saw, as gaps name it."""
NOT_QUICK = "without --quick"
"""The option that reads what ``--quick`` leaves out, as gaps name it."""


@dataclass(frozen=True)
class ScanOptions:
    """Options of ``collect``; the defaults are those of ``jotgraph scan``."""

    quick: bool = False
    """Leave out GetFunction, settings of repositories, and image configs that are not cached."""
    refresh: bool = True
    """Whether to call GetFunction also for revisions that an earlier scan has seen, because state,
    tags and concurrency change without a new revision. Without it a second scan knows less than a
    first."""
    details: bool = True
    """Whether to make calls for each function. Without it the first answer is the last."""
    usage_days: int = 0
    """Days of invocations to read, with function policies and URLs; 0 reads none. Off unless
    asked for: policies and URLs have no bulk call and cost 15 functions a second."""
    all_labels: bool = False
    """Read the manifests and labels of images that nothing runs, too. ECR counts each as a pull."""
    vulnerabilities: bool = False
    """Whether to read the scan of each running image whose counts no listing contains."""
    logs: bool = False
    """List log groups of functions."""
    inspector: bool = False
    """Ask Inspector, where it scans ECR, which images ECS and EKS use."""
    evidence: tuple[Convention, ...] = ()
    """The team's conventions for revisions."""
    consumers: tuple[Consumer, ...] = ()
    """Further services to read, beside those of the table."""
    env_key: bytes | None = field(default=None, repr=False)
    """Key for hashes of environment values; this machine's own when None."""
    cache: Path | None = None
    """Directory of the cache; ``folders.cache_folder()`` when None."""
    used_by: tuple[UsedBy, ...] = ()
    """Files that say what is used elsewhere, which no call of AWS shows."""
    unfinished: Path | None = None
    """Folder for what was read until the scan is complete, from which an interrupted scan
    resumes."""

    @property
    def revision_names(self) -> frozenset[str]:
        """Return the variables of functions and images that the team names."""
        return frozenset(
            convention.pattern for convention in self.evidence if convention.carrier is Carrier.ENV
        )
