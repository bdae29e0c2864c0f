"""Least privilege: what a policy document allows, and what a client sees of a refusal."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from jotgraph.errors import SandboxError
from jotgraph.sandbox import seed
from jotgraph.sandbox.iam.policy import read_policy, resource_of
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Request


def allow(*actions: str, resource: Any = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def asked(service: str, action: str, **params: Any) -> Request:
    return Request(service, action, "us-east-1", "123456789012", "", params)


@pytest.mark.parametrize(
    ("statements", "request_", "allowed"),
    [
        ([allow("ecr:DescribeImages")], asked("ecr", "DescribeImages"), True),
        ([allow("ecr:Describe*")], asked("ecr", "ListImages"), False),
        ([allow("ECR:describeimages")], asked("ecr", "DescribeImages"), True),
        ([allow("ecr:*")], asked("lambda", "ListFunctions"), False),
        ([], asked("lambda", "ListFunctions"), False),
        ([], asked("sts", "GetCallerIdentity"), True),
        ([allow("lambda:InvokeFunction")], asked("lambda", "Invoke"), True),
        ([allow("tag:GetResources")], asked("tagging", "GetResources"), True),
        (
            [allow("ecr:*", resource="arn:aws:ecr:*:*:repository/team/*")],
            asked("ecr", "BatchGetImage", repositoryName="team/app"),
            True,
        ),
        (
            [allow("ecr:*", resource="arn:aws:ecr:*:*:repository/team/*")],
            asked("ecr", "BatchGetImage", repositoryName="other"),
            False,
        ),
        (
            [allow("lambda:*", resource="arn:aws:lambda:us-east-1:123456789012:function:fn")],
            asked("lambda", "GetFunction", FunctionName="fn"),
            True,
        ),
        (
            [allow("*"), {"Effect": "Deny", "Action": "ecr:Batch*", "Resource": "*"}],
            asked("ecr", "BatchDeleteImage"),
            False,
        ),
        (
            [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}],
            asked("iam", "ListRoles"),
            False,
        ),
    ],
)
def test_evaluation(statements: list[Any], request_: Request, allowed: bool) -> None:
    assert read_policy({"Statement": statements}).allows(request_) is allowed


ROLE = "arn:aws:iam::123456789012:role/service/app"
ELSEWHERE = "arn:aws:iam::123456789012:role/other"


@pytest.mark.parametrize(
    ("request_", "implied"),
    [
        (asked("lambda", "CreateFunction", FunctionName="f", Role=ROLE), ("iam:PassRole", ROLE)),
        (
            asked("lambda", "UpdateFunctionConfiguration", FunctionName="f", Role=ROLE),
            ("iam:PassRole", ROLE),
        ),
        (asked("lambda", "UpdateFunctionConfiguration", FunctionName="f", Timeout=3), None),
        (asked("lambda", "UpdateFunctionCode", FunctionName="f", Role=ROLE), None),
        (
            asked("lambda", "CreateFunction", FunctionName="f", Tags={"a": "b"}),
            ("lambda:TagResource", "arn:aws:lambda:us-east-1:123456789012:function:f"),
        ),
        (asked("lambda", "CreateFunction", FunctionName="f", Tags={}), None),
        (
            asked("ecr", "CreateRepository", repositoryName="app", tags=[{"Key": "a"}]),
            ("ecr:TagResource", "arn:aws:ecr:us-east-1:123456789012:repository/app"),
        ),
        (asked("ecr", "CreateRepository", repositoryName="app"), None),
        (
            asked("iam", "CreateRole", RoleName="app", **{"Tags.member.1.Key": "a"}),
            ("iam:TagRole", "arn:aws:iam::123456789012:role/app"),
        ),
        (asked("iam", "CreateRole", RoleName="app"), None),
        (
            asked("iam", "AddRoleToInstanceProfile", InstanceProfileName="p", RoleName="other"),
            ("iam:PassRole", ELSEWHERE),
        ),
        (
            asked(
                "iam", "RemoveRoleFromInstanceProfile", InstanceProfileName="p", RoleName="other"
            ),
            None,
        ),
    ],
)
def test_a_call_needs_what_it_implies(request_: Request, implied: tuple[str, str] | None) -> None:
    own = f"{request_.service}:{request_.action}"
    assert read_policy({"Statement": [allow(own)]}).refuses(request_) == implied
    if implied:
        action, resource = implied
        also = [allow(own), allow(action, resource=resource)]
        assert read_policy({"Statement": also}).allows(request_)
        near = [allow(own), allow(action, resource=f"{resource}x")]
        assert not read_policy({"Statement": near}).allows(request_)
    assert read_policy({"Statement": []}).refuses(request_) == (own, resource_of(request_))


def test_what_is_not_understood_is_refused() -> None:
    with pytest.raises(SandboxError, match="condition"):
        read_policy({"Statement": {**allow("*"), "Condition": {"Bool": {}}}})


def test_enforced_until_lifted(aws: Sandbox) -> None:
    seed.repository(aws, "app")
    ecr = aws.client("ecr")
    aws.enforce({"Version": "2012-10-17", "Statement": allow("ecr:DescribeRepositories")})
    assert len(ecr.describe_repositories()["repositories"]) == 1
    with pytest.raises(ClientError, match="not authorized to perform: ecr:DeleteRepository"):
        ecr.delete_repository(repositoryName="app")
    aws.enforce(None)
    ecr.delete_repository(repositoryName="app")
