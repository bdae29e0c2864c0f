"""``--region all`` scans every region that the account has enabled."""

from __future__ import annotations

import pytest

import jotgraph
from jotgraph.errors import SourceError
from jotgraph.records import CoverageState
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

ELSEWHERE = "eu-west-1"


@pytest.fixture
def two_regions(aws: Sandbox, aws_environment: Sandbox) -> Sandbox:
    aws.world.regions = frozenset({aws.region, ELSEWHERE})
    seed.function(aws, "far", region=ELSEWHERE)
    return aws


def test_every_enabled_region_is_read(two_regions: Sandbox) -> None:
    found = jotgraph.scan(docker=False, regions=["all"])
    account = found.scope.accounts[0]
    assert found.scope.places == ((account, ELSEWHERE), (account, two_regions.region))
    assert [function.name for function in found.functions] == ["far"]
    (elsewhere,) = (
        coverage.state
        for coverage in found.scope.coverage
        if (coverage.region, coverage.service) == (ELSEWHERE, "lambda")
    )
    assert elsewhere is CoverageState.READ


def test_a_named_region_is_read_alone(two_regions: Sandbox) -> None:
    found = jotgraph.scan(docker=False, regions=[two_regions.region])
    assert [region for _, region in found.scope.places] == [two_regions.region]


def test_which_regions_there_are_must_be_known(two_regions: Sandbox) -> None:
    """To read some and call it all would be the wrong answer."""
    two_regions.faults.deny("ec2", "DescribeRegions")
    with pytest.raises(SourceError, match=r"--region all: .*ec2:DescribeRegions.*name the regions"):
        jotgraph.scan(docker=False, regions=["all"])


def test_who_is_not_signed_in_is_told_once(
    two_regions: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    found = jotgraph.scan(docker=False, regions=["all"])
    assert (found.scope.accounts, {gap.action for gap in found.gaps}) == (
        (),
        {"GetCallerIdentity"},
    )
