"""CloudTrail's event history, as it is documented: names, order, pages, limits."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import cloudtrail, seed
from jotgraph.sandbox.server import Sandbox


@pytest.fixture(autouse=True)
def unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudtrail, "PER_SECOND", 10**9)


def changed(aws: Sandbox) -> None:
    role = seed.role(aws, "app")
    seed.repository(aws, "app")
    for tag in "12":
        seed.image(aws, "app", tag)
    client: Any = aws.client("lambda")
    client.create_function(
        FunctionName="pay", PackageType="Image", Code={"ImageUri": seed.uri(aws, "app:1")},
        Role=role, Environment={"Variables": {"SECRET": "hunter2"}},
    )  # fmt: skip
    client.update_function_code(FunctionName="pay", ImageUri=seed.uri(aws, "app:2"))
    client.publish_version(FunctionName="pay")
    client.create_alias(FunctionName="pay", Name="live", FunctionVersion="1")
    with pytest.raises(ClientError):
        client.update_alias(FunctionName="pay", Name="gone", FunctionVersion="1")


def lookup(aws: Sandbox, **params: Any) -> Any:
    return aws.client("cloudtrail").lookup_events(**params)


def by(key: str, value: str) -> dict[str, Any]:
    return {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]}


def test_the_newest_comes_first_by_the_name_of_its_api(aws: Sandbox) -> None:
    changed(aws)
    names = [event["EventName"] for event in lookup(aws)["Events"]]
    assert names == [
        "UpdateAlias20150331",
        "CreateAlias20150331",
        "PublishVersion20150331",
        "UpdateFunctionCode20150331v2",
        "CreateFunction20150331",
    ]
    (event,) = lookup(aws, **by("EventName", "UpdateFunctionCode20150331v2"))["Events"]
    detail = json.loads(event["CloudTrailEvent"])
    assert detail["requestParameters"]["imageUri"] == seed.uri(aws, "app:2")
    assert detail["responseElements"]["functionName"] == "pay"
    assert detail["userIdentity"]["arn"].endswith(":user/jotgraph")
    assert lookup(aws, **by("EventName", "UpdateFunctionCode"))["Events"] == []  # names are exact


def test_what_was_refused_says_so_and_values_are_hidden(aws: Sandbox) -> None:
    changed(aws)
    events = [json.loads(event["CloudTrailEvent"]) for event in lookup(aws)["Events"]]
    assert events[0]["errorCode"] == "ResourceNotFoundException"
    assert "hunter2" not in json.dumps(events)


def test_pages_of_fifty(aws: Sandbox) -> None:
    client: Any = aws.client("ecs")
    client.create_cluster(clusterName="default")
    seed.repository(aws, "app")
    for number in range(3):
        seed.image(aws, "app", str(number))
        client.register_task_definition(
            family="web",
            containerDefinitions=[{"name": "a", "image": seed.uri(aws, "app:1"), "memory": 64}],
        )
    first = lookup(aws, MaxResults=2)
    second = lookup(aws, MaxResults=2, NextToken=first["NextToken"])
    assert [len(page["Events"]) for page in (first, second)] == [2, 1]
    assert "NextToken" not in second
    for wrong in ({"MaxResults": 51}, {"NextToken": "x"}, {**by("Color", "red")}):
        with pytest.raises(ClientError):
            lookup(aws, **wrong)


def test_only_two_calls_a_second(aws: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudtrail, "PER_SECOND", 2)
    monkeypatch.setattr(time, "monotonic", lambda: 5.0)
    client = aws.client("cloudtrail")
    for _ in range(2):
        client.lookup_events()
    with pytest.raises(ClientError, match="Rate exceeded"):
        client.lookup_events()


def test_what_is_older_than_ninety_days_is_gone(
    aws: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(aws)
    monkeypatch.setattr(aws.world, "ahead", 91 * 86400)
    assert lookup(aws)["Events"] == []
