"""Settings of ECR that cast doubt on orphans: repository policies, lifecycle, tags, replication.

Calls, with R repositories of which T have tags: R GetRepositoryPolicy + R GetLifecyclePolicy +
max(1, ceil(T/100)) GetResources (one ListTagsForResource where R is 1, none where it is 0) + the
calls of ``registry.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import EcrRepository, Gap, Pairs, Registry
from jotgraph.sources.aws.calls import Answer, RegionClient
from jotgraph.sources.aws.resource_tags import pairs_of, tagged_resources
from jotgraph.sources.aws.roles import document
from jotgraph.sources.ecr.registry import read_registry
from jotgraph.sources.ecr.requests import (
    get_lifecycle_policy,
    get_repository_policy,
    list_repository_tags,
)
from jotgraph.sources.options import NOT_QUICK

T = TypeVar("T")
NO_SETTING = frozenset({"RepositoryPolicyNotFoundException", "LifecyclePolicyNotFoundException"})
"""Error codes for a repository without that setting."""
LEFT_OUT = "repository policies, lifecycle, tags and replication"


@dataclass(frozen=True)
class SettingsReader:
    """The same repositories, with their settings."""

    repositories: tuple[EcrRepository, ...]
    registries: tuple[Registry, ...] = ()
    gaps: tuple[Gap, ...] = ()


def read_settings(
    place: RegionClient, repositories: tuple[EcrRepository, ...], *, quick: bool
) -> SettingsReader:
    """Read the settings of every repository and of the registry, or record gaps."""
    if quick:
        facts = ("policy", "lifecycle", "tags", "replication", "pull-through", "pull-exclusions")
        gap = place.left_out("ecr", "GetRepositoryPolicy", LEFT_OUT, NOT_QUICK, facts)
        return SettingsReader(repositories, (), (gap,))
    policies, gaps = _each(place, repositories, "GetRepositoryPolicy", "policy", repository_policy)
    lifecycles, more = _each(
        place, repositories, "GetLifecyclePolicy", "lifecycle", lifecycle_policy
    )
    tags, yet_more = _tags(place, repositories)
    registries, last = read_registry(place)
    done = tuple(
        msgspec.structs.replace(repository, policy=policy, lifecycle=lifecycle, tags=tagged)
        for repository, policy, lifecycle, tagged in zip(
            repositories, policies, lifecycles, tags, strict=True
        )
    )
    return SettingsReader(done, registries, (*gaps, *more, *yet_more, *last))


def repository_policy(place: RegionClient, repository: EcrRepository) -> str:
    """Return the repository policy as JSON; ``""`` when there is none. Raises CallFailedError."""
    return _text_or_none(lambda: get_repository_policy(place, repository.name), "policyText")


def lifecycle_policy(place: RegionClient, repository: EcrRepository) -> str:
    """Return the lifecycle policy as JSON; ``""`` when there is none. Raises CallFailedError."""
    return _text_or_none(
        lambda: get_lifecycle_policy(place, repository.name), "lifecyclePolicyText"
    )


def _text_or_none(ask: Callable[[], Answer], member: str) -> str:
    """A document; ``""`` when the repository has none. Raises CallFailedError."""
    try:
        return document(ask().get(member))
    except CallFailedError as error:
        if error.failure.code in NO_SETTING:
            return ""
        raise


def _each(
    place: RegionClient,
    repositories: tuple[EcrRepository, ...],
    action: str,
    fact: str,
    read: Callable[[RegionClient, EcrRepository], T],
) -> tuple[list[T | None], list[Gap]]:
    values: list[T | None] = []
    gaps: list[Gap] = []
    results = place.each(f"ECR {fact}", lambda repository: read(place, repository), repositories)
    for repository, result in zip(repositories, results, strict=True):
        if isinstance(result, Failure):
            values.append(None)
            gaps.append(place.gap("ecr", action, result, resource=repository.name, facts=(fact,)))
        else:
            values.append(result)
    return values, gaps


def _tags(
    place: RegionClient, repositories: tuple[EcrRepository, ...]
) -> tuple[list[Pairs | None], list[Gap]]:
    """All tags at 100 repositories a call; one by one where the tagging API is denied."""
    tagged = tagged_resources(place, "ecr:repository") if len(repositories) > 1 else None
    if tagged is None:
        return _each(place, repositories, "ListTagsForResource", "tags", _repository_tags)
    return [tagged.get(repository.arn, ()) for repository in repositories], []


def _repository_tags(place: RegionClient, repository: EcrRepository) -> Pairs:
    return repository_tags(place, repository.arn)


def repository_tags(place: RegionClient, arn: str) -> Pairs:
    """The tags of one repository. Raises CallFailedError."""
    return pairs_of(list_repository_tags(place, arn)["tags"])
