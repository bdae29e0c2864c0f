"""The bytes that a deletion frees, without layers shared with what stays.

ECR stores a layer once in a repository, so it is freed when the last image there that lists it
goes. The engine stores a layer once for each chain of layers below it (OCI image spec, ChainID).
Configs and manifests take kilobytes and are not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

import msgspec

from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.records import EcrImage, ImageType, LocalImage, ResourceId

Going = Callable[[Iterable[ResourceId]], Set[ResourceId]]
"""Picks the resources to delete from a group."""


class Freed(msgspec.Struct, frozen=True):
    """Bytes that a set of deletions frees."""

    ecr: int = 0
    local: int = 0
    ecr_at_most: bool = False
    """Whether a manifest was not read, whose layers may be shared."""
    local_at_most: bool = False
    by_image: dict[ResourceId, int] = {}
    """Bytes by image; a layer that several of them share counts for the first by id."""
    bounds: frozenset[ResourceId] = frozenset()
    """Images whose bytes are an upper bound."""


def freed(index: GraphIndex, deleted: Iterable[ResourceId]) -> Freed:
    """Return the bytes freed when exactly ``deleted`` is deleted."""
    return freed_by(index, frozenset(deleted).intersection)


def freed_by(index: GraphIndex, going: Going) -> Freed:
    """Return the bytes freed by what a function picks, repository by repository."""
    by_image: dict[ResourceId, int] = {}
    bounds: set[ResourceId] = set()
    for images in index.images_in.values():
        gone = going(images)
        if gone:
            leave = {resource: image for resource, image in images.items() if resource in gone}
            stay = [image for resource, image in images.items() if resource not in gone]
            _repository(stay, leave, by_image, bounds)
    ecr = sum(by_image.values())
    ecr_bounds = frozenset(bounds)
    if gone := going([image.id for image in index.local_images]):
        _engine(index.local_images, gone, by_image, bounds)
    return Freed(
        ecr=ecr,
        local=sum(by_image.values()) - ecr,
        ecr_at_most=bool(ecr_bounds),
        local_at_most=len(bounds) > len(ecr_bounds),
        by_image=by_image,
        bounds=frozenset(bounds),
    )


def _repository(
    stay: list[EcrImage],
    leave: dict[ResourceId, EcrImage],
    by_image: dict[ResourceId, int],
    bounds: set[ResourceId],
) -> None:
    """An index adds no bytes: its size is that of its largest child, which is listed too."""
    counted = {layer.digest for image in stay for layer in image.layers}
    count = counted.add
    unread = any(not _layers_known(image) for image in stay)
    for resource, image in leave.items():  # in the order of the ids
        if image.type is ImageType.INDEX or image.children:
            by_image[resource] = 0
        elif image.manifest_read:
            size = 0
            for layer in image.layers:
                digest = layer.digest
                if digest not in counted:
                    count(digest)
                    size += layer.size
            by_image[resource] = size
            if unread and size:
                bounds.add(resource)
        else:
            by_image[resource] = image.size
            bounds.add(resource)


def _layers_known(image: EcrImage) -> bool:
    return image.manifest_read or image.type is ImageType.INDEX


def _engine(
    images: list[LocalImage],
    gone: Set[ResourceId],
    by_image: dict[ResourceId, int],
    bounds: set[ResourceId],
) -> None:
    """A layer is shared with images that begin with the same chain. How much lies below a layer is
    known only where some image ends there, so the result is an upper bound."""
    weight: dict[tuple[str, ...], int] = {}
    for image in images:
        if image.diff_ids:
            weight[image.diff_ids] = min(weight.get(image.diff_ids, image.size), image.size)
    chains: set[tuple[str, ...]] = set()
    for image in images:
        if image.id not in gone:
            chains.update(_chain(image))
    unread = any(not image.diff_ids for image in images if image.id not in gone)
    leaving = [image for image in images if image.id in gone]
    for image in sorted(leaving, key=lambda image: image.id):
        chain = _chain(image)
        shared = [at for at in chain if at in chains]
        known = [at for at in shared if at in weight]
        below = max((weight[at] for at in known), default=0)
        by_image[image.id] = max(image.size - below, 0)
        if not chain or unread or len(shared) > len(max(known, key=len, default=())):
            bounds.add(image.id)
        chains.update(chain)


def _chain(image: LocalImage) -> list[tuple[str, ...]]:
    return [image.diff_ids[: n + 1] for n in range(len(image.diff_ids))]
