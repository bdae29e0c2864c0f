"""The answer of ``costs``: what the images in ECR cost a month, by repository."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.costs.model import Price, Storage
from jotgraph.graph import About
from jotgraph.records import ResourceId


class RepositoryCost(msgspec.Struct, frozen=True):
    """One repository: what it stores, and how much of that is unused."""

    id: ResourceId
    images: int
    archived: int
    """How many of ``images`` are in the archive class."""
    stored: Storage
    orphans: int
    """How many of its images are orphans."""
    unused: Storage
    """What this repository loses when all orphans of the inventory are deleted."""
    unread: tuple[str, ...] = ()
    """What may hide more images or their sizes; ``stored`` covers what was read."""


class Costs(msgspec.Struct, frozen=True):
    """Repositories by what they cost, the dearest first, and all of them together."""

    about: About
    repositories: tuple[RepositoryCost, ...]
    stored: Storage
    unused: Storage
    unread: tuple[str, ...]
    """What may hide more repositories, images, or their sizes."""
    prices: tuple[Price, ...]
    assumed: tuple[str, ...]
    """Regions without a known price, for which that of us-east-1 is used."""
