"""Runs, and their undoing, under exactly their policies and with one action less."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from jotgraph.apply import Receipt, Status
from jotgraph.apply.undo import undo
from jotgraph.permissions import Need, document, needs
from jotgraph.permissions.reading import WORKLOADS
from jotgraph.plan import Plan
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import MANAGED, Estate
from tests.apply.runs import IGNORED, NO_WORKLOADS, actions, applied, connect, planned, statuses
from tests.apply.test_apply import whole_or_gone
from tests.strength import some

PUT_BACK = {"iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:AddRoleToInstanceProfile"}
NO_ZIP = {"lambda:GetRuntimeManagementConfig"}
UNCALLED = {
    *PUT_BACK, *NO_WORKLOADS, "iam:RemoveRoleFromInstanceProfile", "iam:PassRole"
}  # fmt: skip
"""What applying this estate's plan has no occasion for."""
TAGGED = {"iam:TagRole", "ecr:TagResource", "lambda:TagResource"}
"""What is needed to make something again that had tags."""
IMPLIED = {"iam:PassRole", *TAGGED}
"""Permissions that a call needs beside its own (service authorization reference)."""
NO_OCCASION = {
    "iam:AddRoleToInstanceProfile", "iam:PutRolePermissionsBoundary", "ecr:SetRepositoryPolicy",
    "ecr:PutLifecyclePolicy", "lambda:PutFunctionConcurrency", "lambda:AddPermission",
    "lambda:CreateFunctionUrlConfig", "lambda:GetFunctionUrlConfig",
    "lambda:PutFunctionEventInvokeConfig", "lambda:UpdateFunctionConfiguration",
    "lambda:UpdateEventSourceMapping", "lambda:PutFunctionCodeSigningConfig",
    "lambda:PutFunctionRecursionConfig", "lambda:PutRuntimeManagementConfig",
}  # fmt: skip
"""What undoing it has none for."""


def less(needed: tuple[Need, ...], missing: Need) -> dict[str, object]:
    return document(need for need in needed if need != missing)


@pytest.mark.parametrize("backup", [False, True])
def test_a_run_under_exactly_its_policy(aws_environment: Sandbox, plan: Plan, backup: bool) -> None:
    needed = needs("apply", backup=backup)
    aws_environment.calls.clear()
    aws_environment.enforce(document(needed))
    assert applied(plan, backup=backup).proven
    called = actions(aws_environment)
    assert {need.action for need in needed} - called == UNCALLED | (NO_ZIP if backup else set())
    assert called <= {need.action for need in needed}


APPLY = needs("apply")


@pytest.mark.parametrize(
    "missing",
    some(
        "actions that apply goes without",
        [need for need in APPLY if need.action not in UNCALLED | NO_ZIP],
        11,
    ),
    ids=lambda need: need.action,
)
def test_a_run_with_one_action_less_says_which(
    aws_environment: Sandbox, plan: Plan, missing: Need
) -> None:
    aws_environment.enforce(less(APPLY, missing))
    receipt = applied(plan, patience=0.1, backup=missing not in needs("apply", backup=False))
    assert not receipt.proven
    assert {outcome.status for outcome in receipt.outcomes} <= set(Status)
    name = missing.action.partition(":")[2]
    assert [outcome for outcome in receipt.outcomes if name in outcome.because]
    if missing.action == "iam:DeleteRolePolicy":  # what was taken off before is put back
        iam = aws_environment.client("iam")
        aws_environment.enforce(None)
        attached = iam.list_attached_role_policies(RoleName="app-role")["AttachedPolicies"]
        assert [policy["PolicyArn"] for policy in attached] == [MANAGED]


def test_a_run_where_everything_runs_images(aws_environment: Sandbox, estate: Estate) -> None:
    """What runs other images is read under exactly the policy: nothing of it is left unread."""
    aws = aws_environment
    everything(aws, "common:v1")
    plan = planned("function:app")
    aws.calls.clear()
    aws.enforce(document(APPLY))
    receipt = applied(plan)
    assert receipt.proven, statuses(receipt)
    uncalled = {need.action for need in WORKLOADS} - actions(aws)
    assert uncalled == {
        "bedrock-agentcore:GetAgentRuntime", "bedrock-agentcore:ListAgentRuntimeEndpoints",
        "bedrock-agentcore:ListAgentRuntimeVersions",
        "ecs:DescribeExpressGatewayService", "eks:DescribeCluster",
    }  # fmt: skip


