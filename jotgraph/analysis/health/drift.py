"""Drift: the tag that a function was deployed from now names another image than the one it runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from jotgraph.analysis.provenance.carriers import listed_in
from jotgraph.graph import ResourceGraph, dependencies, record, remembered
from jotgraph.links import Relation
from jotgraph.records import (
    EcrImage,
    ImageType,
    ResourceId,
    UsedImage,
    Workload,
    digest_of,
    ecr_repo_id,
)
from jotgraph.records.references import ecr_reference


class Drift(NamedTuple):
    """What the deployed tag of a function or version names now."""

    moved_to: tuple[ResourceId, ...]
    """The images that the tag names, unless one of them is the running one or an index that lists
    it. An index around the same image (with provenance, or for a second platform) has another
    digest, and what runs is unchanged."""
    unclear: bool
    """Whether the tag names an index whose entries were not read."""


@remembered
def drift(graph: ResourceGraph, resource: ResourceId) -> Drift:
    """Return the drift of a function or version. Images are compared by digest: copies in several
    repositories are one image."""
    runs = set(map(digest_of, dependencies(graph, resource, Relation.RUNS)))
    named = dependencies(graph, resource, Relation.FOLLOWS)
    if not runs or any(_holds(graph, image, runs) for image in named):
        return Drift((), False)
    unclear = any(_unread(graph, image) for image in named)
    return Drift(() if unclear else named, unclear)


def workload_drift(graph: ResourceGraph, workload: Workload) -> Iterator[tuple[UsedImage, Drift]]:
    """Yield the digest that each tag of a workload resolved to at deployment, and what the tag
    names now."""
    follows = dependencies(graph, workload.id, Relation.FOLLOWS)
    for used in workload.images:
        named = ecr_reference(used.image)
        if named is None or named.digest or not used.digest:
            continue
        repository = ecr_repo_id(named.account, named.region, named.repository)
        tagged = tuple(
            image
            for image in follows
            if isinstance(node := record(graph, image), EcrImage)
            and node.repository_id == repository
            and (named.tag or "latest") in node.tags
        )
        same = any(_holds(graph, image, {used.digest}) for image in tagged)
        unclear = not same and any(_unread(graph, image) for image in tagged)
        yield used, Drift(() if same or unclear else tagged, unclear)


def _holds(graph: ResourceGraph, image: ResourceId, digests: Collection[str]) -> bool:
    return any(digest_of(listed) in digests for listed in listed_in(graph, image))


def _unread(graph: ResourceGraph, image: ResourceId) -> bool:
    """Whether an image is an index whose entries were not read, or lists one."""
    return any(
        isinstance(node, EcrImage)
        and node.type is ImageType.INDEX
        and not (node.manifest_read or node.children)
        for node in (record(graph, listed) for listed in listed_in(graph, image))
    )
