"""Whether the tag that a function was deployed from has moved away from what it runs."""

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
    """What the deployed tag of one function or version names now."""

    moved_to: tuple[ResourceId, ...]
    """The images that it names, when none of them is what runs, or an index that lists it: a build
    that wraps the same image in an index (with provenance, or for a second platform) changes the
    digest that the tag names and not a byte of what runs."""
    unclear: bool
    """It names an index of which nobody read what it lists."""


@remembered
def drift(graph: ResourceGraph, resource: ResourceId) -> Drift:
    """Compare by digest: copies of one image in several repositories are one image."""
    runs = set(map(digest_of, dependencies(graph, resource, Relation.RUNS)))
    named = dependencies(graph, resource, Relation.FOLLOWS)
    if not runs or any(_holds(graph, image, runs) for image in named):
        return Drift((), False)
    unclear = any(_unread(graph, image) for image in named)
    return Drift(() if unclear else named, unclear)


def workload_drift(graph: ResourceGraph, workload: Workload) -> Iterator[tuple[UsedImage, Drift]]:
    """Each image that a workload has by a tag, with the digest that was resolved when it was
    deployed, and what the tag names now."""
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
    """Whether it is an index of which nobody read what it lists, or lists one."""
    return any(
        isinstance(node, EcrImage)
        and node.type is ImageType.INDEX
        and not (node.manifest_read or node.children)
        for node in (record(graph, listed) for listed in listed_in(graph, image))
    )
