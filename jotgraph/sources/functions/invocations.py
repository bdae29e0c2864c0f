"""Callers of functions, on request: invocations, resource policies and URLs of one place.

Policies and URLs have no bulk call, and each function, alias and version takes one of Lambda's 15
calls a second. When they are not read, a gap says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import Alias, Function, Gap, Version, qualifier_of
from jotgraph.records.json_text import parsed
from jotgraph.records.references import lambda_target
from jotgraph.sources.aws.batches import batches
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.roles import document
from jotgraph.sources.functions.configuration import LATEST
from jotgraph.sources.functions.listing import FunctionRead
from jotgraph.sources.functions.requests import (
    SERIES,
    get_policy,
    list_provisioned,
    list_urls,
    metric_sums,
)

INVOCATIONS, THROTTLES = "Invocations", "Throttles"
"""Metrics of AWS/Lambda."""
MINUTE, HOUR, DAY = 60, 3600, 86400
_AHEAD = timedelta(minutes=30)
"""How far AWS's clock may be ahead of ours."""
_FINE = timedelta(hours=3)
"""The resolution of metrics: values of a minute are stored for 15 days, of an hour for 455
(CloudWatch API, GetMetricData); within three hours the finest are requested."""
NO_CALLERS = "function policies and URLs"
NO_COUNTS = "invocations"

R = TypeVar("R", Function, Version, Alias)
Series = tuple[str, str, str]
"""(function, qualifier, executed version) of one metric; empty where it is not a dimension."""


@dataclass(frozen=True)
class Callers:
    """The possible callers of one function, and its provisioned concurrency."""

    policy: str
    urls: tuple[str, ...]
    provisioned: tuple[str, ...]


def read_callers(place: RegionClient, read: FunctionRead, days: int, now: datetime) -> FunctionRead:
    """Read policies, URLs and invocations of the last ``days`` days; for 0 record a gap."""
    if not read.functions:
        return read
    if days <= 0:
        gaps = (
            place.left_out("lambda", "GetPolicy", NO_CALLERS, "--usage", ("callers",)),
            place.left_out("cloudwatch", "GetMetricData", NO_COUNTS, "--usage", ("invocations",)),
        )
        return replace(read, gaps=(*read.gaps, *gaps))
    functions, gaps_of_callers = with_callers(place, read)
    counted, gaps_of_counts = _counts(place, read, days, now)
    return replace(
        read,
        functions=tuple(_counted(f, counted.get((f.name, "", ""))) for f in functions),
        versions=tuple(_counted(v, _of_version(read, counted, v)) for v in read.versions),
        aliases=tuple(
            _counted(a, counted.get((a.function_name, a.name, ""))) for a in read.aliases
        ),
        gaps=(*read.gaps, *gaps_of_callers, *gaps_of_counts),
    )


def callers_not_yet(place: RegionClient) -> tuple[Gap, ...]:
    """Return the gap for callers and invocations that are still to be read."""
    return (
        place.not_yet("lambda", "GetPolicy", NO_CALLERS, ("callers",)),
        place.not_yet("cloudwatch", "GetMetricData", NO_COUNTS, ("invocations",)),
    )


def _counted(record: R, count: int | None) -> R:
    return msgspec.structs.replace(record, invocations=count)


def with_callers(place: RegionClient, read: FunctionRead) -> tuple[tuple[Function, ...], list[Gap]]:
    """Return the functions with policies, URLs and provisioned concurrency, and a gap for each
    failure."""
    qualified: dict[str, list[str]] = defaultdict(list)
    for alias in read.aliases:
        qualified[alias.function_name].append(alias.name)
    for version in read.versions:
        qualified[version.name].append(version.number)

    def ask(function: Function) -> Callers:
        qualifiers = ["", *sorted(qualified[function.name])]
        policies = [resource_policy(place, function.name, qualifier) for qualifier in qualifiers]
        name = function.name
        ready = provisioned_of(place, name) if qualified[name] else ()
        return Callers(_merged(policies), urls_of(place, name), ready)

    functions: list[Function] = []
    gaps: list[Gap] = []
    results = place.each("function callers", ask, read.functions)
    for function, result in zip(read.functions, results, strict=True):
        if isinstance(result, Failure):
            functions.append(function)
            resource, facts = function.name, ("callers",)
            gaps.append(place.gap("lambda", "GetPolicy", result, resource=resource, facts=facts))
        else:
            functions.append(
                msgspec.structs.replace(
                    function,
                    policy=result.policy,
                    urls=result.urls,
                    provisioned=result.provisioned,
                )
            )
    return tuple(functions), gaps


def resource_policy(place: RegionClient, name: str, qualifier: str = "") -> str:
    """Return a resource policy; ``""`` when there is none (ResourceNotFoundException). Raises
    CallFailedError."""
    try:
        answer = get_policy(place, name, qualifier)
    except CallFailedError as error:
        if error.failure.code == "ResourceNotFoundException":
            return ""
        raise
    return str(answer.get("Policy") or "")


def _merged(policies: Iterable[str]) -> str:
    """One document with the statements of the policies of a function, its aliases and versions,
    whose Resource tells them apart."""
    statements: list[Any] = []
    for text in filter(None, policies):
        statement = parsed(text).get("Statement") or []
        statements.extend(statement if isinstance(statement, list) else [statement])
    return document({"Version": "2012-10-17", "Statement": statements}) if statements else ""


