"""Doubts that keep functions, versions and triggers from being orphans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter

from jotgraph.analysis.usage.gaps import (
    from_facts,
    from_gaps,
    functions_unread,
    kept_recent,
    managed_by,
    too_young,
)
from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.analysis.usage.model import Doubt, Options
from jotgraph.analysis.usage.principals import trusted_beside_lambda
from jotgraph.analysis.usage.quarantine import doubts_of
from jotgraph.records import (
    Function,
    Kind,
    Place,
    ResourceId,
    Role,
    Trigger,
    Version,
    function_name_of,
    kind_of,
    name_of,
    phrases,
    place_of,
)
from jotgraph.records.json_text import parsed
from jotgraph.records.phrases import counted
from jotgraph.records.references import LATEST_PUBLISHED, arn_of, lambda_target, role_of

_EDGE_HOME = "us-east-1"
"""The region of Lambda@Edge functions, which have replicas in every region (Lambda@Edge guide)."""
_EDGE = "edgelambda.amazonaws.com"


def version_doubts(
    index: GraphIndex, options: Options, now: datetime
) -> Iterator[tuple[ResourceId, list[Doubt]]]:
    """Yield each published version with its doubts."""
    by_function: dict[ResourceId, list[Version]] = defaultdict(list)
    for version in index.versions:
        by_function[version.function].append(version)
    for function, versions in sorted(by_function.items()):
        shared = _shared(index, function, versions[0])
        owned = index.functions_by_id.get(function)
        newest = sorted(versions, key=attrgetter("order", "number"), reverse=True)
        for rank, version in enumerate(newest):
            doubts = list(shared)
            if version.number == LATEST_PUBLISHED:
                doubts.append(Doubt("no-caller-known", _UNQUALIFIED))
            elif options.keep_last is None:
                doubts.append(
                    Doubt(
                        "no-caller-known",
                        "no alias points to it, and direct calls by its ARN leave no trace",
                    )
                )
            elif rank < options.keep_last:
                several = counted(options.keep_last, "version")
                reason = f"among the newest {several} of its function (kept by policy)"
                doubts.append(Doubt("kept-newest", reason))
            doubts += too_young(now, version.last_modified, options.young_days, "published")
            doubts += kept_recent(now, options.keep_days, {"published": version.last_modified})
            doubts += _uncounted(version)
            doubts += _waiting(index, version)
            if version.capacity_provider:
                doubts.append(Doubt("provisioned-unread", _ON_INSTANCES, "capacity-unread"))
            if owned is not None and owned.policy is None:
                doubts.append(Doubt("policy-unread", "who may call it was not read"))
            if owned is None or owned.provisioned is None:
                doubts.append(Doubt("provisioned-unread", _READY_UNREAD))
            doubts += _edge(index, version)
            doubts += _policies(index, version)
            yield version.id, doubts


_UNQUALIFIED = "calls that name no version may reach it"
_ON_INSTANCES = "how much of it its capacity provider keeps ready was not read"
_READY_UNREAD = "whether it has provisioned concurrency was not read"


def let_in(function: Function) -> frozenset[ResourceId]:
    """Return the parts of a function that its resource policies let somebody call: itself,
    versions, aliases."""
    try:
        document = parsed(function.policy or "{}")
        statements = document.get("Statement") or []
        named = [str(statement.get("Resource")) for statement in statements]
    except (ValueError, AttributeError, TypeError):
        return frozenset()
    return frozenset(filter(None, map(lambda_target, named)))


def alias_doubts(
    index: GraphIndex, options: Options, now: datetime
) -> Iterator[tuple[ResourceId, list[Doubt]]]:
    """Yield each alias, without doubts: people call it by name, so its existence is a use."""
    for alias in index.aliases:
        yield alias.id, []


def function_doubts(
    index: GraphIndex, options: Options, now: datetime
) -> Iterator[tuple[ResourceId, list[Doubt]]]:
    """Yield each function with its doubts; used only when idle functions are asked for."""
    for function in index.functions:
        doubts = _shared(index, function.id, function)
        doubts += _uncounted(function)
        doubts += _waiting(index, function)
        if function.policy is None:
            doubts.append(Doubt("policy-unread", "who may call it was not read"))
        if function.urls is None:
            doubts.append(Doubt("policy-unread", "whether it has a URL was not read", "url-unread"))
        doubts += too_young(now, function.last_modified, options.young_days, "changed")
        doubts += _edge(index, function)
        doubts += doubts_of(function)
        yield function.id, doubts


def trigger_doubts(
    index: GraphIndex, options: Options, now: datetime
) -> Iterator[tuple[ResourceId, list[Doubt]]]:
    """Yield each trigger with doubts about whether its target is gone."""
    for trigger in index.triggers:
        doubts = from_facts(index.facts_unread(trigger.place, trigger.uuid, "lambda")) + too_young(
            now, trigger.last_modified, options.young_days, "changed"
        )
        if trigger.state == "Disabled" and trigger.tags is None:
            doubts.append(Doubt("tags-unread", "its tags were not read: it may be in quarantine"))
        yield trigger.id, [*doubts, *doubts_of(trigger), *_target_unread(index, trigger)]


def target_exists(index: GraphIndex, trigger: Trigger) -> bool:
    """Return whether a trigger's target was read: the function, and the version or alias if
    named."""
    target = lambda_target(trigger.function_arn)
    return target is not None and target in index.judged


def is_target_gone(index: GraphIndex, trigger: Trigger) -> bool:
    """Return whether a trigger's target is known to be gone."""
    return not target_exists(index, trigger) and not _target_unread(index, trigger)


