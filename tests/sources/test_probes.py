"""Regions that are enabled and not read are asked whether anything is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jotgraph.analysis.usage import Options
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import Coverage, CoverageState, Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import NOTHING_RUNS, Scan

OLD = datetime.now(UTC) - timedelta(days=400)
ELSEWHERE = "eu-west-1"
BY_BOTH = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "ecs-tasks.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}


def at(inventory: Inventory, region: str) -> dict[str, Coverage]:
    return {
        coverage.service: coverage
        for coverage in inventory.scope.coverage
        if coverage.region == region
    }


def two_regions(aws: Sandbox) -> None:
    aws.world.regions = frozenset({aws.region, ELSEWHERE})


def test_an_empty_region_is_as_good_as_read(aws: Sandbox, scan: Scan) -> None:
    two_regions(aws)
    seed.role(aws, "spare", created=OLD)
    found = scan()
    assert {coverage.state for coverage in at(found, ELSEWHERE).values()} <= {
        CoverageState.EMPTY,
        CoverageState.ABSENT,
    }
    judged = orphans(build(found), options=Options())
    assert [orphan.id for orphan in judged.orphans] == ["role:123456789012/spare"]


def test_calls_are_one_for_each_listing(aws: Sandbox, scan: Scan) -> None:
    two_regions(aws)
    scan()
    there = [f"{call.service}:{call.action}" for call in aws.calls if call.region == ELSEWHERE]
    assert sorted(there) == sorted(
        ("lambda:ListFunctions", "lambda:ListCapacityProviders", *NOTHING_RUNS)
    )


def test_a_region_with_a_function_is_not_empty(aws: Sandbox, scan: Scan) -> None:
    two_regions(aws)
    seed.function(aws, "far", region=ELSEWHERE)
    found = at(scan(), ELSEWHERE)["lambda"]
    assert found.state is CoverageState.LEFT_OUT
    assert found.because.endswith(f"scan it with --region {ELSEWHERE}")


def test_a_denied_probe_is_a_gap(aws: Sandbox, scan: Scan) -> None:
    two_regions(aws)
    aws.faults.deny("batch", "DescribeJobDefinitions")
    found = scan()
    assert at(found, ELSEWHERE)["batch"].state is CoverageState.DENIED
    assert (ELSEWHERE, "batch", "denied") in {
        (gap.region, gap.service, gap.reason) for gap in found.gaps
    }


@pytest.mark.parametrize(
    ("service", "action"),
    [("lambda", "ListFunctions"), ("batch", "DescribeJobDefinitions"), ("ecs", "ListClusters")],
)
@pytest.mark.parametrize("code", ["404", "ResourceNotFoundException"])
def test_a_listing_that_is_not_found_has_told_nothing(
    aws: Sandbox, scan: Scan, service: str, action: str, code: str
) -> None:
    """A proxy answers so for everything it does not know."""
    two_regions(aws)
    seed.role(aws, "spare", created=OLD, trust=BY_BOTH)
    aws.faults.error(service, action, code=code, status=404, region=ELSEWHERE)
    found = scan()
    assert at(found, ELSEWHERE)[service].state is CoverageState.FAILED
    assert orphans(build(found), options=Options()).orphans == ()


def test_an_endpoint_that_knows_no_capacity_providers_has_none(aws: Sandbox, scan: Scan) -> None:
    two_regions(aws)
    aws.faults.error(
        "lambda", "ListCapacityProviders", code="UnknownOperationException", status=404
    )
    assert at(scan(), ELSEWHERE)["lambda"].state is CoverageState.EMPTY


def test_a_quick_scan_asks_no_other_region(aws: Sandbox, scan: Scan) -> None:
    two_regions(aws)
    assert at(scan(quick=True), ELSEWHERE) == {}