def urls_of(place: RegionClient, name: str) -> tuple[str, ...]:
    """Return the parts of a function with a URL: aliases by name, itself as an empty text. Raises
    CallFailedError."""
    named = (lambda_target(str(url.get("FunctionArn"))) for url in list_urls(place, name).whole())
    return tuple(sorted(qualifier_of(target) if target else "" for target in named))


def provisioned_of(place: RegionClient, name: str) -> tuple[str, ...]:
    """Return the versions and aliases with provisioned concurrency, sorted. Raises
    CallFailedError."""
    listed = list_provisioned(place, name).whole()
    ready = (lambda_target(str(configuration.get("FunctionArn"))) for configuration in listed)
    return tuple(sorted(qualifier_of(target) if target else "" for target in ready))


def _series(read: FunctionRead) -> list[Series]:
    """Every metric to sum: a function with all qualifiers, each alias, each version called by
    number, and each version through an alias (docs.aws.amazon.com/lambda/latest/dg/
    monitoring-metrics-types.html, "Dimensions")."""
    wanted: list[Series] = [(function.name, "", "") for function in read.functions]
    wanted += [(version.name, version.number, "") for version in read.versions]
    for alias in read.aliases:
        wanted.append((alias.function_name, alias.name, ""))
        for number in (alias.version, *(number for number, _ in alias.weights)):
            if number != LATEST:
                wanted.append((alias.function_name, alias.name, number))
    return sorted(set(wanted))


def _of_version(read: FunctionRead, counted: Mapping[Series, int], version: Version) -> int | None:
    """Calls of a version by number and through aliases; None when any part was not read, or cannot
    be separated."""
    parts = [counted.get((version.name, version.number, ""))]
    for alias in read.aliases:
        routed = {alias.version, *(number for number, _ in alias.weights)}
        if alias.function_name == version.name and version.number in routed:
            parts.append(_through(alias, sorted(routed), counted, version.number))
    return None if None in parts else sum(filter(None, parts))


def _through(
    alias: Alias, routed: Sequence[str], counted: Mapping[Series, int], number: str
) -> int | None:
    """Calls of a version through an alias. The guide promises series by executed version only for a
    weighted alias. All calls of an alias with one target are the target's; calls that no series
    divides among several targets may be of any of them."""
    whole = counted.get((alias.function_name, alias.name, ""))
    shares = {
        version: counted.get((alias.function_name, alias.name, version)) for version in routed
    }
    if whole is None or shares[number] is None:
        return None
    if any(shares.values()) or not whole:
        return shares[number]
    return whole if len(routed) == 1 else None


def _counts(
    place: RegionClient, read: FunctionRead, days: int, now: datetime
) -> tuple[Mapping[Series, int], list[Gap]]:
    chunks = batches(_series(read), SERIES)

    def ask(chunk: Sequence[Series]) -> dict[Series, int]:
        return _ask_counts(place, chunk, now - timedelta(days=days), now)

    counted: dict[Series, int] = {}
    gaps: list[Gap] = []
    for result in place.each("invocations", ask, chunks):
        if isinstance(result, Failure):
            facts = ("invocations",)
            gaps.append(place.gap("cloudwatch", "GetMetricData", result, facts=facts))
        else:
            counted.update(result)
    return counted, gaps


def _ask_counts(
    place: RegionClient, chunk: Sequence[Series], since: datetime, until: datetime
) -> dict[Series, int]:
    dimensions = [dimensions_of(series) for series in chunk]
    sums = metric_sums(place, INVOCATIONS, dimensions, since, until, DAY)
    return dict(zip(chunk, sums, strict=True))


def dimensions_of(series: Series) -> dict[str, str]:
    """Return the dimensions of a metric, by name."""
    name, qualifier, executed = series
    dimensions = {"FunctionName": name}
    if qualifier:
        dimensions["Resource"] = f"{name}:{qualifier}"
    if executed:
        dimensions["ExecutedVersion"] = executed
    return dimensions


def counted_by(place: RegionClient, series: Series, metric: str) -> int:
    """Return the sum of one metric within a day, up to the latest time that AWS has. Raises
    CallFailedError."""
    now = datetime.now(UTC)
    since, until = now - timedelta(days=1), now + _AHEAD
    return metric_sums(place, metric, [dimensions_of(series)], since, until, HOUR)[0]


def counted(
    place: RegionClient, functions: Sequence[str], metric: str, since: datetime, now: datetime
) -> dict[str, int]:
    """Return the sum of a metric of each function since a time, versions and aliases included
    (Lambda guide, "Types of metrics"). The times are by this machine's clock, which may differ from
    AWS's, so the longer window is requested. Raises CallFailedError."""
    period = MINUTE if now - since < _FINE else HOUR
    ahead = place.clock.ahead()
    since, until = min(since, since + ahead), max(now, now + ahead) + timedelta(minutes=1)
    counts: dict[str, int] = {}
    for chunk in batches(functions, SERIES):
        dimensions = [dimensions_of((name, "", "")) for name in chunk]
        sums = metric_sums(place, metric, dimensions, since, until, period)
        counts |= dict(zip(chunk, sums, strict=True))
    return counts
