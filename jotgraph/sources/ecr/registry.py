"""Settings of one account's registry in one region: who may use it, and where images are copied.

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
    """Read the registry's settings. There is no record where replication or pull-through rules
    could not be read; a policy or exclusions that could not are None. Gaps say which."""
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
    """The registry with nothing but where images are copied to; a rule without a filter is of
    every repository (ECR API, ReplicationRule). Raises CallFailedError."""
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
    """Who may use the registry, as JSON; ``""`` when nothing is said. Raises CallFailedError."""
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
    """(prefix, ``account/region``) that a pull-through rule fetches from, where that is a registry
    of ECR; without a prefix, or with ROOT, every repository there (API_PullThroughCacheRule)."""
    home = ecr_reference(f"{rule.get('upstreamRegistryUrl') or ''}/any")
    if home is None:
        return None
    prefix = rule.get("upstreamRepositoryPrefix") or "ROOT"
    return "" if prefix == "ROOT" else str(prefix), f"{home.account}/{home.region}"


def _pull_exclusions(place: RegionClient) -> tuple[str, ...]:
    """ARNs of principals whose pulls move no pull time (ECR User Guide, pull time update
    exclusions). Raises CallFailedError."""
    listing = place.pages(
        "ecr", "ListPullTimeUpdateExclusions", "pullTimeUpdateExclusions", maxResults=1000
    )
    if listing.failure:
        raise CallFailedError(listing.failure)
    return tuple(sorted(str(arn) for arn in listing.items))
