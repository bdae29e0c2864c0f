"""Calls that the sandbox answers from moto's objects, because they are asked so often: each whole
answer and each error is moto's own, and where moto is wrong it is AWS's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import app, seed, sessions
from jotgraph.sandbox.ecr import settings
from jotgraph.sandbox.iam import roles
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import iam_backend

ACCOUNT = "123456789012"
REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/"
POLICY = {"Version": "2012-10-17", "Statement": []}
LIFECYCLE = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {
                "tagStatus": "any",
                "countType": "imageCountMoreThan",
                "countNumber": 9,
            },
            "action": {"type": "expire"},
        }
    ]
}
PULL = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
REPLICATE = {"Effect": "Allow", "Sid": "x", "Action": ["ecr:ReplicateImage"], "Resource": ["*"]}


class Call(NamedTuple):
    service: str
    action: str
    params: dict[str, str]
    account: str = ACCOUNT


def _iam(action: str, name: str, **params: str) -> Call:
    return Call("iam", action, {"RoleName": name, **params})


def _calls() -> Iterator[Call]:
    for name in ("full", "bare", "own", "none"):
        for action in ("GetRole", "ListRolePolicies", "ListAttachedRolePolicies"):
            yield _iam(action, name)
        yield _iam("GetRolePolicy", name, PolicyName="in & out")
        if name != "none":
            yield _iam("ListInstanceProfilesForRole", name)
    yield _iam("GetRolePolicy", "full", PolicyName="other")
    yield _iam("ListAttachedRolePolicies", "full", PathPrefix="/service-role/")
    yield _iam("ListAttachedRolePolicies", "full", PathPrefix="/nowhere/")
    for name in ("full", "bare", "none"):
        for registry in ({}, {"registryId": ACCOUNT}, {"registryId": "9" * 12}):
            yield Call("ecr", "GetRepositoryPolicy", {"repositoryName": name, **registry})
            yield Call("ecr", "GetLifecyclePolicy", {"repositoryName": name, **registry})
        yield Call("ecr", "ListTagsForResource", {"resourceArn": f"{REPOSITORY}{name}"})
    yield Call("ecr", "ListTagsForResource", {"resourceArn": "full"})
    for account in (ACCOUNT, "9" * 12):
        yield Call("ecr", "GetRegistryPolicy", {}, account)
        yield Call("ecr", "DescribeRegistry", {}, account)
        yield Call("sts", "GetCallerIdentity", {}, account)


CALLS = tuple(_calls())


def _fill(aws: Sandbox) -> None:
    """Roles, repositories and registries with everything set, and with nothing."""
    then = datetime(2020, 1, 2, tzinfo=UTC)
    aws_managed = "arn:aws:iam::aws:policy/"
    seed.role(
        aws,
        "full",
        path="/service/",
        attached=[f"{aws_managed}service-role/Basic", f"{aws_managed}ReadOnlyAccess"],
        inline={"in & out": POLICY, "a<b": {}},
        boundary=f"arn:aws:iam::{ACCOUNT}:policy/edge",
        created=then,
        last_used=then,
        last_used_region="eu-west-1",
        tags={"team": "a<b", "empty": ""},
        instance_profile="profile",
    )
    seed.role(aws, "bare", created=then)
    iam = aws.client("iam")
    words = {"AssumeRolePolicyDocument": seed.TRUST, "Description": "é & <"}
    iam.create_role(RoleName="own", MaxSessionDuration=7200, **words)
    iam.create_instance_profile(InstanceProfileName="second", Tags=[{"Key": "k", "Value": "v"}])
    iam.add_role_to_instance_profile(InstanceProfileName="second", RoleName="full")
    backend = iam_backend(ACCOUNT)
    for resource in (*backend.instance_profiles.values(), *backend.roles.values()):
        resource.create_date = then  # moto writes fractions of a second, AWS does not
    for name in ("full", "bare"):
        seed.repository(aws, name)
    ecr = aws.client("ecr")
    ecr.set_repository_policy(
        repositoryName="full", policyText=json.dumps({**POLICY, "Statement": [PULL]})
    )
    ecr.put_lifecycle_policy(repositoryName="full", lifecyclePolicyText=json.dumps(LIFECYCLE))
    ecr.tag_resource(resourceArn=f"{REPOSITORY}full", tags=[{"Key": "a", "Value": "é"}])
    statement = {**REPLICATE, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    ecr.put_registry_policy(policyText=json.dumps({**POLICY, "Statement": [statement]}))
    target = {"region": "eu-west-1", "registryId": ACCOUNT}
    ecr.put_replication_configuration(
        replicationConfiguration={"rules": [{"destinations": [target]}]}
    )


def _answer(aws: Sandbox, call: Call) -> Any:
    """All that the client says of an answer, or of an error."""
    client = aws.client(call.service, account=call.account)
    try:
        answer = client._make_api_call(call.action, call.params)
    except ClientError as error:
        fault = error.response["Error"]
        return fault["Code"], fault["Message"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    metadata = answer.pop("ResponseMetadata")
    answer.pop("lastEvaluatedAt", None)
    if call.action == "ListInstanceProfilesForRole":
        answer.setdefault("IsTruncated", False)  # moto does not say
    return answer, metadata["HTTPStatusCode"]


def test_each_answer_is_motos(aws: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(aws)
    ours = [_answer(aws, call) for call in CALLS]
    for call in CALLS:
        monkeypatch.delitem(app.HANDLERS[call.service], call.action, raising=False)
    assert ours == [_answer(aws, call) for call in CALLS]
    errors = [answer[0] for answer in ours if isinstance(answer[0], str)]
    assert set(errors) == {
        "NoSuchEntity", "RepositoryNotFoundException", "RepositoryPolicyNotFoundException",
        "LifecyclePolicyNotFoundException", "RegistryPolicyNotFoundException",
        "InvalidParameterException",
    }  # fmt: skip


def test_the_table_has_every_such_call() -> None:
    answered = {
        "iam": roles.HANDLERS,
        "ecr": settings.HANDLERS,
        "sts": {"GetCallerIdentity": sessions.get_caller_identity},
    }
    assert {(call.service, call.action) for call in CALLS} == {
        (service, action) for service, handlers in answered.items() for action in handlers
    }


def test_the_caller_of_an_assumed_role(aws: Sandbox) -> None:
    """As API_GetCallerIdentity shows it, and moto."""
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    arn = seed.role(aws, "reader", trust={**POLICY, "Statement": [trust]})
    assumed = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="me")
    keys = assumed["Credentials"]
    import boto3  # noqa: PLC0415 -- a client of other keys

    sts = boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=aws.endpoint,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    caller = sts.get_caller_identity()
    assert caller["Arn"] == assumed["AssumedRoleUser"]["Arn"]
    assert caller["UserId"] == assumed["AssumedRoleUser"]["AssumedRoleId"]


def test_a_role_that_is_not_there_is_in_no_profile_to_list(aws: Sandbox) -> None:
    """API_ListInstanceProfilesForRole, NoSuchEntity; moto lists none."""
    iam = aws.client("iam")
    with pytest.raises(iam.exceptions.NoSuchEntityException, match="Role none not found"):
        iam.list_instance_profiles_for_role(RoleName="none")


@pytest.mark.parametrize(
    ("listing", "items"),
    [
        ("list_role_policies", "PolicyNames"),
        ("list_attached_role_policies", "AttachedPolicies"),
        ("list_instance_profiles_for_role", "InstanceProfiles"),
    ],
)
def test_a_listing_of_a_role_has_pages(aws: Sandbox, listing: str, items: str) -> None:
    """ "If you do not include this parameter, the number of items defaults to 100" (MaxItems);
    moto names a marker where nothing follows, or has no pages at all."""
    names = [f"p{number:03}" for number in range(100)]
    managed = [f"arn:aws:iam::aws:policy/{name}" for name in names]
    seed.role(aws, "app", inline={name: {} for name in names}, attached=managed)
    backend = iam_backend(ACCOUNT)
    for name in names:
        backend.create_instance_profile(name, "/", [])
        backend.add_role_to_instance_profile(name, "app")
    ask = partial(getattr(aws.client("iam"), listing), RoleName="app")
    whole = ask()
    assert (len(whole[items]), whole["IsTruncated"], "Marker" in whole) == (100, False, False)
    first = ask(MaxItems=70)
    assert (len(first[items]), first["IsTruncated"]) == (70, True)
    second = ask(MaxItems=70, Marker=first["Marker"])
    assert (first[items] + second[items], second["IsTruncated"]) == (whole[items], False)
