"""Scope -> words: what was looked at before something is called an orphan, and what never is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

from jotgraph.analysis.usage.index import Estate
from jotgraph.records import (
    KINDS,
    Kind,
    Node,
    Place,
    ResourceId,
    Scope,
    Trigger,
    key_of,
    kind_of,
    name_of,
    place_of,
)
from jotgraph.records.references import arn_of, lambda_target

_ALWAYS_BLIND = (
    "users of an image outside Lambda (ECS, EKS, App Runner, Batch, SageMaker, CodeBuild, CI) show "
    "only as a recent pull",
    "users of a role outside Lambda show only in its trust policy and last use",
    "calls of a version by its ARN leave no trace but a metric",
    "accounts that a registry's own policy lets in show only as a recent pull",
    "provisioned concurrency of a version is not read",
)

_NOTHING = {
    Kind.LOCAL_IMAGE: "no container and no child image uses it, and its bytes are kept elsewhere",
    Kind.CONTAINER: "it does not run",
    Kind.ECR_REPO: "it is empty and nothing names it",
    Kind.ECR_IMAGE: "no function or version read runs or follows it, nor any index, signature or "
    "attestation it stands or falls with",
    Kind.FUNCTION: "no trigger, URL, policy or invocation was found",
    Kind.VERSION: "no alias, trigger or policy names it, nobody called it, and newer ones are kept",
    Kind.ALIAS: "nothing routes through it",
    Kind.ROLE: "no function or version read assumes it",
}


def unused(node: Node) -> str:
    """Why nothing uses an orphan, in one sentence."""
    if isinstance(node, Trigger):
        target, source = lambda_target(node.function_arn), arn_of(node.source_arn)
        called = name_of(target) if target else node.function_arn
        return f"{called}, which it calls{f' for {source.resource}' if source else ''}, is gone"
    return _NOTHING[kind_of(node.id)]


def named(resource: ResourceId) -> str:
    """``function 111122223333/eu-west-1/checkout``."""
    return f"{kind_of(resource)} {key_of(resource)}"


def blind_spots(scope: Scope) -> tuple[str, ...]:
    """Uses that the scan could not see."""
    left = tuple(f"{each} was not scanned" for each in sorted(scope.not_scanned))
    return _ALWAYS_BLIND + left


def looked_at(estate: Estate) -> Callable[[ResourceId], tuple[str, ...]]:
    """A function from an orphan to what was read that holds no use of it."""
    functions = Counter(each.place for each in estate.functions)
    versions = Counter(each.place for each in estate.versions)
    images = Counter(each.place for each in estate.images)

    @cache
    def lambdas(place: Place) -> str:
        account, region = place
        return (
            f"{functions[place]} functions and {versions[place]} versions of {account} in {region}"
        )

    @cache
    def here(service: str, place: Place) -> tuple[str, ...]:
        if service == "ecr":
            return (
                lambdas(place),
                f"tags, index children and referrers among {images[place]} images",
                "repository policy, replication and pull-through rules, recent pulls",
            )
        if service == "iam":
            read = sorted(each for each in estate.about.scope.places if each[0] == place.account)
            return (
                *(lambdas(Place(*each)) for each in read),
                "trust policy, instance profiles, last use, age and tags",
            )
        if service == "docker":
            return (
                f"{len(estate.containers)} containers and {len(estate.local_images)} images "
                f"of {estate.about.scope.engine or 'the engine'}",
                "copies in ECR, commits with its files",
            )
        return (lambdas(place), "aliases, weights, triggers and invocations")

    return lambda resource: here(KINDS[kind_of(resource)].service, place_of(resource))
