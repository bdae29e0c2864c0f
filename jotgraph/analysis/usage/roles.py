"""Doubts that keep a role from being an orphan. 198 of the 434 services in botocore's models take
role ARNs; a scan reads one of them, so everything that hints at another is a doubt."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from jotgraph.analysis.usage.consumers import TRUSTED, role_consumers
from jotgraph.analysis.usage.gaps import before_update, days, from_facts, from_gaps, managed_by
from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.analysis.usage.model import Doubt, Options
from jotgraph.analysis.usage.principals import trusted_beside_lambda
from jotgraph.analysis.usage.quarantine import doubts_of
from jotgraph.records import Kind, Place, ResourceId, Role, key_of, phrases
from jotgraph.records.quarantine import denied

IAM_TELLS = 400.0
"""Days for which IAM reports the last use of a role (IAM User Guide, "Refine permissions using last
accessed information")."""
_NAMED_AT_START = frozenset({"ecs-tasks.amazonaws.com", "codebuild.amazonaws.com"})
"""Principals whose roles can be passed at start without any definition naming them (API_RunTask,
overrides; API_StartBuild, serviceRoleOverride)."""
_OF_AWS = ("/aws-service-role/", "/aws-reserved/")
_PRINCIPALS_SHOWN = 3
_REGIONS_SHOWN = 3


def role_doubts(
    index: GraphIndex, options: Options, now: datetime
) -> Iterator[tuple[ResourceId, list[Doubt]]]:
    """Yield each role with its doubts."""
    shared: dict[str, list[Doubt]] = {}
    for role in index.roles:
        if role.account not in shared:
            elsewhere = [] if "lambda" in options.assume_no else _regions(index, role.account)
            shared[role.account] = _account(index, role.account) + elsewhere
        doubts = list(shared[role.account])
        doubts += from_facts(index.facts_unread(Place(role.account, ""), role.name, "iam"))
        trusted = () if denied(role.trust) else trusted_beside_lambda(role.trust)
        others = [principal for principal in trusted if principal not in TRUSTED]
        doubts += role_consumers(index, role.account, trusted, options)
        if others:
            named = ", ".join(others[:_PRINCIPALS_SHOWN])
            doubts.append(Doubt("role-trust", f"its trust policy trusts {named}"))
        if role.instance_profiles:
            profile = role.instance_profiles[0]
            doubts.append(
                Doubt("role-instance-profile", f"it is in the instance profile {profile}")
            )
        if role.path.startswith(_OF_AWS):
            doubts.append(Doubt("role-service-linked", f"its path {role.path} belongs to AWS"))
        doubts += managed_by(role.tags)
        doubts += doubts_of(role)
        doubts += _age(role, options, now)
        doubts += _last_use(index, role, _used_days(trusted, options), now)
        yield role.id, doubts


def _account(index: GraphIndex, account: str) -> list[Doubt]:
    """Doubts about every role of one account. A function passes only roles of its own account
    (Lambda CreateFunction: cross-account pass role is not allowed)."""
    doubts = from_gaps(
        index.hiding(Place(account, ""), "", Kind.FUNCTION, Kind.VERSION), "a function or version"
    )
    providers = index.hiding(Place(account, ""), "", Kind.WORKLOAD)
    doubts += from_gaps(
        (gap for gap in providers if gap.service == "lambda" and Kind.FUNCTION not in gap.hides),
        "a capacity provider that assumes it",
    )
    unclear = next(iter(index.unclear_roles.get(account, ())), None)
    if unclear:
        doubts.append(Doubt("runs-unread", f"which role {key_of(unclear)} assumes was not read"))
    doubts += before_update(index, Place(account, ""), "assume the role")
    return doubts


def _regions(index: GraphIndex, account: str) -> list[Doubt]:
    """Doubts about regions where an unread function may assume a role of the account."""
    scope = index.about.scope
    read = {place.region for place in index.lambda_places if place.account == account}
    enabled = {region for owner, region in scope.enabled if owner == account}
    if not enabled:
        what = f"which regions {account} has enabled was not read, only {_listed(read)}"
        return [Doubt("regions-unread", f"{what}: a function elsewhere may assume it")]
    if enabled - read:
        what = f"Lambda of {account} in {_listed(enabled - read)} was not read"
        return [Doubt("regions-unread", f"{what}: a function there may assume it")]
    return []


def _age(role: Role, options: Options, now: datetime) -> list[Doubt]:
    number = days(now, role.created_at)
    if number is None:
        return [Doubt("age-unknown", "when it was created was not read")]
    if number < options.role_young_days:
        period = phrases.days(options.role_young_days)
        return [Doubt("role-young", f"created {phrases.age(number)} (kept for {period})")]
    return []


def _used_days(trusted: Collection[str], options: Options) -> float:
    """Days for which a use keeps a role in doubt. Where a task or build can be started with any
    role, this is as long as IAM reports a use: nothing else would show it."""
    return max(options.role_used_days, IAM_TELLS if _NAMED_AT_START.intersection(trusted) else 0)


def _last_use(index: GraphIndex, role: Role, used_days: float, now: datetime) -> list[Doubt]:
    used = days(now, role.last_used_at)
    if used is None:
        return []
    doubts = []
    if used < used_days:
        doubts.append(Doubt("role-used", f"used {phrases.age(used)}"))
    if Place(role.account, role.last_used_region) not in index.lambda_places:
        where = role.last_used_region or "an unknown region"
        doubts.append(Doubt("role-used-elsewhere", f"last used in {where}, which was not read"))
    return doubts


def _listed(regions: set[str]) -> str:
    names = sorted(regions)
    more = len(names) - _REGIONS_SHOWN
    shown = ", ".join(names[:_REGIONS_SHOWN]) or "no region"
    return f"{shown} and {more} more regions" if more > 0 else shown
