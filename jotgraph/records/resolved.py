"""Which images a workload names by a tag whose digest is unknown.

A tag is resolved when a workload is deployed or started, and can move afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.records.kinds import CONSUMERS
from jotgraph.records.references import EcrReference, ecr_reference
from jotgraph.records.workloads import Workload, WorkloadState

_FROZEN = frozenset({"bedrock-agentcore"})
"""Services whose revisions may pin the image that a tag named at creation: whether they do is not
documented."""


def resolves_once(workload: Workload) -> bool:
    """Whether a workload keeps running the images that its tags named at deployment. Files are left
    out: pods report digests, and everything else in a file is a template or a bare name."""
    if workload.service in _FROZEN:
        return True
    return workload.state is WorkloadState.RUNNING and workload.service in CONSUMERS


def unresolved(workload: Workload) -> Iterator[tuple[str, EcrReference]]:
    """Yield the ECR images that a workload names by a tag without a digest: the reference as
    written, and parsed."""
    resolved = {used.image for used in workload.images if used.digest}
    for used in workload.images:
        named = ecr_reference(used.image)
        if named and not named.digest and used.image not in resolved:
            yield used.image, named


def untold(named: EcrReference) -> str:
    """Whether it is unknown which image a tag of a workload runs."""
    tag = f"{named.repository}:{named.tag or 'latest'}"
    return f"which image {tag} named when it was started is not reported"
