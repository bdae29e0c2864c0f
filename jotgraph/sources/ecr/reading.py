"""What is known of ECR images by digest, and how digests are read: in batches, place by place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

import msgspec

from jotgraph.errors import Failure
from jotgraph.records import EcrImage, Gap, Statement
from jotgraph.records.interning import Interned
from jotgraph.sources.aws.batches import batches
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.cache import Cache
from jotgraph.sources.documents.manifests import Config, Manifest
from jotgraph.sources.environment import TeamVariables

T = TypeVar("T")


@dataclass
class KnownByDigest:
    """What is known by digest, extended in each round of reading."""

    places: Mapping[tuple[str, str], RegionClient]
    stages: Executor
    cache: Cache
    team_variables: TeamVariables = field(default_factory=TeamVariables)
    manifests: dict[str, Manifest] = field(default_factory=dict)
    configs: dict[str, Config] = field(default_factory=dict)
    """By config digest."""
    statements: dict[str, tuple[Statement, ...]] = field(default_factory=dict)
    """By digest of the attestation."""
    failed: set[str] = field(default_factory=set)
    """Digests whose manifest could not be read; ``gaps`` has the reasons."""
    gaps: list[Gap] = field(default_factory=list)
    _interned: Interned = field(default_factory=Interned)

    def keep_manifest(self, digest: str, manifest: Manifest) -> None:
        """Store a parsed manifest; layers that other manifests share are held once."""
        layers = self._interned.layers(manifest.layers)
        self.manifests[digest] = msgspec.structs.replace(manifest, layers=layers)


def homes_of(images: Iterable[EcrImage]) -> Mapping[str, EcrImage]:
    """Return one image for each digest to read it from: the first that is not archived (an archived
    image cannot be pulled)."""
    homes: dict[str, EcrImage] = {}
    for image in sorted(images, key=lambda image: (image.status != "ACTIVE", image.id)):
        homes.setdefault(image.digest, image)
    return homes


def by_place(
    reading: KnownByDigest,
    homes: Mapping[str, EcrImage],
    digests: Iterable[str],
    size: int,
    fetch: Callable[[RegionClient, tuple[EcrImage, ...]], T],
) -> list[tuple[RegionClient, tuple[EcrImage, ...], T | Failure]]:
    """Read digests in batches of one repository each, all places at once; results are in order."""
    shelves: dict[tuple[str, str], dict[str, list[EcrImage]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for digest in sorted(digests):
        image = homes[digest]
        shelves[image.account, image.region][image.repository].append(image)

    def one_place(
        key: tuple[str, str],
    ) -> list[tuple[RegionClient, tuple[EcrImage, ...], T | Failure]]:
        place = reading.places[key]
        asked = [
            tuple(batch)
            for _, images in sorted(shelves[key].items())
            for batch in batches(images, size)
        ]
        results = place.each("manifests and configs", lambda batch: fetch(place, batch), asked)
        return [(place, *pair) for pair in zip(asked, results, strict=True)]

    return list(chain.from_iterable(reading.stages.map(one_place, sorted(shelves))))
