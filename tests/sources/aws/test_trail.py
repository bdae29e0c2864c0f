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
from jotgraph.sandbox import seed
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


def calls(told: Trail) -> list[tuple[str, str, str]]:
    return [(event.call, event.what.rpartition("/")[2], event.failed) for event in told.events]


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
    with pytest.raises(OptionError, match="tells of functions"):
        events_of(client, role_id(aws.account, "app"), datetime.now(UTC))