def _target_unread(index: GraphIndex, trigger: Trigger) -> list[Doubt]:
    target = lambda_target(trigger.function_arn)
    if target is None:
        unknown = f"it is not known what {trigger.function_arn or 'it'} calls"
        return [Doubt("gap", unknown, "target-unknown")]
    place = place_of(target)
    if place not in index.places:
        return functions_unread(index, place)
    kinds = sorted({Kind.FUNCTION, kind_of(target)})
    return from_gaps(index.hiding(place, function_name_of(target), *kinds), "what it calls")


def trigger_unused(trigger: Trigger) -> str:
    """Return why a trigger is unused: what it would call and is gone, and its event source."""
    target, source = lambda_target(trigger.function_arn), arn_of(trigger.source_arn)
    called = name_of(target) if target else trigger.function_arn
    calls = f"sends events of {source.resource} to" if source else "calls"
    return f"it {calls} {called}, which is gone"


def _shared(index: GraphIndex, function: ResourceId, of: Function | Version) -> list[Doubt]:
    """Doubts about a function and everything published from it."""
    place = of.place
    if place not in index.places:
        return functions_unread(index, place)
    doubts = from_gaps(
        index.hiding(place, of.name, Kind.ALIAS, Kind.TRIGGER, Kind.FUNCTION, Kind.VERSION),
        "an alias or a trigger",
    )
    doubts += from_facts(index.facts_unread(place, of.name, "lambda", "cloudwatch"))
    record = index.functions_by_id.get(function)
    if record is None or record.tags is None:
        doubts.append(
            Doubt("tags-unread", "the function's tags were not read: a stack may manage it")
        )
    else:
        doubts += managed_by(record.tags)
    return doubts


def _policies(index: GraphIndex, version: Version) -> list[Doubt]:
    """Doubts that an inline policy of a role names a version, which is called by its ARN then."""
    account = Place(version.account, "")
    facts = (gap for gap in index.facts_unread(account, "", "iam") if "invokes" in gap.facts)
    unread = (*index.hiding(account, "", Kind.ROLE), *facts)
    return from_gaps(unread, "a role whose policy names it")


def _uncounted(configuration: Function | Version) -> list[Doubt]:
    if configuration.invocations is None:
        return [Doubt("invocations-unread", "invocations were not read")]
    return []


def _waiting(index: GraphIndex, configuration: Function | Version) -> list[Doubt]:
    """A doubt about waiting durable executions, which continue with the version they began with
    (Lambda guide, durable functions). There is none when no execution began for as long as one may
    last."""
    seconds = configuration.durable_seconds
    if not seconds or index.about.scope.window_days * 86400 >= seconds:
        return []
    lasts = phrases.days(seconds / 86400)
    return [
        Doubt("durable-unread", f"a durable execution, which lasts up to {lasts}, may wait in it")
    ]


def _edge(index: GraphIndex, configuration: Function | Version) -> list[Doubt]:
    """A doubt about Lambda@Edge functions and their replicas. A replica is named after the region
    of its original (API_ListFunctions, MasterRegion)."""
    if "." in configuration.name:
        return [Doubt("edge", "it is a replica, which only Lambda@Edge creates and deletes")]
    if configuration.region != _EDGE_HOME:
        return []
    role = index.roles_by_id.get(role_of(configuration.role_arn) or ResourceId(""))
    if not isinstance(role, Role):
        return [Doubt("edge", "its role was not read: it may have Lambda@Edge replicas")]
    if _EDGE in trusted_beside_lambda(role.trust):
        return [Doubt("edge", "Lambda@Edge may have replicas of it")]
    return []
