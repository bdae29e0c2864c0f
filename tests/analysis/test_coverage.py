"""Which services were read, in words: by state, folded where places are alike."""

from __future__ import annotations

import msgspec
import pytest

from jotgraph.analysis.coverage import (
    SERVICES,
    assumption,
    coverage_lines,
    coverage_note,
    not_read,
    with_coverage,
)
from jotgraph.records import Coverage, CoverageState, Scope
from tests.estates import A, B, R, S, asked

EMPTY = "apprunner, batch, bedrock-agentcore, codebuild, eks, emr-serverless, gamelift, sagemaker"


def covered(region: str, **states: CoverageState) -> tuple[Coverage, ...]:
    """One region where all that is not named is empty."""
    return tuple(
        Coverage(
            account=one.account,
            region=one.region,
            service=one.service,
            state=states.get(one.service.replace("-", "_"), CoverageState.EMPTY),
        )
        for one in asked((A, region))
    )


def test_services_are_named_by_state() -> None:
    coverage = covered(R, ecs=CoverageState.READ, batch=CoverageState.DENIED)
    coverage = tuple(one for one in coverage if one.service not in ("eks", "lambda"))
    read = Coverage(account=A, region=R, service="lambda", state=CoverageState.READ)
    scope = Scope(accounts=(A,), places=((A, R),), coverage=(*coverage, read))
    rest = EMPTY.replace("batch, ", "").replace("eks, ", "")
    assert coverage_lines(scope) == (
        f"{A}/{R}: lambda, ecs read; batch denied; eks not asked; {rest} empty",
    )


def test_places_that_are_alike_are_one_line_and_those_read_come_first() -> None:
    regions = ("ap-1", "ap-2", "ap-3", "ap-4")
    scope = Scope(
        accounts=(A, B),
        places=((A, R), (B, S)),
        enabled=((A, R), *((A, region) for region in regions), (B, S)),
        coverage=(
            *covered(R, ecs=CoverageState.FAILED, **{"lambda": CoverageState.READ}),
            *(one for region in regions for one in covered(region)),
        ),
    )
    assert coverage_lines(scope) == (
        f"{A}/{R}: lambda read; ecs failed; {EMPTY} empty",
        f"{B}/{S}: every service not asked",
        f"{A}/ap-1, {A}/ap-2 and 2 more: every service empty",
    )


def test_nothing_is_said_of_no_place() -> None:
    scope = Scope(git=("shop",))
    assert (coverage_lines(scope), coverage_note(scope), not_read(scope)) == ((), "", ())
    assert with_coverage(scope) == scope


def test_one_line_names_what_was_not_read_and_only_that() -> None:
    denied = covered(R, ecs=CoverageState.READ, batch=CoverageState.DENIED)
    scope = Scope(
        accounts=(A, B),
        places=((A, R), (B, S)),
        enabled=((A, R), (A, S), (B, S)),
        coverage=(*denied, *covered(S)),
    )
    assert coverage_note(scope) == (
        f"Not read of what runs images: batch denied in {A}/{R}; every service not asked in {B}/{S}"
    )
    assert not_read(scope) == SERVICES
    one = msgspec.structs.replace(scope, places=((A, R),), enabled=())
    assert not_read(one) == ("batch",)


@pytest.mark.parametrize("state", CoverageState)
def test_the_line_is_there_for_every_state_that_is_not_whole(state: CoverageState) -> None:
    scope = Scope(accounts=(A,), places=((A, R),), coverage=covered(R, eks=state))
    assert bool(coverage_note(scope)) is not state.whole
    assert not_read(scope) == (() if state.whole else ("eks",))


def test_what_was_not_asked_is_written_out() -> None:
    ecs = Coverage(account=A, region=R, service="ecs", state=CoverageState.READ)
    scope = with_coverage(Scope(accounts=(A,), places=((A, R),), coverage=(ecs,)))
    states = {coverage.service: coverage.state for coverage in scope.coverage}
    others = dict.fromkeys(SERVICES, CoverageState.NOT_ASKED)
    assert states == {**others, "ecs": CoverageState.READ}
    assert with_coverage(scope) == scope


def test_an_assumption_names_its_services() -> None:
    assert assumption(()) == ""
    assert assumption(("ecs", "batch")) == "assumed: nothing of batch, ecs runs these images"
