"""Who deployed what, by CloudTrail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jotgraph.clients import connect
from jotgraph.errors import OptionError
from jotgraph.records import (
    ResourceId,
    alias_id,
    function_id,
    role_id,
    version_id,
    workload_id,
)
from jotgraph.sandbox import cloudtrail, seed
from jotgraph.sandbox.cloudtrail import EVENTS
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.aws.trail import Trail, events_of
from jotgraph.sources.connections import Connections, connected
from tests.sandbox.test_cloudtrail import changed, unpaced

__all__ = ["unpaced"]


@pytest.fixture
def connections(aws_environment: Sandbox) -> Iterator[Connections]:
    changed(aws_environment)
    clients = connect(use_docker=False, attempts=1, rounds=1, rates={})
    with connected(clients) as made:
        yield made


def trail(connections: Connections, resource: ResourceId) -> Trail:
    return events_of(connections.client(resource), resource, datetime.now(UTC) + timedelta(hours=1))


def calls(trail: Trail) -> list[tuple[str, str, str]]:
    return [(event.call, event.what.rpartition("/")[2], event.failed) for event in trail.events]


def test_of_a_function_all_that_deployed_it(connections: Connections, aws: Sandbox) -> None:
    place = (aws.account, aws.region)
    told = trail(connections, function_id(*place, "pay"))
    assert {event.who for event in told.events} == {f"arn:aws:iam::{aws.account}:user/jotgraph"}
    names = [(call, failed) for call, _, failed in calls(told)]
    assert sorted(names) == [
        ("CreateAlias", ""),
        ("CreateFunction", ""),
        ("PublishVersion", ""),
        ("UpdateAlias", "ResourceNotFoundException"),
        ("UpdateFunctionCode", ""),
    ]
    assert told.gaps == ()
    assert trail(connections, function_id(*place, "payment")).events == ()


def test_of_an_alias_and_a_version_their_own(connections: Connections, aws: Sandbox) -> None:
    place = (aws.account, aws.region)
    live = {
        event.call: event.what
        for event in trail(connections, alias_id(*place, "pay", "live")).events
    }
    assert live["CreateAlias"] == "live to version 1"
    assert "UpdateAlias" not in live
    (published,) = (
        event
        for event in trail(connections, version_id(*place, "pay", "1")).events
        if event.call == "PublishVersion"
    )
    assert published.what.startswith("version 1, code ")


def keep(aws: Sandbox, *rows: object, call: str = "PublishVersion20150331") -> None:
    """Put events into the history as if they had come, each by what was asked for."""
    for number, asked in enumerate(rows):
        event: dict[str, Any] = {
            "eventID": f"{call} {number}",
            "eventName": call,
            "eventTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": "lambda.amazonaws.com",
            "userIdentity": {"accessKeyId": "", "userName": "", "arn": "", "principalId": "robot"},
            "requestParameters": asked,
            "responseElements": None,
        }
        aws.world.kept.setdefault((aws.account, aws.region, EVENTS), {})[event["eventID"]] = event


ARN = "arn:aws:lambda:us-east-1:{}:function:{}"


@pytest.mark.parametrize(
    "named",
    [
        "my-function",
        "my-function:live",
        "123456789012:function:my-function",
        ARN.format("123456789012", "my-function"),
        ARN.format("123456789012", "my-function:live"),
    ],
)
def test_a_function_is_named_in_every_form(
    connections: Connections, aws: Sandbox, named: str
) -> None:
    keep(aws, {"functionName": named})
    mine = function_id(aws.account, aws.region, "my-function")
    assert [event.who for event in trail(connections, mine).events] == ["robot"]
    assert trail(connections, function_id(aws.account, aws.region, "live")).events == ()


@pytest.mark.parametrize(
    "asked",
    [
        {"functionName": ARN.format("210987654321", "my-function")},
        {"functionName": ARN.format("123456789012", "my-function").replace("us-east", "eu-west")},
        {"functionName": "210987654321:function:my-function"},
        {"functionName": "my-function", "dryRun": True},
        {"functionName": ""},
        {"functionName": "arn:aws:lambda:"},
        None,
    ],
    ids=["account", "region", "partial", "dry-run", "empty", "no-arn", "nothing"],
)
def test_what_deployed_nothing_of_it_is_no_deployment(
    connections: Connections, aws: Sandbox, asked: object
) -> None:
    """A call to a function of another account is in the caller's history, too."""
    keep(aws, asked, call="UpdateFunctionCode20150331v2")
    mine = function_id(aws.account, aws.region, "my-function")
    assert trail(connections, mine) == ((), ())


def test_an_event_that_is_not_understood_is_a_gap(
    connections: Connections, aws: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(aws, {"functionName": "pay"}, {"functionName": "pay"})
    row = cloudtrail._row

    def torn(event: Any) -> dict[str, Any]:
        whole = row(event)
        cut = event["eventID"] == "PublishVersion20150331 1"
        return {**whole, "CloudTrailEvent": whole["CloudTrailEvent"][:40]} if cut else whole

    monkeypatch.setattr(cloudtrail, "_row", torn)
    told = trail(connections, function_id(aws.account, aws.region, "pay"))
    (gap,) = told.gaps
    assert (gap.name, gap.reason, gap.resource) == (
        "cloudtrail:LookupEvents", "error", "PublishVersion20150331",
    )  # fmt: skip
    assert gap.detail.startswith("1 event could not be understood")
    assert "robot" in {event.who for event in told.events}


def test_of_a_service_its_updates(connections: Connections, aws: Sandbox) -> None:
    seed.task_definition(aws, "web", "app:1")
    seed.ecs_service(aws, "web", "web", count=1)
    ecs: Any = aws.client("ecs")
    ecs.update_service(service="web", desiredCount=2)
    service = workload_id(aws.account, aws.region, "ecs", "service", "default/web")
    assert {event.call for event in trail(connections, service).events} >= {"UpdateService"}
    other = workload_id(aws.account, aws.region, "ecs", "service", "other/web")
    assert trail(connections, other).events == ()


def test_a_denial_is_a_gap_and_what_was_read_stays(connections: Connections, aws: Sandbox) -> None:
    def of_code(request: Any) -> bool:
        asked = request.params["LookupAttributes"][0]["AttributeValue"]
        return bool(asked.startswith("UpdateFunctionCode"))

    aws.faults.deny("cloudtrail", "LookupEvents", where=of_code)
    told = trail(connections, function_id(aws.account, aws.region, "pay"))
    (gap,) = told.gaps
    assert (gap.name, gap.reason) == ("cloudtrail:LookupEvents", "denied")
    assert "PublishVersion" in {event.call for event in told.events}


def test_other_kinds_have_no_deployments(connections: Connections, aws: Sandbox) -> None:
    client = connections.region(aws.account, aws.region)
    with pytest.raises(OptionError, match="covers functions"):
        events_of(client, role_id(aws.account, "app"), datetime.now(UTC))
