"""Words for what was checked before something is called an orphan, and what cannot be checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.records import (
    KINDS,
    Inventory,
    Place,
    ResourceId,
    Scope,
    key_of,
    kind_of,
    place_of,
)
from jotgraph.records.phrases import counted

_ALWAYS_BLIND = (
    "users of an image that no service names (EC2, pods, CI, laptops) show only as a recent pull",
    "users of a role outside Lambda show only in its trust policy and last use",
    "direct calls of a version by its ARN show only in metrics",
    "accounts that a registry policy admits show only as a recent pull",
)


def named(resource: ResourceId) -> str:
    """``function 111122223333/eu-west-1/checkout``."""
    return f"{kind_of(resource)} {key_of(resource)}"


def blind_spots(scope: Scope) -> tuple[str, ...]:
    """Return the uses that the scan could not see."""
    left = tuple(f"{service} was not scanned" for service in sorted(scope.not_scanned))
    return _ALWAYS_BLIND + left


class Counts(NamedTuple):
    """How many resources were read of each kind that a verdict depends on."""

    functions: Mapping[Place, int]
    versions: Mapping[Place, int]
    images: Mapping[Place, int]
    """Images in ECR."""
    local_images: int
    containers: int


def counts(index: GraphIndex | Inventory) -> Counts:
    """Count the resources of an inventory that a verdict depends on."""
    images: Counter[Place] = Counter()
    if isinstance(index, GraphIndex):
        for repository, records in index.images_in.items():
            images[place_of(repository)] += len(records)
    else:
        images.update(image.place for image in index.ecr_images)
    return Counts(
        functions=Counter(function.place for function in index.functions),
        versions=Counter(version.place for version in index.versions),
        images=images,
        local_images=len(index.local_images),
        containers=len(index.containers),
    )


def looked_at(index: GraphIndex, totals: Counts) -> Callable[[ResourceId], tuple[str, ...]]:
    """Return a function that says, for an orphan, what was read and shows no use of it."""

    @cache
    def lambdas(place: Place) -> str:
        account, region = place
        return (
            f"{counted(totals.functions.get(place, 0), 'function')} and "
            f"{counted(totals.versions.get(place, 0), 'version')} of {account} in {region}"
        )

    @cache
    def here(service: str, place: Place) -> tuple[str, ...]:
        if service == "ecr":
            return (
                lambdas(place),
                "tags, index children and referrers among "
                f"{counted(totals.images.get(place, 0), 'image')}",
                "repository policy, replication and pull-through rules, recent pulls",
            )
        if service == "iam":
            read = sorted(where for where in index.about.scope.places if where[0] == place.account)
            return (
                *(lambdas(Place(*where)) for where in read),
                "trust policy, instance profiles, last use, age and tags",
            )
        if service == "docker":
            return (
                f"{counted(totals.containers, 'container')} and "
                f"{counted(totals.local_images, 'image')} "
                f"of {index.about.scope.engine or 'the engine'}",
                "copies in ECR, commits with its files",
            )
        return (lambdas(place), "aliases, weights, triggers and invocations")

    beginning, statements = "none", tuple[str, ...]()

    def looked(resource: ResourceId) -> tuple[str, ...]:
        """Cached for the place of the previous orphan, since orphans come in order."""
        nonlocal beginning, statements
        if not resource.startswith(beginning):
            kind, place = kind_of(resource), place_of(resource)
            beginning = f"{kind}:{place.account}/{place.region}/" if place.region else resource
            statements = here(KINDS[kind].services[0], place)
        return statements

    return looked
