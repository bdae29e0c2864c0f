"""Images that run and are gone from ECR or archived, and the copies that are left of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from jotgraph.analysis.provenance.carriers import saved_copies
from jotgraph.graph import ResourceGraph, dependents, of_kind, record, remembered
from jotgraph.links import Grade, Relation
from jotgraph.records import EcrImage, Kind, Missing, ResourceId, digest_of, kind_of


def is_lost(graph: ResourceGraph, image: ResourceId) -> bool:
    """Whether an image in ECR is archived, or known to be gone."""
    node = record(graph, image)
    if isinstance(node, Missing):
        return node.looked
    return isinstance(node, EcrImage) and node.status == "ARCHIVED"


def savers(graph: ResourceGraph, image: ResourceId) -> dict[ResourceId, Grade]:
    """Return the copies of a lost ECR image, best first, each with the grade of its link. They are
    the image itself if archived, the same digest in another repository, and local images."""
    node = record(graph, image)
    if isinstance(node, EcrImage):
        return {image: Grade.PROOF} if node.status == "ARCHIVED" else {}
    elsewhere = _active(graph).get(digest_of(image), ())
    return dict.fromkeys(elsewhere, Grade.PROOF) | saved_copies(graph, image)


@remembered
def _active(graph: ResourceGraph) -> Mapping[str, tuple[ResourceId, ...]]:
    """The images in ECR that can be pulled, by digest."""
    by_digest: dict[str, list[ResourceId]] = defaultdict(list)
    for image in of_kind(graph, Kind.ECR_IMAGE):
        node = record(graph, image)
        if isinstance(node, EcrImage) and node.status == "ACTIVE":
            by_digest[node.digest].append(image)
    return {digest: tuple(images) for digest, images in by_digest.items()}


class Needed(NamedTuple):
    """An image that runs and is gone from ECR, and the grade of the link to a local copy."""

    image: ResourceId
    user: ResourceId
    grade: Grade


@remembered
def needed(graph: ResourceGraph) -> Mapping[ResourceId, Needed]:
    """Return the local images that may be the last copy of an image that runs."""
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
