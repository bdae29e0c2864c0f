"""Doubts about a repository of which something runs an image, and nobody tells which.

Of what runs by a tag, and does not say to which digest it was resolved, any image of the repository
may run.
"""

from __future__ import annotations

from collections.abc import Mapping

from jotgraph.analysis.usage.index import index_of
from jotgraph.analysis.usage.model import Doubt
from jotgraph.graph import ResourceGraph, remembered
from jotgraph.records import ResourceId, ecr_repo_id, name_of
from jotgraph.records.resolved import resolves_once, unresolved


@remembered
def digests_untold(graph: ResourceGraph) -> Mapping[ResourceId, Doubt]:
    """Repository -> a doubt about all its images, by the first workload that runs one of them."""
    untold: dict[ResourceId, tuple[ResourceId, str]] = {}
    for workload in filter(resolves_once, index_of(graph).workloads):
        for image, named in unresolved(workload):
            repository = ecr_repo_id(named.account, named.region, named.repository)
            first = untold.get(repository, (workload.id, image))
            untold[repository] = min(first, (workload.id, image))
    return {
        repository: Doubt(
            "digest-unread",
            f"{name_of(workload)} runs what {image} named when it was started, and which image "
            "that was is not told: it may be this",
        )
        for repository, (workload, image) in untold.items()
    }
