"""Functions, versions, aliases and triggers of one account and region, from Lambda's listings.

``ListFunctions(FunctionVersion=ALL)`` returns every published version with its digest and role
(Lambda API, ListFunctions). Aliases are listed for functions that have a published version, that a
trigger names by alias, or that run on a capacity provider: any other alias routes to ``$LATEST``
and adds neither an image nor a role. With callers all aliases are listed, since an alias has a
policy of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jotgraph.errors import Failure
from jotgraph.records import (
    Alias,
    Function,
    Gap,
    Kind,
    Trigger,
    Version,
    Workload,
    function_name_of,
    kind_of,
)
from jotgraph.records.references import lambda_target
from jotgraph.sources.aws.calls import Listing, RegionClient
from jotgraph.sources.aws.times import utc
from jotgraph.sources.functions.capacity import latest_published, read_capacity_providers
from jotgraph.sources.functions.configuration import LATEST, configuration_of
from jotgraph.sources.functions.requests import list_aliases, list_configurations, list_triggers
from jotgraph.sources.functions.since import routed_since

ALIASES = ("aliases-of-latest",)
LEFT_OUT = "aliases of functions without a published version"


@dataclass(frozen=True)
class FunctionRead:
    """Lambda of one account and region."""

    functions: tuple[Function, ...] = ()
    versions: tuple[Version, ...] = ()
    aliases: tuple[Alias, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    gaps: tuple[Gap, ...] = ()
    providers: tuple[Workload, ...] = ()
    """Capacity providers."""


def read_functions(place: RegionClient, key: bytes, *, every_alias: bool = False) -> FunctionRead:
    """List functions, versions, aliases and triggers. ``key`` hashes environment values;
    ``every_alias`` also lists aliases of functions without a published version, otherwise a gap
    says that they are left out."""
    listing = list_configurations(place)
    gaps: list[Gap] = []
    if listing.failure:
        hides = (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS)
        gaps.append(place.gap("lambda", "ListFunctions", listing.failure, hides=hides))
    listed = [configuration_of(place, item, key) for item in listing.items]
    functions = tuple(record for record in listed if isinstance(record, Function))
    versions = tuple(record for record in listed if isinstance(record, Version))
    gaps.extend(_unreadable_environments(place, listing.items))
    triggers, trouble = _triggers(place)
    gaps.extend(trouble)
    latest, unread = latest_published(place, functions, versions, key)
    versions, gaps = (*versions, *latest), [*gaps, *unread]
    known = {function.name for function in functions}
    names = named_by_alias(triggers) & known | {version.name for version in versions}
    names |= {function.name for function in functions if function.capacity_provider}
    if every_alias:
        names |= known
    elif known - names:
        gaps.append(place.left_out("lambda", "ListAliases", LEFT_OUT, "--usage", ALIASES))
    aliases, trouble = read_aliases(place, sorted(names))
    gaps.extend(trouble)
    published, behind = routed_since(place, aliases, versions, key)
    versions, gaps = (*versions, *published), [*gaps, *behind]
    providers, unread = read_capacity_providers(place)
    return FunctionRead(functions, versions, aliases, triggers, (*gaps, *unread), providers)


def _unreadable_environments(place: RegionClient, items: Sequence[Mapping[str, Any]]) -> list[Gap]:
    """A gap for variables encrypted with a key that we may not use (Lambda API,
    EnvironmentError)."""
    gaps = []
    for item in items:
        error = (item.get("Environment") or {}).get("Error")
        if error:
            message = f"{error.get('ErrorCode', 'error')}: {error.get('Message', '')}"
            resource = str(item["FunctionName"])
            failure = Failure("denied", f"environment not readable ({message})")
            gaps.append(
                place.gap("lambda", "ListFunctions", failure, resource=resource, facts=("env",))
            )
    return gaps


def read_aliases(place: RegionClient, names: Sequence[str]) -> tuple[tuple[Alias, ...], list[Gap]]:
    """Return the aliases of functions by name, and a gap for each failed listing."""

    def read(name: str) -> Listing:
        return list_aliases(place, name)

    aliases: list[Alias] = []
    gaps: list[Gap] = []
    for name, listing in zip(names, place.each_listing("aliases", read, names), strict=True):
        aliases.extend(alias_of(place, name, item) for item in listing.items)
        if listing.failure:
            hides = (Kind.ALIAS,)
            gaps.append(
                place.gap("lambda", "ListAliases", listing.failure, resource=name, hides=hides)
            )
    return tuple(aliases), gaps


def alias_of(place: RegionClient, function: str, detail: Mapping[str, Any]) -> Alias:
    """Make a record of one AliasConfiguration."""
    weights = (detail.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return Alias(
        account=place.account,
        region=place.region,
        function_name=function,
        name=detail["Name"],
        arn=detail.get("AliasArn", ""),
        version=detail.get("FunctionVersion", LATEST),
        weights=tuple(sorted((version, float(share)) for version, share in weights.items())),
        revision=detail.get("RevisionId", ""),
        description=detail.get("Description", ""),
    )


def _triggers(place: RegionClient) -> tuple[tuple[Trigger, ...], list[Gap]]:
    listing = list_triggers(place)
    triggers = tuple(trigger_of(place, item) for item in listing.items)
    if listing.failure is None:
        return triggers, []
    gap = place.gap(
        "lambda",
        "ListEventSourceMappings",
        listing.failure,
        hides=(Kind.TRIGGER,),
        facts=("callers",),
    )
    return triggers, [gap]


def trigger_of(place: RegionClient, detail: Mapping[str, Any]) -> Trigger:
    """Make a record of one EventSourceMappingConfiguration."""
    return Trigger(
        account=place.account,
        region=place.region,
        uuid=detail["UUID"],
        function_arn=detail.get("FunctionArn", ""),
        source_arn=detail.get("EventSourceArn", ""),
        state=detail.get("State", ""),
        last_modified=utc(detail.get("LastModified")),
    )


def named_by_alias(triggers: Iterable[Trigger]) -> set[str]:
    """Return the functions that a trigger calls by an alias (not by a version's number)."""
    names = set()
    for trigger in triggers:
        target = lambda_target(trigger.function_arn)
        if target and kind_of(target) is Kind.ALIAS:
            names.add(function_name_of(target))
    return names
