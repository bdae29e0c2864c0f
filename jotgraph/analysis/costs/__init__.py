"""Monthly costs in dollars, computed once for ``costs``, ``summary`` and ``plan``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from jotgraph.analysis.costs.model import (
    ASSUMED,
    Price,
    Storage,
    StorageClass,
    price_of,
    total,
)
from jotgraph.analysis.usage import GraphIndex
from jotgraph.analysis.usage.sizes import Freed, freed
from jotgraph.records import EcrImage, ResourceId, place_of

__all__ = ["assumed_in", "prices_of", "storage", "stored", "total"]


def storage(index: GraphIndex, space: Freed) -> dict[ResourceId, Storage]:
    """Return what the images of ``space`` take in each ECR repository and cost a month."""
    by_repository: dict[ResourceId, list[EcrImage]] = defaultdict(list)
    for image in index.ecr:
        if image.id in space.by_image:
            by_repository[image.repository_id].append(image)
    return {
        repository: _storage(images, space) for repository, images in sorted(by_repository.items())
    }


def stored(index: GraphIndex) -> dict[ResourceId, Storage]:
    """Return what all images take in each ECR repository; a layer counts once in a repository."""
    return storage(index, freed(index, {resource for resource, _ in index.ecr.items()}))


def _storage(images: Iterable[EcrImage], space: Freed) -> Storage:
    by_class = {StorageClass.STANDARD: 0, StorageClass.ARCHIVE: 0}
    at_most, dollars = False, 0.0
    for image in images:
        size, kept = space.by_image[image.id], storage_class(image)
        by_class[kept] += size
        dollars += size / 1e9 * price_of(image.region, kept).dollars
        at_most = at_most or image.id in space.bounds
    archived = by_class[StorageClass.ARCHIVE]
    return Storage(sum(by_class.values()), archived, at_most, dollars)


def storage_class(image: EcrImage) -> StorageClass:
    """Return the storage class of an image; one that is being restored is billed as restored."""
    return StorageClass.ARCHIVE if image.status == "ARCHIVED" else StorageClass.STANDARD


def prices_of(storages: Mapping[ResourceId, Storage]) -> tuple[Price, ...]:
    """Return the prices that the storage in these repositories was computed with."""
    used = {
        price_of(place_of(repository).region, kept)
        for repository, taken in storages.items()
        for kept in (
            StorageClass.STANDARD,
            *([StorageClass.ARCHIVE] if taken.archived_bytes else []),
        )
    }
    return tuple(
        sorted(used, key=lambda price: (price.region != ASSUMED, price.region, price.storage))
    )


def assumed_in(storages: Iterable[ResourceId]) -> tuple[str, ...]:
    """Return the regions whose price is not in the table, so that the one of us-east-1 is used."""
    regions = {place_of(repository).region for repository in storages}
    return tuple(sorted(region for region in regions if price_of(region).region != region))
