"""Functions -> how often they were called, or refused for want of concurrency, since when.

CloudWatch's ``Invocations`` and ``Throttles`` of AWS/Lambda by function, which count all its
versions and aliases (Lambda guide, "Types of metrics").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from jotgraph.failures import CallFailedError, Failure
from jotgraph.records import ResourceId
from jotgraph.sources.functions.invocations import SERIES
from jotgraph.sources.session import World
from jotgraph.sources.single import parts

INVOCATIONS, THROTTLES = "Invocations", "Throttles"
_MINUTE, _HOUR = 60, 3600
_FINE = timedelta(hours=3)
"""Values of a minute are kept 15 days, of an hour 455 (CloudWatch API, GetMetricData); within three
hours the finest are asked."""


def counted(
    world: World, functions: Sequence[ResourceId], metric: str, since: datetime, now: datetime
) -> dict[ResourceId, int]:
    """The sum of a metric of each function since a time. Raises CallFailedError."""
    places: dict[tuple[str, str], list[ResourceId]] = defaultdict(list)
    for each in functions:
        places[parts(each)[:2]].append(each)
    found: dict[ResourceId, int] = {}
    for (account, region), here in sorted(places.items()):
        for first in range(0, len(here), SERIES):
            chunk = here[first : first + SERIES]
            found |= _asked(world, account, region, chunk, metric, since, now)
    return found


def _asked(
    world: World,
    account: str,
    region: str,
    functions: Sequence[ResourceId],
    metric: str,
    since: datetime,
    now: datetime,
) -> dict[ResourceId, int]:
    period = _MINUTE if now - since < _FINE else _HOUR
    queries = [
        {
            "Id": f"f{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/Lambda",
                    "MetricName": metric,
                    "Dimensions": [{"Name": "FunctionName", "Value": parts(each)[2]}],
                },
                "Period": period,
                "Stat": "Sum",
            },
            "ReturnData": True,
        }
        for number, each in enumerate(functions)
    ]
    listing = world.place(account, region).pages(
        "cloudwatch",
        "GetMetricData",
        "MetricDataResults",
        token="NextToken",
        MetricDataQueries=queries,
        StartTime=since,
        EndTime=now + timedelta(minutes=1),
    )
    if listing.failure:
        raise CallFailedError(listing.failure)
    sums: dict[str, float] = {}
    for item in listing.items:
        if item.get("StatusCode") in ("InternalError", "Forbidden"):
            raise CallFailedError(Failure("error", f"GetMetricData: {item['StatusCode']}"))
        sums[item["Id"]] = sums.get(item["Id"], 0) + sum(item.get("Values") or ())
    if len(sums) < len(functions):
        raise CallFailedError(Failure("error", "GetMetricData left out a metric"))
    return {each: round(sums[f"f{number}"]) for number, each in enumerate(functions)}
