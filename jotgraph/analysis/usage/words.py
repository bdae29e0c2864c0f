"""What was checked before something is called an orphan, and what never can be, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.records import (
    KINDS,
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
    """Uses that the scan could not see."""
    left = tuple(f"{service} was not scanned" for service in sorted(scope.not_scanned))
    return _ALWAYS_BLIND + left


def looked_at(index: GraphIndex) -> Callable[[ResourceId], tuple[str, ...]]:
    """A function from an orphan to what was read that holds no use of it."""
    functions = Counter(function.place for function in index.functions)
    versions = Counter(version.place for version in index.versions)
    images = Counter(image.place for image in index.images)

    @cache
    def lambdas(place: Place) -> str:
        account, region = place
        return (
            f"{counted(functions[place], 'function')} and "
            f"{counted(versions[place], 'version')} of {account} in {region}"
        )

    @cache
    def here(service: str, place: Place) -> tuple[str, ...]:
        if service == "ecr":
            return (
                lambdas(place),
                f"tags, index children and referrers among {counted(images[place], 'image')}",
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
                f"{counted(len(index.containers), 'container')} and "
                f"{counted(len(index.local_images), 'image')} "
                f"of {index.about.scope.engine or 'the engine'}",
                "copies in ECR, commits with its files",
            )
        return (lambdas(place), "aliases, weights, triggers and invocations")

    return lambda resource: here(KINDS[kind_of(resource)].services[0], place_of(resource))
