"""Images that run and are gone from ECR, or archived, and what they can be had from again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from jotgraph.analysis.provenance.carriers import saved_copies
from jotgraph.graph import ResourceGraph, dependents, of_kind, record, remembered
from jotgraph.links import Grade, Relation
from jotgraph.records import EcrImage, Kind, Missing, ResourceId, digest_of, kind_of


def is_lost(graph: ResourceGraph, image: ResourceId) -> bool:
    """Whether an image in ECR is known to be gone, or is archived."""
    node = record(graph, image)
    if isinstance(node, Missing):
        return node.looked
    return isinstance(node, EcrImage) and node.status == "ARCHIVED"


def savers(graph: ResourceGraph, image: ResourceId) -> dict[ResourceId, Grade]:
    """What an image in ECR that is gone or archived can be had from again, best first: itself out
    of the archive, the same digest in another repository, a local image."""
    node = record(graph, image)
    if isinstance(node, EcrImage):
        return {image: Grade.PROOF} if node.status == "ARCHIVED" else {}
    elsewhere = _active(graph).get(digest_of(image), ())
    return dict.fromkeys(elsewhere, Grade.PROOF) | saved_copies(graph, image)


@remembered
def _active(graph: ResourceGraph) -> Mapping[str, tuple[ResourceId, ...]]:
    """Images in ECR that can be pulled, by digest."""
    by_digest: dict[str, list[ResourceId]] = defaultdict(list)
    for image in of_kind(graph, Kind.ECR_IMAGE):
        node = record(graph, image)
        if isinstance(node, EcrImage) and node.status == "ACTIVE":
            by_digest[node.digest].append(image)
    return {digest: tuple(images) for digest, images in by_digest.items()}


class Needed(NamedTuple):
    """An image that runs and is gone from ECR, and how sure it is that a local one is its copy."""

    image: ResourceId
    user: ResourceId
    grade: Grade


@remembered
def needed(graph: ResourceGraph) -> Mapping[ResourceId, Needed]:
    """Local images from which an image that runs, and is gone from all of ECR, may be had again."""
    by_saver: dict[ResourceId, Needed] = {}
    for image in sorted(graph):
        if kind_of(image) is not Kind.ECR_IMAGE or not isinstance(record(graph, image), Missing):
            continue
        users = dependents(graph, image, Relation.RUNS)
        left = savers(graph, image) if users and is_lost(graph, image) else {}
        if all(kind_of(saver) is Kind.LOCAL_IMAGE for saver in left):
            for saver, grade in left.items():
                by_saver.setdefault(saver, Needed(image, users[0], grade))
    return by_saver
