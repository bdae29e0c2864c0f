"""The manifests of all images of a few repositories, for the exact bytes that a deletion frees.

A scan reads what its links need. The bytes freed depend on every image of the repository that
shares a layer, including those that stay.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import msgspec

from jotgraph.clients import Clients
from jotgraph.records import EcrImage, Inventory, ResourceId
from jotgraph.sources.aws.places import open_threads, places_of
from jotgraph.sources.cache import Cache
from jotgraph.sources.ecr.by_digest import read_manifests
from jotgraph.sources.ecr.images import with_documents
from jotgraph.sources.ecr.own_pulls import with_own_pull
from jotgraph.sources.ecr.reading import KnownByDigest, homes_of


def unweighed(inventory: Inventory, repositories: Collection[ResourceId]) -> tuple[EcrImage, ...]:
    """Return the images of the repositories whose manifest is unread and available: archived ones
    cannot be pulled."""
    return tuple(
        image
        for image in inventory.ecr_images
        if image.repository_id in repositories
        and not image.manifest_read
        and image.status == "ACTIVE"
    )


def with_manifests(
    inventory: Inventory,
    images: Collection[EcrImage],
    clients: Clients,
    cache: Path | None = None,
) -> Inventory:
    """Return the inventory with the manifests of these images. Calls: 1 BatchGetImage for 100 of a
    repository, and 1 STS a session. What cannot be read stays unread, which only affects sizes."""
    with open_threads(clients.aws) as threads:
        places = {
            (place.account, place.region): place for place in places_of(clients.aws, threads)[0]
        }
        here = [image for image in images if (image.account, image.region) in places]
        reading = KnownByDigest(places, threads.stages, Cache(cache))
        read_manifests(reading, homes_of(here), {image.digest for image in here}, ())
    weighed = {
        image.id: with_own_pull(reading.cache, with_documents(image, reading, frozenset()))
        for image in here
    }
    return msgspec.structs.replace(
        inventory,
        ecr_images=tuple(weighed.get(image.id, image) for image in inventory.ecr_images),
    )
