"""Invoke as AWS documents it, without an engine: answers of handlers of this process."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import Invoked

PLAIN = re.compile(
    r"START RequestId: (?P<id>[0-9a-f-]{36}) Version: \$LATEST\nhello\nEND RequestId: (?P=id)\n"
    r"REPORT RequestId: (?P=id)\tDuration: 1.50 ms\tBilled Duration: 102 ms\t"
    r"Memory Size: 128 MB\tMax Memory Used: 40 MB\tInit Duration: 100.00 ms\t\n"
)


def total(event: Any, call: Invoked) -> Any:
    call.log("hello")
    return {"total": sum(event["prices"]), "version": call.version}


def tail(answer: Any) -> str:
    return base64.b64decode(answer["LogResult"]).decode()


def test_a_declared_handler_answers_with_version_and_report(aws: Sandbox) -> None:
    seed.function(aws, "shop")
    aws.answer("shop", total)
    client = aws.client("lambda")
    first = client.invoke(FunctionName="shop", Payload=b'{"prices": [1, 2]}', LogType="Tail")
    assert json.load(first["Payload"]) == {"total": 3, "version": "$LATEST"}
    assert (first["StatusCode"], first["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in first
    assert PLAIN.fullmatch(tail(first))
    second = client.invoke(FunctionName="shop", Payload=b'{"prices": []}', LogType="Tail")
    assert "Init Duration" not in tail(second)
    assert "Billed Duration: 2 ms" in tail(second)


def test_without_a_handler_nothing_is_run(aws: Sandbox) -> None:
    seed.function(aws, "shop")
    answer = aws.client("lambda").invoke(FunctionName="shop", Payload=b"{}")
    assert (answer["Payload"].read(), "LogResult" in answer) == (b"null", False)


def test_an_error_of_the_function_is_an_answer(aws: Sandbox) -> None:
    seed.function(aws, "shop")
    aws.answer("shop", total)
    answer = aws.client("lambda").invoke(FunctionName="shop", Payload=b"{}", LogType="Tail")
    error = json.load(answer["Payload"])
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert (error["errorType"], error["errorMessage"]) == ("KeyError", "'prices'")
    assert "total" in error["stackTrace"][0]


def test_a_payload_that_is_no_json_is_refused(aws: Sandbox) -> None:
    seed.function(aws, "shop")
    with pytest.raises(ClientError, match="InvalidRequestContentException"):
        aws.client("lambda").invoke(FunctionName="shop", Payload=b"{")


def test_other_types_of_invocation_answer_nothing(aws: Sandbox) -> None:
    seed.function(aws, "shop")
    calls: list[Any] = []
    aws.answer("shop", lambda event, call: calls.append(event))
    client = aws.client("lambda")
    codes = [
        client.invoke(FunctionName="shop", InvocationType=kind, Payload=b"1")["StatusCode"]
        for kind in ("DryRun", "Event")
    ]
    assert (codes, calls) == ([204, 202], [1])


def test_an_alias_runs_its_versions_by_weight(aws: Sandbox) -> None:
    seed.function(aws, "shop")
    aws.answer("shop", lambda event, call: call.version)
    client = aws.client("lambda")
    client.publish_version(FunctionName="shop")
    client.update_function_configuration(FunctionName="shop", Description="two")
    client.publish_version(FunctionName="shop")
    client.create_alias(FunctionName="shop", Name="live", FunctionVersion="1")
    assert client.invoke(FunctionName="shop:live")["ExecutedVersion"] == "1"
    weights = {"AdditionalVersionWeights": {"2": 0.5}}
    client.update_alias(FunctionName="shop", Name="live", RoutingConfig=weights)
    ran = [
        client.invoke(FunctionName="shop", Qualifier="live")["ExecutedVersion"] for _ in range(20)
    ]
    assert set(ran) == {"1", "2"}


def test_an_image_answers_by_its_digest(aws: Sandbox) -> None:
    seed.repository(aws, "team/app")
    digest = seed.image(aws, "team/app", "v1")
    seed.function(aws, "shop", "team/app:v1")
    aws.answer("shop", lambda event, call: "by name")
    aws.answer(digest, lambda event, call: call.digest)
    answer = aws.client("lambda").invoke(FunctionName="shop")
    assert json.load(answer["Payload"]) == digest


def test_a_function_that_is_being_created_cannot_be_invoked_yet(aws: Sandbox) -> None:
    aws.world.settle_looks = 1
    role = seed.role(aws, "shop-role")
    client = aws.client("lambda")
    seed.repository(aws, "team/app")
    seed.image(aws, "team/app", "v1")
    uri = f"{aws.account}.dkr.ecr.{aws.region}.amazonaws.com/team/app:v1"
    client.create_function(
        FunctionName="shop", PackageType="Image", Code={"ImageUri": uri}, Role=role
    )
    with pytest.raises(ClientError, match="following state: Pending"):
        client.invoke(FunctionName="shop")
    client.get_function(FunctionName="shop")
    assert client.invoke(FunctionName="shop")["StatusCode"] == 200
