"""What the images in ECR cost a month, by repository."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.costs.model import Price, Storage
from jotgraph.graph import About
from jotgraph.records import ResourceId


class RepositoryCost(msgspec.Struct, frozen=True):
    """One repository: what it stores, and what of that nothing uses."""

    id: ResourceId
    images: int
    archived: int
    """Those of ``images`` that are in the archive class."""
    stored: Storage
    orphans: int
    """Images that are orphans."""
    unused: Storage
    """What deleting the orphans of the whole inventory frees here."""
    unread: tuple[str, ...] = ()
    """What hides more images, or their sizes: ``stored`` is of what was read."""


class Costs(msgspec.Struct, frozen=True):
    """Repositories by what they cost, the dearest first, and all of them together."""

    about: About
    repositories: tuple[RepositoryCost, ...]
    stored: Storage
    unused: Storage
    unread: tuple[str, ...]
    """What hides more repositories, images, or their sizes."""
    prices: tuple[Price, ...]
    assumed: tuple[str, ...]
    """Regions whose price was not looked up: that of us-east-1 is taken."""
