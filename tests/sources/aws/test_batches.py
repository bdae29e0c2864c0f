"""How many a call takes at once."""

from __future__ import annotations

from typing import Any

import pytest

from jotgraph.errors import CallFailedError
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.aws.batches import batches
from jotgraph.sources.aws.ecs_services import get_service, services_on
from jotgraph.sources.connections import connected
from tests.apply.runs import connect, reachable


@pytest.mark.parametrize(
    ("count", "parts"), [(0, []), (1, [1]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])]
)
def test_every_part_but_the_last_is_full(count: int, parts: list[int]) -> None:
    items = list(range(count))
    cut = batches(items, 10)
    assert [len(part) for part in cut] == parts
    assert [item for part in cut for item in part] == items


def test_more_services_than_a_call_describes(aws_environment: Sandbox) -> None:
    reachable(aws_environment)
    definition = seed.task_definition(aws_environment, "web", "docker.io/library/nginx:1")
    names = [f"web-{number:02}" for number in range(11)]
    for name in names:
        seed.ecs_service(aws_environment, name, "web")
    with connected(connect()) as connections:
        place = connections.region(aws_environment.account, "us-east-1")
        assert services_on(place, definition) == [f"default/{name}" for name in names]
    assert aws_environment.calls.count("DescribeServices") == 2


def test_a_service_that_an_answer_is_silent_about_is_unread(aws_environment: Sandbox) -> None:
    reachable(aws_environment)
    definition = seed.task_definition(aws_environment, "web", "docker.io/library/nginx:1")
    arn = seed.ecs_service(aws_environment, "web", "web")
    with connected(connect()) as connections:
        place = connections.region(aws_environment.account, "us-east-1")
        told = get_service(place, "default", "web")
        assert told
        assert told["serviceArn"] == arn
        assert get_service(place, "default", "other") is None, "it is called missing"

        def ask_of_another(request: Any) -> None:
            request.params["services"] = ["other"]

        aws_environment.faults.before("ecs", "DescribeServices", call=ask_of_another)
        with pytest.raises(CallFailedError, match="the answer does not contain web"):
            get_service(place, "default", "web")
        with pytest.raises(CallFailedError, match=f"the answer does not contain {arn}"):
            services_on(place, definition)
