"""Settings of one account's registry in one region: access, and where images are copied.

Calls: 1 DescribeRegistry + 1 GetRegistryPolicy + 1 DescribePullThroughCacheRules + 1
ListPullTimeUpdateExclusions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from jotgraph.errors import CallFailedError
from jotgraph.records import Gap, Registry
from jotgraph.records.references import ecr_reference
from jotgraph.sources.aws.calls import Answer, RegionClient
from jotgraph.sources.aws.roles import document

T = TypeVar("T")


def read_registry(place: RegionClient) -> tuple[tuple[Registry, ...], list[Gap]]:
    """Read the registry's settings. There is no record when replication or pull-through rules could
    not be read; a policy or exclusions that could not are None. Gaps say which."""
    gaps: list[Gap] = []

    def read(action: str, fact: str, ask: Callable[[RegionClient], T]) -> T | None:
        try:
            return ask(place)
        except CallFailedError as error:
            gaps.append(place.gap("ecr", action, error.failure, facts=(fact,)))
            return None

    copied = read("DescribeRegistry", "replication", replication)
    cached = read("DescribePullThroughCacheRules", "pull-through", _pull_through)
    policy = read("GetRegistryPolicy", "policy", registry_policy)
    excluded = read("ListPullTimeUpdateExclusions", "pull-exclusions", _pull_exclusions)
    if copied is None or cached is None:
        return (), gaps
    settings = {
        "policy": policy,
        "pull_through": tuple(sorted(rule["ecrRepositoryPrefix"] for rule in cached)),
        "upstreams": tuple(sorted(set(filter(None, map(_upstream, cached))))),
        "pull_exclusions": excluded,
    }
    return (msgspec.structs.replace(copied, **settings),), gaps


def replication(place: RegionClient) -> Registry:
    """Return the registry with nothing but the destinations of replication. A rule without a filter
    applies to every repository (ECR API, ReplicationRule). Raises CallFailedError."""
    answer = place.ask("ecr", "DescribeRegistry", "registryId")
    rules = (answer.get("replicationConfiguration") or {}).get("rules") or ()
    copied: set[tuple[str, str]] = set()
    for rule in rules:
        filters = rule.get("repositoryFilters") or ()
        # a filter of a type that is not known may mean any name
        prefixes = {
            wanted["filter"] if wanted.get("filterType") == "PREFIX_MATCH" else ""
            for wanted in filters
        } or {""}
        for target in rule.get("destinations") or ():
            destination = f"{target['registryId']}/{target['region']}"
            copied.update((prefix, destination) for prefix in prefixes)
    return Registry(
        account=place.account,
        region=place.region,
        replication=tuple(sorted(target for prefix, target in copied if not prefix)),
        replication_by_prefix=tuple(sorted(pair for pair in copied if pair[0])),
    )


def registry_policy(place: RegionClient) -> str:
    """Return the registry's policy as JSON; ``""`` when there is none. Raises CallFailedError."""
    try:
        return document(place.ask("ecr", "GetRegistryPolicy", "policyText").get("policyText"))
    except CallFailedError as error:
        if error.failure.code == "RegistryPolicyNotFoundException":
            return ""
        raise


def _pull_through(place: RegionClient) -> tuple[Answer, ...]:
    """The pull-through rules. Raises CallFailedError."""
    listing = place.pages(
        "ecr", "DescribePullThroughCacheRules", "pullThroughCacheRules", maxResults=1000
    )
    if listing.failure:
        raise CallFailedError(listing.failure)
    return listing.items


def _upstream(rule: Answer) -> tuple[str, str] | None:
    """(prefix, ``account/region``) of the ECR registry that a pull-through rule fetches from.
    Without a prefix, or with ROOT, it means every repository there (API_PullThroughCacheRule)."""
    home = ecr_reference(f"{rule.get('upstreamRegistryUrl') or ''}/any")
    if home is None:
        return None
    prefix = rule.get("upstreamRepositoryPrefix") or "ROOT"
    return "" if prefix == "ROOT" else str(prefix), f"{home.account}/{home.region}"


def _pull_exclusions(place: RegionClient) -> tuple[str, ...]:
    """ARNs of principals whose pulls do not change pull times (ECR User Guide, pull time update
    exclusions). Raises CallFailedError."""
    listing = place.pages(
        "ecr", "ListPullTimeUpdateExclusions", "pullTimeUpdateExclusions", maxResults=1000
    )
    if listing.failure:
        raise CallFailedError(listing.failure)
    return tuple(sorted(str(arn) for arn in listing.items))
