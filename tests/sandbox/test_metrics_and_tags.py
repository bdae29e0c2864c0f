"""CloudWatch's GetMetricData of seeded and real invocations, and GetResources."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

NOW = datetime(2026, 5, 6, tzinfo=UTC)


def query(number: int, name: str = "", resource: str = "", **metric: Any) -> dict[str, Any]:
    dimensions = [{"Name": "FunctionName", "Value": name}] if name else []
    if resource:
        dimensions.append({"Name": "Resource", "Value": resource})
    named = {"Namespace": "AWS/Lambda", "MetricName": "Invocations", "Dimensions": dimensions}
    stat = {"Metric": {**named, **metric}, "Period": 86400, "Stat": "Sum"}
    return {"Id": f"q{number}", "MetricStat": stat}


def ask(aws: Sandbox, *queries: Any, days: int = 35, end: datetime = NOW) -> list[list[float]]:
    answer = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=list(queries), StartTime=end - timedelta(days=days), EndTime=end
    )
    return [result["Values"] for result in answer["MetricDataResults"]]


def test_back_dated_invocations(aws: Sandbox) -> None:
    points = [(NOW - timedelta(days=d), 1.0) for d in (1, 1.2, 3, 40)]
    seed.metric(aws, "fn", points)
    seed.metric(aws, "fn", points[:1], qualifier="live")
    got = ask(aws, query(1, "fn"), query(2, "fn", "fn:live"), query(3, "other"), query(4))
    assert got == [[1.0, 1.0, 1.0], [1.0], [], [1.0, 1.0, 1.0]]
    assert ask(aws, query(1, "fn"), days=60)[0] == [1.0, 1.0, 1.0, 1.0]


def test_real_invocations_are_seen(aws: Sandbox) -> None:
    seed.function(aws, "fn")
    aws.client("lambda").invoke(FunctionName="fn")
    assert ask(aws, query(1, "fn"), end=datetime.now(UTC) + timedelta(hours=1)) == [[1.0]]


def test_at_most_500_queries(aws: Sandbox) -> None:
    with pytest.raises(ClientError, match="ValidationError"):
        ask(aws, *(query(n, "fn") for n in range(501)))


def test_other_metrics_are_motos(aws: Sandbox) -> None:
    cloudwatch = aws.client("cloudwatch")
    moment = NOW - timedelta(days=3)
    cloudwatch.put_metric_data(
        Namespace="Mine", MetricData=[{"MetricName": "M", "Value": 4, "Timestamp": moment}]
    )
    assert ask(aws, query(1, Namespace="Mine", MetricName="M")) == [[4.0]]


def test_resources_of_ecr_and_lambda_by_tag(aws: Sandbox) -> None:
    for n in range(130):
        seed.repository(aws, f"r{n:03}", tags={"team": "a"})
    seed.repository(aws, "bare")
    seed.function(aws, "fn", tags={"team": "b"})
    tagging = aws.client("resourcegroupstaggingapi")
    pages = list(tagging.get_paginator("get_resources").paginate())
    assert [len(page["ResourceTagMappingList"]) for page in pages] == [100, 31]
    only = tagging.get_resources(ResourceTypeFilters=["lambda:function"])
    assert only["ResourceTagMappingList"] == [
        {
            "ResourceARN": "arn:aws:lambda:us-east-1:123456789012:function:fn",
            "Tags": [{"Key": "team", "Value": "b"}],
        }
    ]
    by_value = tagging.get_resources(TagFilters=[{"Key": "team", "Values": ["b"]}])
    assert len(by_value["ResourceTagMappingList"]) == 1
