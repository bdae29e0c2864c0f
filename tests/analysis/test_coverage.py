"""Which services were read, in words: by state, folded where places are alike."""

from __future__ import annotations

import msgspec
import pytest

from jotgraph.analysis.coverage import (
    assumption,
    by_service,
    coverage_lines,
    coverage_note,
    not_read,
    with_coverage,
)
from jotgraph.records import CoverageState
from jotgraph.records.kinds import SERVICES
from tests.factories import (
    ACCOUNT,
    HERE,
    OTHER_ACCOUNT,
    OTHER_REGION,
    REGION,
    asked,
    coverage,
    scope,
)

THERE = (OTHER_ACCOUNT, OTHER_REGION)
EMPTY = "apprunner, batch, bedrock-agentcore, codebuild, eks, emr-serverless, gamelift, sagemaker"


def test_services_are_named_by_state() -> None:
    listed = asked(HERE, ecs=CoverageState.READ, batch=CoverageState.DENIED)
    listed = tuple(coverage for coverage in listed if coverage.service not in ("eks", "lambda"))
    read = coverage("lambda", CoverageState.READ)
    where = scope(HERE, coverage=(*listed, read))
    rest = EMPTY.replace("batch, ", "").replace("eks, ", "")
    assert coverage_lines(where) == (
        f"{ACCOUNT}/{REGION}: lambda, ecs read; batch denied; eks not asked; {rest} empty",
    )


def test_places_that_are_alike_are_one_line_and_those_read_come_first() -> None:
    regions = ("ap-1", "ap-2", "ap-3", "ap-4")
    where = scope(
        HERE,
        THERE,
        enabled=(HERE, *((ACCOUNT, region) for region in regions), THERE),
        coverage=(
            *asked(HERE, ecs=CoverageState.FAILED, **{"lambda": CoverageState.READ}),
            *(coverage for region in regions for coverage in asked((ACCOUNT, region))),
        ),
    )
    assert coverage_lines(where) == (
        f"{ACCOUNT}/{REGION}: lambda read; ecs failed; {EMPTY} empty",
        f"{OTHER_ACCOUNT}/{OTHER_REGION}: lambda read; every other service not asked",
        f"{ACCOUNT}/ap-1, {ACCOUNT}/ap-2 and 2 more: every service empty",
    )


def test_nothing_is_said_of_no_place() -> None:
    where = scope(git=("shop",))
    assert (coverage_lines(where), coverage_note(where), not_read(where)) == ((), "", ())
    assert with_coverage(where) == where


def test_one_line_names_what_was_not_read_and_only_that() -> None:
    denied = asked(HERE, ecs=CoverageState.READ, batch=CoverageState.DENIED)
    where = scope(
        HERE,
        THERE,
        enabled=(HERE, (ACCOUNT, OTHER_REGION), THERE),
        coverage=(*denied, *asked((ACCOUNT, OTHER_REGION))),
    )
    assert coverage_note(where) == (
        f"Not read, and may run images: batch denied in {ACCOUNT}/{REGION}; every other service "
        f"not asked in {OTHER_ACCOUNT}/{OTHER_REGION}"
    )
    assert not_read(where) == SERVICES[1:]
    one = msgspec.structs.replace(where, places=(HERE,), enabled=())
    assert not_read(one) == ("batch",)


@pytest.mark.parametrize("state", CoverageState)
def test_the_line_is_there_for_every_state_that_is_not_whole(state: CoverageState) -> None:
    where = scope(HERE, coverage=asked(HERE, eks=state))
    assert bool(coverage_note(where)) is not state.whole
    assert not_read(where) == (() if state.whole else ("eks",))


def test_what_was_not_asked_is_written_out() -> None:
    ecs = coverage("ecs", CoverageState.READ)
    where = with_coverage(scope(HERE, coverage=(ecs,)))
    states = {coverage.service: coverage.state for coverage in where.coverage}
    others = dict.fromkeys(SERVICES, CoverageState.NOT_ASKED)
    assert states == {**others, "ecs": CoverageState.READ, "lambda": CoverageState.READ}
    assert with_coverage(where) == where


def test_an_assumption_names_its_services() -> None:
    assert assumption(()) == ""
    assert assumption(("ecs", "batch")) == "assumed: nothing of batch, ecs runs these images"


def test_of_two_readings_of_a_service_the_one_that_was_not_whole_counts() -> None:
    read, denied = (coverage("acme", state) for state in (CoverageState.READ, CoverageState.DENIED))
    for listed in ((read, denied), (denied, read)):
        assert list(by_service(scope(HERE, coverage=listed)).values()) == [denied]
