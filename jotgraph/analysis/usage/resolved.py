"""Doubts about repositories from which something runs an unknown image.

A workload that names a tag, and whose service does not report the digest, may run any image of the
repository.
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
    """Return a doubt about all images of a repository, by the first such workload that runs one."""
    untold: dict[ResourceId, tuple[ResourceId, str]] = {}
    for workload in filter(resolves_once, index_of(graph).workloads):
        for image, named in unresolved(workload):
            repository = ecr_repo_id(named.account, named.region, named.repository)
            first = untold.get(repository, (workload.id, image))
            untold[repository] = min(first, (workload.id, image))
    return {
        repository: Doubt(
            "digest-unread",
            f"{name_of(workload)} runs what {image} named when it was started; which image that "
            "was is not reported: it may be this one",
        )
        for repository, (workload, image) in untold.items()
    }
