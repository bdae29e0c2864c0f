"""Which images a workload names by a tag that nobody says the digest of.

A tag is resolved when a workload is deployed or started, and moves afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.records.kinds import CONSUMERS
from jotgraph.records.references import EcrReference, ecr_reference
from jotgraph.records.workloads import Workload, WorkloadState

_FROZEN = frozenset({"bedrock-agentcore"})
"""Services of which a revision may keep the image that its tag named when it was made: whether it
does is not documented."""


def resolves_once(workload: Workload) -> bool:
    """Whether it runs what its tags named once, whatever they name now. What a file lists is left
    out: pods tell their digests, and everything else there is a template or a bare name."""
    if workload.service in _FROZEN:
        return True
    return workload.state is WorkloadState.RUNNING and workload.service in CONSUMERS


def unresolved(workload: Workload) -> Iterator[tuple[str, EcrReference]]:
    """The images of ECR that a workload names by a tag, and that were resolved to no digest: each
    as it is written, and taken apart."""
    resolved = {used.image for used in workload.images if used.digest}
    for used in workload.images:
        named = ecr_reference(used.image)
        if named and not named.digest and used.image not in resolved:
            yield used.image, named


def untold(named: EcrReference) -> str:
    """That nobody knows which image of a tag runs."""
    tag = f"{named.repository}:{named.tag or 'latest'}"
    return f"which image {tag} named when it was started is not told"
