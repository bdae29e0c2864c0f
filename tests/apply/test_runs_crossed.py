"""Runs that cross: a quarantine half put back, a release in the middle of a sweep, an undo of a
sweep, and what others did in between."""

from __future__ import annotations

from datetime import UTC, datetime

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.conftest import Estate, statuses
from tests.apply.test_quarantine import estate, planned, set_aside, wire
from tests.apply.test_sweep import later, swept

__all__ = ["estate", "wire"]


def test_parts_of_a_function_that_was_put_back_are_not_swept(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """The run still holds another function: what it left of that one alone may go."""
    aws = aws_environment
    aws.client("lambda").delete_event_source_mapping(UUID=estate.trigger)

    def call(*_: object) -> None:
        seed.metric(aws, "app", [(datetime.now(UTC), 1)], metric="Throttles")

    aws.faults.after("lambda", "PutFunctionConcurrency", call=call, times=1)
    receipt = set_aside(planned("function:app", "function:other"))
    found = statuses(receipt)
    assert (found["function:app"][0], found["function:other"][0]) == ("refused", "done")
    assert [each.id for each in swept(later()).steps] == [
        "function:123456789012/us-east-1/other",
        f"ecr-image:123456789012/us-east-1/common@{estate.shared}",
        "ecr-repo:123456789012/us-east-1/common",
        "role:123456789012/other-role",
    ]
