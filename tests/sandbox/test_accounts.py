"""Many accounts in the sandbox: an organization, the roles that lead to its members, their keys."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

OTHER = "210987654321"


def _assume(aws: Sandbox, arn: str, **params: Any) -> Any:
    return aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test", **params)


def _as(aws: Sandbox, assumed: Any, service: str, region: str = "us-east-1") -> Any:
    keys = assumed["Credentials"]
    client: Any = boto3.client  # the stubs want a literal
    return client(
        service,
        region_name=region,
        endpoint_url=aws.endpoint,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def _code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_a_role_is_assumed_by_whom_it_trusts(aws: Sandbox) -> None:
    arn = seed.member_role(aws, OTHER)
    caller = _as(aws, _assume(aws, arn), "sts").get_caller_identity()
    assert (caller["Account"], caller["Arn"]) == (
        OTHER,
        f"arn:aws:sts::{OTHER}:assumed-role/jotgraph/test",
    )


@pytest.mark.parametrize("name", ["app", "nobody"])
def test_whom_a_role_does_not_trust_and_a_role_that_is_not_there_look_alike(
    aws: Sandbox, name: str
) -> None:
    seed.role(aws, "app", account=OTHER)  # trusts Lambda alone
    with pytest.raises(ClientError) as error:
        _assume(aws, f"arn:aws:iam::{OTHER}:role/{name}")
    assert _code(error) == "AccessDenied"
    assert f"sts:AssumeRole on resource: arn:aws:iam::{OTHER}:role/{name}" in str(error.value)


def test_an_external_id_must_be_the_one_that_is_asked_for(aws: Sandbox) -> None:
    arn = seed.member_role(aws, OTHER, external_id="ours")
    assert _assume(aws, arn, ExternalId="ours")["Credentials"]
    for wrong in ({}, {"ExternalId": "theirs"}):
        with pytest.raises(ClientError, match="AccessDenied"):
            _assume(aws, arn, **wrong)


def test_keys_of_a_role_end(aws: Sandbox) -> None:
    assumed = _assume(aws, seed.member_role(aws, OTHER), DurationSeconds=900)
    ecr = _as(aws, assumed, "ecr")
    aws.advance(890)
    assert ecr.describe_repositories()["repositories"] == []
    aws.advance(20)
    with pytest.raises(ClientError) as error:
        ecr.describe_repositories()
    assert _code(error) == "ExpiredTokenException"


def test_accounts_of_an_organization_come_twenty_a_page(aws: Sandbox) -> None:
    names = {f"{number:012}": f"team-{number}" for number in range(1, 41)}
    seed.organization(aws, names, suspended=["000000000007"])
    first = aws.client("organizations").list_accounts()
    assert len(first["Accounts"]) == 20
    pages = aws.client("organizations").get_paginator("list_accounts").paginate()
    listed = {row["Id"]: (row["Name"], row["Status"]) for page in pages for row in page["Accounts"]}
    assert len(listed) == 41
    assert listed[aws.account] == ("management", "ACTIVE")
    assert listed["000000000007"] == ("team-7", "SUSPENDED")


def test_who_may_list_accounts(aws: Sandbox) -> None:
    with pytest.raises(ClientError) as none:
        aws.client("organizations").list_accounts()
    assert _code(none) == "AWSOrganizationsNotInUseException"
    seed.organization(aws, {OTHER: "other"})
    with pytest.raises(ClientError) as member:
        aws.client("organizations", account=OTHER).list_accounts()
    assert _code(member) == "AccessDeniedException"
    seed.organization(aws, {OTHER: "other"}, delegated=[OTHER])
    assert aws.client("organizations", account=OTHER).list_accounts()["Accounts"]


def test_an_account_that_did_not_opt_in_to_a_region_is_not_known_there(aws: Sandbox) -> None:
    seed.opted_in(aws, OTHER, ["us-east-1"])
    here = aws.client("ec2", account=OTHER).describe_regions()["Regions"]
    assert [region["RegionName"] for region in here] == ["us-east-1"]
    with pytest.raises(ClientError) as error:
        aws.client("ecr", region="eu-west-1", account=OTHER).describe_repositories()
    assert _code(error) == "UnrecognizedClientException"


def test_the_log_says_when_calls_came(aws: Sandbox) -> None:
    for _ in range(3):
        aws.client("sts").get_caller_identity()
    times = [call.at for call in aws.calls]
    assert times == sorted(times)
    assert times[0] > 0
