"""IAM as documented: pages of authorization details, last use, conflicts of deletion."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


@pytest.fixture
def iam(aws: Sandbox) -> Any:
    return aws.client("iam")


def test_pages_of_100_or_as_told(aws: Sandbox, iam: Any) -> None:
    for n in range(230):
        seed.role(aws, f"role{n:03}")
    for size, pages in ((None, [100, 100, 30]), (1000, [230]), (115, [115, 115])):
        config = {"PageSize": size} if size else {}
        listing = list(
            iam.get_paginator("get_account_authorization_details").paginate(
                Filter=["Role"], PaginationConfig=config
            )
        )
        assert [len(page["RoleDetailList"]) for page in listing] == pages
    names = [role["RoleName"] for page in listing for role in page["RoleDetailList"]]
    assert names == [f"role{n:03}" for n in range(230)]


def test_everything_about_a_role_in_one_answer(aws: Sandbox, iam: Any) -> None:
    managed = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    used, made = datetime(2025, 3, 4, tzinfo=UTC), datetime(2020, 1, 2, tzinfo=UTC)
    arn = seed.role(
        aws,
        "app",
        path="/service/",
        attached=[managed],
        inline={"in & out": {"Version": "2012-10-17", "Statement": []}},
        boundary="arn:aws:iam::123456789012:policy/edge",
        created=made,
        last_used=used,
        last_used_region="eu-west-1",
        tags={"team": "a<b"},
        instance_profile="profile",
    )
    role = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"][0]
    profile = role.pop("InstanceProfileList")[0]
    assert profile["InstanceProfileName"] == "profile"
    assert role.pop("RoleId").startswith("AROA")
    assert role == {
        "Path": "/service/",
        "RoleName": "app",
        "Arn": arn,
        "CreateDate": made,
        "AssumeRolePolicyDocument": json.loads(seed.TRUST),
        "RolePolicyList": [
            {
                "PolicyName": "in & out",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": []},
            }
        ],
        "AttachedManagedPolicies": [
            {"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": managed}
        ],
        "PermissionsBoundary": {
            "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": "arn:aws:iam::123456789012:policy/edge",
        },
        "Tags": [{"Key": "team", "Value": "a<b"}],
        "RoleLastUsed": {"LastUsedDate": used, "Region": "eu-west-1"},
    }


def test_filter_chooses_kinds_and_local_policies_have_names(aws: Sandbox, iam: Any) -> None:
    seed.role(aws, "app")
    iam.create_policy(PolicyName="mine", PolicyDocument=POLICY)
    iam.create_user(UserName="ann")
    details = iam.get_account_authorization_details(Filter=["LocalManagedPolicy"])
    assert [policy["PolicyName"] for policy in details["Policies"]] == ["mine"]
    assert details["Policies"][0]["PolicyId"]
    assert (details["RoleDetailList"], details["UserDetailList"]) == ([], [])
    every = iam.get_account_authorization_details()
    assert [len(every[k]) for k in ("RoleDetailList", "UserDetailList", "Policies")] == [1, 1, 1]


def test_a_role_goes_only_when_bare(aws: Sandbox, iam: Any) -> None:
    managed = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    seed.role(aws, "app", attached=[managed], inline={"x": {}}, instance_profile="p")
    steps: list[Callable[[], Any]] = [
        lambda: iam.remove_role_from_instance_profile(InstanceProfileName="p", RoleName="app"),
        lambda: iam.detach_role_policy(RoleName="app", PolicyArn=managed),
        lambda: iam.delete_role_policy(RoleName="app", PolicyName="x"),
    ]
    for step in steps:
        with pytest.raises(iam.exceptions.DeleteConflictException):
            iam.delete_role(RoleName="app")
        step()
    iam.delete_role(RoleName="app")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="app")


def test_awss_own_policies_attach(aws: Sandbox, iam: Any) -> None:
    seed.role(aws, "app")
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.attach_role_policy(RoleName="app", PolicyArn=arn)
    policies = iam.list_attached_role_policies(RoleName="app")["AttachedPolicies"]
    assert policies == [{"PolicyName": "ReadOnlyAccess", "PolicyArn": arn}]


def test_an_attached_policy_stays(aws: Sandbox, iam: Any) -> None:
    seed.role(aws, "app")
    arn = iam.create_policy(PolicyName="mine", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="app", PolicyArn=arn)
    with pytest.raises(iam.exceptions.DeleteConflictException):
        iam.delete_policy(PolicyArn=arn)
    iam.detach_role_policy(RoleName="app", PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)


def test_trust_can_be_cut_and_put_back(aws: Sandbox, iam: Any) -> None:
    seed.role(aws, "app")
    cut = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}],
        }
    )
    for document in (cut, seed.TRUST):
        iam.update_assume_role_policy(RoleName="app", PolicyDocument=document)
        role = iam.get_role(RoleName="app")["Role"]
        assert role["AssumeRolePolicyDocument"] == json.loads(document)
