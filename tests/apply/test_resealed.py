"""A plan that was edited to look complete, and sealed again: whoever applies it still asks for what
was not read, by the plan's own steps and by its own reading."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

import jotgraph
from jotgraph.analysis.usage import Options
from jotgraph.apply import Status, apply
from jotgraph.errors import PlanError
from jotgraph.plan import Plan, Step, plan_delete, seal
from jotgraph.records import Coverage, CoverageState
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import Estate
from tests.apply.runs import applied, connect, planned, scan
from tests.strength import some

DENIED = (
    "cloudwatch:GetMetricData",
    "ec2:DescribeRegions",
    "ecr:DescribeRegistry",
    "ecr:GetLifecyclePolicy",
    "ecr:GetRepositoryPolicy",
    "ecr:ListTagsForResource",
    "ecs:ListClusters",
    "lambda:GetPolicy",
    "lambda:ListAliases",
    "lambda:ListCapacityProviders",
    "lambda:ListEventSourceMappings",
    "lambda:ListFunctionUrlConfigs",
    "lambda:ListProvisionedConcurrencyConfigs",
    "lambda:ListTags tagging:GetResources",
    "lambda:ListVersionsByFunction",
)
"""Calls that a scan and the plan may be denied."""
USED = Options(ignore=("role-used",))


def named(plan: Plan) -> Plan:
    """The plan to delete the same in the sandbox as it is, each named: of that much is accepted
    unread."""
    graph = jotgraph.build(scan())
    targets = [step.id for step in plan.steps if step.id in graph]
    return plan_delete(graph, targets, now=datetime.now(UTC), options=USED)


def deny(aws: Sandbox, calls: str) -> None:
    for call in calls.split():
        aws.faults.deny(*call.split(":"))


def cleaned(plan: Plan) -> Plan:
    """The plan that says of itself that all was read, and nothing was in doubt."""
    whole = tuple(_read(coverage) for coverage in plan.scope.coverage)
    return seal(
        replace(
            plan,
            complete=True,
            unread=(),
            undecided=(),
            gaps=(),
            scope=replace(plan.scope, coverage=whole),
            steps=tuple(_without(step, plan.unread) for step in plan.steps),
        )
    )


def _without(step: Step, unread: Collection[str]) -> Step:
    return replace(step, doubts=tuple(doubt for doubt in step.doubts if doubt not in unread))


def _read(coverage: Coverage) -> Coverage:
    return replace(coverage, state=CoverageState.READ, because="")


@pytest.mark.parametrize("denied", some("calls that a plan was denied", DENIED, 4))
def test_what_was_denied_is_asked_again_whatever_the_plan_says(
    aws_environment: Sandbox, plan: Plan, denied: str
) -> None:
    """Who applies it is denied the same: no step goes that was in doubt for it, and nothing that
    was blocked. Where nothing is denied it goes, for all was read then."""
    deny(aws_environment, denied)
    honest = named(plan)
    doubts = {step.id for step in honest.steps if set(honest.unread) & set(step.doubts)}
    receipt = applied(cleaned(honest))
    aws_environment.faults.clear()
    gone = {outcome.id for outcome in receipt.outcomes if outcome.status is Status.DONE}
    assert not gone & doubts
    assert not gone & {block.id for block in honest.blocks}


def test_the_calls_make_plans_incomplete(aws_environment: Sandbox, plan: Plan) -> None:
    """What is tried above is not empty: these leave names to accept."""
    assert named(plan).unread == ()
    for calls, unread in (
        ("lambda:GetPolicy", "policy-unread"),
        ("lambda:ListTags tagging:GetResources", "tags-unread"),
    ):
        deny(aws_environment, calls)
        assert unread in named(plan).unread
        aws_environment.faults.clear()


def test_names_taken_off_the_list_are_read_from_the_steps(
    aws_environment: Sandbox, plan: Plan
) -> None:
    deny(aws_environment, "lambda:ListTags tagging:GetResources")
    honest = named(plan)
    for lie in (replace(honest, unread=()), replace(honest, unread=(), gaps=())):
        with pytest.raises(PlanError, match="--accept-gaps tags-unread"):
            applied(seal(replace(lie, complete=True)))
    lie = seal(replace(honest, unread=(), complete=True))
    with pytest.raises(PlanError, match="incomplete"):  # it says that it is complete
        apply(lie, connect(), now=lie.made_at, accept_gaps=honest.unread, backup=False)


def test_a_doubt_that_no_plan_takes_is_no_permission(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """The step says that its stack is known: a plan has no such step."""
    plan = planned("function:app", options=USED)
    known = ("managed: aws:cloudformation:stack-name=why",)
    steps = tuple(replace(step, doubts=(*step.doubts, *known)) for step in plan.steps)
    functions = aws_environment.world.lambda_of("123456789012", "us-east-1").functions
    functions["app"].tags["aws:cloudformation:stack-name"] = "why"
    receipt = applied(seal(replace(plan, steps=steps)))
    outcomes = {outcome.id: outcome.status for outcome in receipt.outcomes}
    assert outcomes[plan.steps[-1].id] is not Status.DONE
    assert "app" in functions


def test_regions_taken_out_of_the_scope_are_asked_for(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """A role that a function assumes in a region that the plan says the account has not."""
    role, role_id = "arn:aws:iam::123456789012:role/app-role", "role:123456789012/app-role"
    seed.function(aws_environment, "late", role=role, region="eu-west-1")
    plan = planned("function:app", options=USED)
    here = tuple(pair for pair in plan.scope.enabled if pair in plan.scope.places)
    coverage = tuple(entry for entry in plan.scope.coverage if entry.region != "eu-west-1")
    assert len(here) == len(plan.scope.enabled) - 1
    scope = replace(plan.scope, enabled=here, coverage=coverage)
    assert role_id not in {step.id for step in plan.steps}
    vouched = planned("function:app", options=Options(ignore=("role-used",), assume_no=("lambda",)))
    lie = cleaned(replace(vouched, scope=scope, options=USED, assumed=()))
    receipt = applied(lie)
    (outcome,) = [outcome for outcome in receipt.outcomes if outcome.id == role_id]
    assert outcome.status is Status.REFUSED
    assert "eu-west-1" in outcome.because


def test_a_true_plan_still_goes(aws_environment: Sandbox, estate: Estate) -> None:
    assert applied(cleaned(planned("function:app", options=USED))).proven
    assert "function:123456789012/us-east-1/app" not in {record.id for record in scan().records()}
