"""Reading calls for Lambda and its metrics, each made in one place.

A scan turns failures into gaps; whoever reads a single resource stops at them: ``Listing`` and
``Listing.whole`` serve the two. GetFunction, GetAlias and the like raise CallFailedError.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jotgraph.errors import CallFailedError, Failure
from jotgraph.sources.aws.calls import Answer, Listing, RegionClient

SERIES = 500
"""The most MetricDataQueries of one GetMetricData (CloudWatch API)."""


def list_configurations(place: RegionClient) -> Listing:
    """List every function and published version, 50 a page whatever is requested
    (ListFunctions)."""
    return _list(place, "ListFunctions", "Functions", FunctionVersion="ALL", MaxItems=50)


def list_versions(place: RegionClient, name: str) -> Listing:
    """List a function's ``$LATEST`` and published versions."""
    return _list(place, "ListVersionsByFunction", "Versions", FunctionName=name, MaxItems=50)


def list_aliases(place: RegionClient, name: str) -> Listing:
    """The aliases of a function."""
    return _list(place, "ListAliases", "Aliases", FunctionName=name, MaxItems=10000)


def list_triggers(place: RegionClient) -> Listing:
    """Every event source mapping."""
    return _list(place, "ListEventSourceMappings", "EventSourceMappings", MaxItems=100)


def list_urls(place: RegionClient, name: str) -> Listing:
    """The URLs of a function and its aliases."""
    return _list(place, "ListFunctionUrlConfigs", "FunctionUrlConfigs", FunctionName=name)


def list_provisioned(place: RegionClient, name: str) -> Listing:
    """List the versions and aliases of a function with provisioned concurrency."""
    members = "ProvisionedConcurrencyConfigs"
    return _list(place, "ListProvisionedConcurrencyConfigs", members, FunctionName=name)


def list_capacity_providers(place: RegionClient) -> Listing:
    """Every capacity provider, 50 a page."""
    return _list(place, "ListCapacityProviders", "CapacityProviders", MaxItems=50)


def _list(place: RegionClient, action: str, members: str, **params: Any) -> Listing:
    return place.pages("lambda", action, members, token="Marker", next_token="NextMarker", **params)


def get_function(place: RegionClient, name: str, qualifier: str = "") -> Answer:
    """Code, configuration, tags and reserved concurrency."""
    params = {"FunctionName": name, **_qualified(qualifier)}
    return place.ask("lambda", "GetFunction", "Configuration", **params)


def get_alias(place: RegionClient, name: str, alias: str) -> Answer:
    return place.ask("lambda", "GetAlias", "Name", FunctionName=name, Name=alias)


def get_trigger(place: RegionClient, uuid: str) -> Answer:
    return place.ask("lambda", "GetEventSourceMapping", "UUID", UUID=uuid)


def get_policy(place: RegionClient, name: str, qualifier: str = "") -> Answer:
    """The resource policy of a function, version or alias."""
    params = {"FunctionName": name, **_qualified(qualifier)}
    return place.ask("lambda", "GetPolicy", "Policy", **params)


def get_url(place: RegionClient, name: str, qualifier: str = "") -> Answer:
    params = {"FunctionName": name, **_qualified(qualifier)}
    return place.ask("lambda", "GetFunctionUrlConfig", "FunctionUrl", **params)


def get_event_settings(place: RegionClient, name: str, qualifier: str = "") -> Answer:
    """Retries and destinations of asynchronous calls."""
    params = {"FunctionName": name, **_qualified(qualifier)}
    return place.ask("lambda", "GetFunctionEventInvokeConfig", "FunctionArn", **params)


def get_code_signing(place: RegionClient, name: str) -> Answer:
    """Return the code signing configuration of a function, without an ARN when it has none
    (API_GetFunctionCodeSigningConfig)."""
    return place.ask("lambda", "GetFunctionCodeSigningConfig", "FunctionName", FunctionName=name)


def get_recursion(place: RegionClient, name: str) -> Answer:
    """Return whether Lambda stops a function that calls itself: Terminate by default
    (API_GetFunctionRecursionConfig)."""
    return place.ask("lambda", "GetFunctionRecursionConfig", "RecursiveLoop", FunctionName=name)


def get_runtime_management(place: RegionClient, name: str, qualifier: str = "") -> Answer:
    """Return when the runtime of a zip function is updated: Auto by default
    (API_GetRuntimeManagementConfig)."""
    params = {"FunctionName": name, **_qualified(qualifier)}
    return place.ask("lambda", "GetRuntimeManagementConfig", "UpdateRuntimeOn", **params)


def list_function_tags(place: RegionClient, arn: str) -> Answer:
    return place.ask("lambda", "ListTags", "Tags", Resource=arn)


def _qualified(qualifier: str) -> dict[str, str]:
    return {"Qualifier": qualifier} if qualifier else {}


def metric_sums(
    place: RegionClient,
    metric: str,
    dimensions: Sequence[Mapping[str, str]],
    since: datetime,
    until: datetime,
    period: int,
) -> list[int]:
    """Return the sum of an AWS/Lambda metric for each set of dimensions, at most SERIES of them, in
    one call. Raises CallFailedError, also when a sum is missing or incomplete."""
    queries = [
        {"Id": f"s{number}", "MetricStat": _stat(metric, named, period), "ReturnData": True}
        for number, named in enumerate(dimensions)
    ]
    listing = place.pages(
        "cloudwatch",
        "GetMetricData",
        "MetricDataResults",
        token="NextToken",
        MetricDataQueries=queries,
        StartTime=since,
        EndTime=until,
    )
    sums: dict[str, float] = defaultdict(float)
    for result in listing.whole():
        if result.get("StatusCode") in ("InternalError", "Forbidden"):
            raise CallFailedError(Failure("error", f"GetMetricData: {result['StatusCode']}"))
        sums[result["Id"]] += sum(result.get("Values") or ())
    if len(sums) < len(dimensions):
        raise CallFailedError(Failure("error", "GetMetricData left out a metric"))
    return [round(sums[f"s{number}"]) for number in range(len(dimensions))]


def _stat(metric: str, named: Mapping[str, str], period: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in named.items()]
    described = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions}
    return {"Metric": described, "Period": period, "Stat": "Sum"}