def everything(aws: Sandbox, image: str) -> None:
    """One user of an image in every service, but for AgentCore, which takes a role, and EKS, whose
    pods nothing lists."""
    seed.task_definition(aws, "web", image)
    seed.ecs_service(aws, "web", "web")
    seed.ecs_task(aws, "web")
    seed.daemon(aws, "agent", image)
    seed.job_definition(aws, "job", image)
    seed.build_project(aws, "build", "aws/codebuild/standard:7.0")
    seed.model(aws, "model", image)
    seed.model(aws, "packed", seed.model_package(aws, "p", image))
    seed.endpoint(aws, "endpoint", "model")
    seed.endpoint(aws, "host")
    seed.inference_component(aws, "component", "host", image)
    seed.studio_image(aws, "studio", image)
    seed.emr_application(aws, "spark", image)
    seed.runner_service(aws, "runner", image)
    seed.container_group(aws, "game", image)


def with_profile(aws: Sandbox) -> Plan:
    """The role is in an instance profile too, and cannot be deleted once it is bare."""
    iam = aws.client("iam")
    iam.create_instance_profile(InstanceProfileName="machines")
    iam.add_role_to_instance_profile(InstanceProfileName="machines", RoleName="app-role")
    ignore = (*IGNORED.ignore, "role-instance-profile")
    plan = planned("function:app", options=replace(IGNORED, ignore=ignore))
    aws.faults.error("iam", "DeleteRole", nth=2)
    return plan


def test_a_role_is_put_back_under_exactly_the_policy(
    aws_environment: Sandbox, estate: Estate
) -> None:
    plan = with_profile(aws_environment)
    aws_environment.calls.clear()
    aws_environment.enforce(document(APPLY))
    assert statuses(applied(plan))["role:app-role"][0] == "failed"
    called = actions(aws_environment)
    assert {*PUT_BACK, "iam:RemoveRoleFromInstanceProfile"} <= called
    aws_environment.enforce(None)
    whole_or_gone(aws_environment)
    profile = aws_environment.client("iam").get_instance_profile(InstanceProfileName="machines")
    assert [role["RoleName"] for role in profile["InstanceProfile"]["Roles"]] == ["app-role"]


@pytest.mark.parametrize(
    "action",
    some(
        "actions without which a role is not put back",
        sorted({*PUT_BACK, "iam:PassRole", "iam:RemoveRoleFromInstanceProfile"}),
        4,
    ),
)
def test_what_cannot_be_put_back_is_said(
    aws_environment: Sandbox, estate: Estate, action: str
) -> None:
    plan = with_profile(aws_environment)
    aws_environment.enforce(document(need for need in APPLY if need.action != action))
    status, because = statuses(applied(plan))["role:app-role"]
    assert status == "failed"
    assert action.partition(":")[2] in because
    assert ("could not be made complete again" in because) == (
        action in {*PUT_BACK, "iam:PassRole"}
    )
    aws_environment.enforce(None)
    aws_environment.faults.clear()
    assert applied(plan).proven


def test_undoing_under_exactly_its_policy(aws_environment: Sandbox, deleted: Receipt) -> None:
    needed = needs("undo")
    aws_environment.calls.clear()
    aws_environment.enforce(document(needed))
    result = undo(deleted.run, connect())
    assert not [outcome for outcome in result.outcomes if "denied" in outcome.because.lower()]
    called = actions(aws_environment)
    assert {need.action for need in needed} - called == IMPLIED | NO_OCCASION
    assert called <= {need.action for need in needed}


UNDO = needs("undo")


@pytest.mark.parametrize(
    "missing",
    some(
        "actions that undo goes without",
        [need for need in UNDO if need.action not in TAGGED | NO_OCCASION],
        11,
    ),
    ids=lambda need: need.action,
)
def test_undoing_with_one_action_less_says_which(
    aws_environment: Sandbox, deleted: Receipt, missing: Need
) -> None:
    aws_environment.enforce(less(UNDO, missing))
    result = undo(deleted.run, connect(), patience=0.3)
    assert not result.whole
    name = missing.action.partition(":")[2]
    assert [outcome for outcome in result.outcomes if name in outcome.because]


@pytest.mark.parametrize(
    "missing", ["", *some("actions for tags that undo goes without", sorted(TAGGED), 3)]
)
def test_making_what_had_tags_again(aws_environment: Sandbox, estate: Estate, missing: str) -> None:
    aws = aws_environment
    aws.client("iam").tag_role(RoleName="app-role", Tags=[{"Key": "team", "Value": "a"}])
    aws.client("ecr").tag_resource(
        resourceArn="arn:aws:ecr:us-east-1:123456789012:repository/app",
        tags=[{"Key": "team", "Value": "a"}],
    )
    aws.client("lambda").tag_resource(
        Resource="arn:aws:lambda:us-east-1:123456789012:function:app", Tags={"team": "a"}
    )
    receipt = applied(planned("function:app"), backup=True)
    aws.enforce(document(need for need in UNDO if need.action != missing))
    reasons = [outcome.because for outcome in undo(receipt.run, connect(), patience=0.3).outcomes]
    denied = [reason for reason in reasons if "not authorized" in reason]
    assert bool(denied) == bool(missing)
    assert all(missing in reason for reason in denied)
