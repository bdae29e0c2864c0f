"""Changes of a function that go on for a while, and roles that Lambda does not believe in yet."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

TRUST = '{"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]}'


@pytest.fixture
def client(aws: Sandbox) -> Any:
    seed.repository(aws, "app")
    seed.image(aws, "app", "1")
    seed.image(aws, "app", "2")
    iam: Any = aws.client("iam")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
    return aws.client("lambda")


def create(client: Any, aws: Sandbox) -> Any:
    return client.create_function(
        FunctionName="app", PackageType="Image", Code={"ImageUri": seed.uri(aws, "app:1")},
        Role="arn:aws:iam::123456789012:role/app",
    )  # fmt: skip


def state(client: Any) -> tuple[str, str]:
    config = client.get_function(FunctionName="app")["Configuration"]
    return config["State"], config["LastUpdateStatus"]


def test_a_function_is_pending_and_then_in_progress(aws: Sandbox, client: Any) -> None:
    aws.world.settle_looks = 2
    assert create(client, aws)["State"] == "Pending"
    with pytest.raises(ClientError, match="in the following state: Pending"):
        client.update_function_code(FunctionName="app", ImageUri=seed.uri(aws, "app:2"))
    assert [state(client)[0] for _ in range(3)] == ["Pending", "Pending", "Active"]
    client.update_function_code(FunctionName="app", ImageUri=seed.uri(aws, "app:2"))
    for call, words in (
        (client.update_function_configuration, {"Timeout": 9}),
        (client.publish_version, {}),
    ):
        with pytest.raises(ClientError, match="An update is in progress") as refused:
            call(FunctionName="app", **words)
        assert refused.value.response["Error"]["Code"] == "ResourceConflictException"
    assert [state(client)[1] for _ in range(3)] == ["InProgress", "InProgress", "Successful"]
    assert client.publish_version(FunctionName="app")["Version"] == "1"


def test_a_role_that_is_not_believed_in_yet(aws: Sandbox, client: Any) -> None:
    aws.world.role_refusals = 1
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        create(client, aws)
    assert create(client, aws)["State"] == "Pending"
