"""The display names of resources in an inventory, computed without a graph."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from jotgraph.records import (
    EcrImage,
    Inventory,
    Kind,
    Record,
    ResourceId,
    ecr_image_id,
    kind_of,
)
from jotgraph.records.titles import title

_BY_RECORD = (Kind.ECR_IMAGE, Kind.LOCAL_IMAGE, Kind.CONTAINER, Kind.TRIGGER)
"""Kinds whose display name is not in the id."""


class Titles:
    """A title for each id, as in ``analysis.health.names.titled``."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def __call__(self, resource: ResourceId) -> str:
        kind = kind_of(resource)
        if kind not in _BY_RECORD:
            return title(resource)
        return title(resource, self._records.get(resource), self._indexes.get(resource, ()))

    @cached_property
    def _records(self) -> dict[ResourceId, Record]:
        return {
            record.id: record for kind in _BY_RECORD for record in self._inventory.of_kind(kind)
        }

    @cached_property
    def _indexes(self) -> dict[ResourceId, list[EcrImage]]:
        """The indexes that list each image."""
        indexes: dict[ResourceId, list[EcrImage]] = defaultdict(list)
        for image in self._inventory.ecr_images:
            for child in image.children:
                listed = ecr_image_id(*image.place, image.repository, child.digest)
                indexes[listed].append(image)
        return indexes
