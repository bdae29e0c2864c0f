"""Estimates the calls and duration of a scan before it is made.

It applies the formula in ``jotgraph.sources`` to what an earlier inventory has counted: pages of
listings, and calls for each repository, function and alias. Manifests and labels that are stored
are not counted; those of new images come on top, and a workload counts as one call. For a place
without an inventory the minimum of calls is counted.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from jotgraph.clients import Clients
from jotgraph.clients.aws import BURSTS, RATES
from jotgraph.queries.answers.estimate import Estimate, Limit
from jotgraph.records import (
    Alias,
    CoverageState,
    EcrImage,
    EcrRepository,
    Function,
    Gap,
    Inventory,
    Scope,
    Trigger,
    Version,
    Workload,
)
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import homes_of, open_threads, places_of
from jotgraph.sources.aws.probes import listings_of
from jotgraph.sources.aws.rate_limit import BUDGET, TokenBucket, quota_of
from jotgraph.sources.consumers import BY_SERVICE
from jotgraph.sources.functions.detail import asked_about
from jotgraph.sources.functions.listing import named_by_alias
from jotgraph.sources.functions.tags import DISABLED
from jotgraph.sources.scope import unread_accounts

LATENCY = 0.1
"""Seconds for a call, where nothing else is known."""
Where = tuple[str, str]
"""Account and region."""
R = TypeVar("R", Function, Version, Alias, Trigger, Workload, EcrRepository, EcrImage)


@dataclass(frozen=True)
class ScanPlan:
    """What a scan would read."""

    places: tuple[Where, ...]
    homes: tuple[Where, ...]
    """The region for calls about roles, by account."""
    enabled: tuple[Where, ...] = ()
    """Every region that the accounts have enabled."""
    assumed: frozenset[str] = frozenset()
    """Accounts that are read through a role."""
    quick: bool = False
    usage: bool = False
    names: tuple[tuple[str, str], ...] = ()


@dataclass
class _Calls:
    """Calls by account, region and ``service:Action``."""

    counted: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, where: Where, call: str, number: int = 1) -> None:
        if number:
            self.counted[*where, call] += number


def calls_of(plan: ScanPlan, known: Inventory | None = None) -> Counter[tuple[str, str, str]]:
    """Return how often each call is made, by (account, region, ``service:Action``)."""
    calls, seen = _Calls(), _Known(known)
    for home in plan.homes:
        _account(calls, home, plan, seen)
    for place in plan.places:
        _functions(calls, place, plan, seen)
        _registry(calls, place, plan, seen)
        _workloads(calls, place, seen, whole=True)
    if not plan.quick:
        for place in sorted({*plan.enabled} - {*plan.places}):
            calls.add(place, "lambda:ListFunctions")
            calls.add(place, "lambda:ListCapacityProviders")
            _workloads(calls, place, seen, whole=False)
    return calls.counted


def estimate(plan: ScanPlan, known: Inventory | None = None) -> Estimate:
    """Return the calls, seconds and limits of a scan."""
    counted = calls_of(plan, known)
    total = sum(counted.values())
    by_call: Counter[str] = Counter()
    by_quota: Counter[tuple[str, str, str]] = Counter()
    for (account, region, call), number in counted.items():
        by_call[call] += number
        if (quota := quota_of(call, RATES)) in RATES:
            by_quota[account, region, quota] += number
    limits = sorted(
        (_limit(*quota, number) for quota, number in by_quota.items()),
        key=lambda limit: (-limit.seconds, limit.account, limit.region, limit.quota),
    )
    at_once = total * LATENCY / BUDGET
    longest = limits[0] if limits else None
    seconds, binds = at_once, f"{BUDGET} calls at once of {LATENCY:g} s each"
    if longest is not None and longest.seconds > at_once:
        seconds = longest.seconds
        binds = f"{longest.quota} of {longest.account} in {longest.region}"
    scanned = {*known.scope.places} if known else set()
    return Estimate(
        calls=total,
        seconds=round(seconds, 1),
        binds=binds,
        by_call=tuple(sorted(by_call.items(), key=lambda item: (-item[1], item[0]))),
        limits=tuple(limits),
        known=len({*plan.places} & scanned),
        unknown=len({*plan.places} - scanned),
        names=plan.names,
    )


def _limit(account: str, region: str, quota: str, calls: int) -> Limit:
    rate = RATES[quota]
    burst = TokenBucket(rate, BURSTS.get(quota)).burst
    return Limit(account, region, quota, calls, rate, round(max(0.0, calls - burst) / rate, 1))


def _account(calls: _Calls, home: Where, plan: ScanPlan, known: _Known) -> None:
    everywhere = (home[0], "")  # IAM has no regions
    calls.add(everywhere, "iam:GetAccountAuthorizationDetails", _pages(known.roles[home[0]], 1000))
    calls.add(home, "sts:GetCallerIdentity")
    calls.add(home, "sts:AssumeRole", home[0] in plan.assumed)
    calls.add(home, "ec2:DescribeRegions", not plan.quick)


def _functions(calls: _Calls, place: Where, plan: ScanPlan, known: _Known) -> None:
    functions, versions = known.functions[place], known.versions[place]
    aliases, triggers = known.aliases[place], known.triggers[place]
    providers = sum(workload.service == "lambda" for workload in known.workloads[place])
    names = {function.name for function in functions}
    listed = {version.name for version in versions} | (named_by_alias(triggers) & names)
    calls.add(place, "lambda:ListFunctions", _pages(len(functions) + len(versions), 50))
    calls.add(place, "lambda:ListAliases", len(names if plan.usage else listed))
    calls.add(place, "lambda:ListEventSourceMappings", _pages(len(triggers), 100))
    calls.add(place, "lambda:ListCapacityProviders", _pages(providers, 50))
    if plan.quick:
        return
    asked = asked_about((*functions, *versions), aliases, known.digests)
    calls.add(place, "lambda:GetFunction", len(asked))
    tagged = sum(bool(function.tags) for function in functions)
    calls.add(place, "tagging:GetResources", _pages(tagged, 100) if functions else 0)
    calls.add(place, "lambda:ListTags", sum(trigger.state == DISABLED for trigger in triggers))
    if plan.usage:
        ready = {*listed, *(alias.function_name for alias in aliases)}
        qualified = len(functions) + len(versions) + len(aliases)
        calls.add(place, "lambda:GetPolicy", qualified)
        calls.add(place, "lambda:ListFunctionUrlConfigs", len(functions))
        calls.add(place, "lambda:ListProvisionedConcurrencyConfigs", len(ready))
        calls.add(place, "cloudwatch:GetMetricData", math.ceil(2 * qualified / 500))


def _registry(calls: _Calls, place: Where, plan: ScanPlan, known: _Known) -> None:
    repositories = known.repositories[place]
    images = Counter(image.repository for image in known.images[place])
    calls.add(place, "ecr:DescribeRepositories", _pages(len(repositories), 1000))
    for repository in repositories:
        calls.add(place, "ecr:DescribeImages", _pages(images[repository.name], 1000))
    if plan.quick:
        return
    calls.add(place, "ecr:GetRepositoryPolicy", len(repositories))
    calls.add(place, "ecr:GetLifecyclePolicy", len(repositories))
    if len(repositories) > 1:
        tagged = sum(bool(repository.tags) for repository in repositories)
        calls.add(place, "tagging:GetResources", _pages(tagged, 100))
    else:
        calls.add(place, "ecr:ListTagsForResource", len(repositories))
    for action in (
        "DescribeRegistry", "GetRegistryPolicy", "DescribePullThroughCacheRules",
        "ListPullTimeUpdateExclusions",
    ):  # fmt: skip
        calls.add(place, f"ecr:{action}")


def _workloads(calls: _Calls, place: Where, known: _Known, *, whole: bool) -> None:
    """The first page of each listing of each offered service, and a call for each workload."""
    workloads = Counter(workload.service for workload in known.workloads[place])
    for service, entries in BY_SERVICE:
        if (place, service) in known.absent:
            continue
        client = entries[0].client or service
        for action, *_ in listings_of(entries):
            calls.add(place, f"{client}:{action}")
        calls.add(place, f"{client}:*", workloads[service] if whole else 0)


class _Known:
    """What an earlier inventory has counted, by place; empty without one."""

    def __init__(self, inventory: Inventory | None) -> None:
        self.inventory = inventory or Inventory(taken_at=datetime.min.replace(tzinfo=UTC))
        self.functions = _by_place(self.inventory.functions)
        self.versions = _by_place(self.inventory.versions)
        self.aliases = _by_place(self.inventory.aliases)
        self.triggers = _by_place(self.inventory.triggers)
        self.workloads = _by_place(self.inventory.workloads)
        self.repositories = _by_place(self.inventory.ecr_repositories)
        self.images = _by_place(self.inventory.ecr_images)
        self.roles = Counter(role.account for role in self.inventory.roles)
        self.digests = Counter(image.digest for image in self.inventory.ecr_images)
        self.absent = {
            (coverage.place, coverage.service)
            for coverage in self.inventory.scope.coverage
            if coverage.state is CoverageState.ABSENT
        }


def _by_place(records: Iterable[R]) -> Mapping[Where, list[R]]:
    by_place: defaultdict[Where, list[R]] = defaultdict(list)
    for record in records:
        by_place[record.account, record.region].append(record)
    return by_place


def _pages(number: int, size: int) -> int:
    return max(1, math.ceil(number / size))


def planned(
    clients: Clients, known: Inventory | None = None, *, quick: bool, usage: bool
) -> tuple[ScanPlan, Scope, tuple[Gap, ...]]:
    """Return what a scan with these clients would read. 1 GetCallerIdentity a session shows who is
    signed in, and which role cannot be assumed. Where enabled regions were not read, an earlier
    inventory supplies them."""
    with open_threads(clients.aws) as threads:
        places, unknown = places_of(clients.aws, threads)
        homes = homes_of(places)
    names = tuple(sorted(clients.names.items()))
    earlier = known.scope.enabled if known else ()
    plan = ScanPlan(
        places=tuple((place.account, place.region) for place in places),
        homes=tuple((place.account, place.aws.home) for place in homes),
        enabled=tuple(
            (place.account, region) for place in homes for region in _enabled(place, earlier)
        ),
        assumed=frozenset(place.account for place in homes if place.aws.role_arn),
        quick=quick,
        usage=usage,
        names=names,
    )
    signed_in = tuple(place.account for place in homes)
    scope = Scope(
        accounts=signed_in,
        unread_accounts=unread_accounts(clients, signed_in),
        names=names,
        places=plan.places,
        enabled=plan.enabled,
        quick=quick,
    )
    return plan, scope, (*clients.gaps, *unknown)


def _enabled(place: RegionClient, earlier: Iterable[Where]) -> Iterable[str]:
    if place.aws.enabled is not None:
        return place.aws.enabled
    return [region for account, region in earlier if account == place.account]
