"""Regions that are enabled and not read are asked whether anything is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jotgraph.analysis.usage import Options
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import Coverage, CoverageState, Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.sources.conftest import NOTHING_RUNS, Scan

OLD = datetime.now(UTC) - timedelta(days=400)
ELSEWHERE = "eu-west-1"


def at(found: Inventory, region: str) -> dict[str, Coverage]:
    return {one.service: one for one in found.scope.coverage if one.region == region}


def two_regions(aws: Sandbox) -> None:
    aws.world.regions = frozenset({aws.region, ELSEWHERE})


def test_an_empty_region_is_as_good_as_read(aws: Sandbox, scan: Scan) -> None:
    two_regions(aws)
    seed.role(aws, "spare", created=OLD)
    found = scan()
    assert {one.state for one in at(found, ELSEWHERE).values()} <= {
        CoverageState.EMPTY,
        CoverageState.ABSENT,
    }
    judged = orphans(build(found), options=Options())
    assert [one.id for one in judged.orphans] == ["role:123456789012/spare"]


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


def test_a_quick_scan_asks_no_other_region(aws: Sandbox, scan: Scan) -> None:
    two_regions(aws)
    assert at(scan(quick=True), ELSEWHERE) == {}
