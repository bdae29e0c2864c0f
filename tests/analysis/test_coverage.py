"""Which services were read, in words: by state, folded where places are alike."""

from __future__ import annotations

from jotgraph.analysis.coverage import assumption, coverage_lines
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
    assert coverage_lines(Scope(git=("shop",))) == ()


def test_an_assumption_names_its_services() -> None:
    assert assumption(()) == ""
    assert assumption(("ecs", "batch")) == "assumed: nothing of batch, ecs runs these images"
