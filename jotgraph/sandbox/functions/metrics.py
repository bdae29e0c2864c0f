"""CloudWatch: GetMetricData of AWS/Lambda from the sandbox's own series; the rest is moto's.

Corrections to moto 5.2: invocations are recorded, and 500 queries over months are answered from
an index instead of a scan of every datum for every period.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

NAMESPACE = "AWS/Lambda"


def _seconds(moment: Any) -> float:
    if isinstance(moment, (int, float)):
        return float(moment)
    return datetime.fromisoformat(str(moment).replace("Z", "+00:00")).timestamp()


def get_metric_data(world: World, request: Request) -> Reply | None:
    """At most 500 queries a call; values summed by period (API_GetMetricData). Only Sum and
    SampleCount are known of Lambda's metrics. Left to moto unless every query is a plain metric
    of AWS/Lambda."""
    queries = request.params.get("MetricDataQueries") or []
    if len(queries) > 500:
        raise AwsError("ValidationError", "The collection MetricDataQueries must not have > 500")
    stats = [query.get("MetricStat") for query in queries]
    if not all(stat and stat["Metric"].get("Namespace") == NAMESPACE for stat in stats):
        return None
    start, end = _seconds(request.params["StartTime"]), _seconds(request.params["EndTime"])
    if start >= end:
        raise AwsError("ValidationError", "The parameter EndTime must be greater than StartTime.")
    newest_first = request.text("ScanBy", "TimestampDescending") == "TimestampDescending"
    series = world.metrics.get((request.account, request.region), {})
    results = []
    for query in queries:
        stat = query["MetricStat"]
        periods = _periods(series, stat, start, end)
        stamps = sorted(periods, reverse=newest_first)
        results.append(
            {
                "Id": query["Id"],
                "Label": query.get("Label") or stat["Metric"]["MetricName"],
                "Timestamps": stamps,
                "Values": [periods[stamp] for stamp in stamps],
                "StatusCode": "Complete",
            }
        )
    return json_reply({"MetricDataResults": results, "Messages": []})


def _periods(
    series: Mapping[tuple[Any, ...], list[tuple[float, float]]],
    stat: Mapping[str, Any],
    start: float,
    end: float,
) -> dict[float, float]:
    """Start of period -> statistic, only periods with data. Without dimensions: the whole
    account, as CloudWatch's own aggregate across all functions."""
    metric = stat["Metric"]
    wanted = sorted((d["Name"], d["Value"]) for d in metric.get("Dimensions") or [])
    period = float(stat["Period"])
    if wanted:
        points = series.get((metric["MetricName"], *wanted), [])
    else:
        points = [
            point
            for key, values in series.items()
            if key[0] == metric["MetricName"] and len(key) == 2
            for point in values
        ]
    sums: dict[float, float] = {}
    for moment, value in points:
        if start <= moment < end:
            stamp = moment - moment % period
            sums[stamp] = sums.get(stamp, 0.0) + (1.0 if stat["Stat"] == "SampleCount" else value)
    return sums


HANDLERS: Mapping[str, Handler] = {"GetMetricData": get_metric_data}
