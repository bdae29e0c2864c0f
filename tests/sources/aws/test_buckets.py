"""Which calls share a bucket, and how many of them may go at once."""

from __future__ import annotations

from jotgraph.clients.aws import BURSTS, RATES
from jotgraph.sources.aws.rate_limit import Buckets

HERE = ("123456789012", "eu-west-1")


def test_a_call_with_a_rate_of_its_own_has_a_bucket_of_its_own() -> None:
    buckets = Buckets(RATES)
    tasks = buckets.of(*HERE, "ecs", "DescribeTasks")
    assert tasks is buckets.of(*HERE, "ecs", "ListServices")
    assert tasks is not buckets.of(*HERE, "ecs", "DescribeTaskDefinition")
    assert tasks is not buckets.of("123456789012", "us-east-1", "ecs", "DescribeTasks")


def test_a_deep_bucket_lets_a_burst_through() -> None:
    buckets = Buckets(RATES)
    assert buckets.of(*HERE, "ecs", "DescribeTasks").burst == BURSTS["ecs"]
    assert buckets.of(*HERE, "lambda", "ListFunctions").burst == 1.5


def test_every_burst_is_of_a_quota_that_has_a_rate() -> None:
    assert BURSTS.keys() <= RATES.keys()
