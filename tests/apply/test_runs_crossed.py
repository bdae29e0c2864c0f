"""Runs that cross: a quarantine half put back, a release in the middle of a sweep, an undo of a
sweep, and what others did in between."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

import jotgraph
from jotgraph.apply.journal import Journal, run_name, runs
from jotgraph.apply.release import Releasing
from jotgraph.apply.sweep import quarantined
from jotgraph.apply.undo import Undoing, undo
from jotgraph.errors import ApplyError
from jotgraph.records import function_id
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply import conftest
from tests.apply.conftest import Estate, applied, statuses
from tests.apply.test_quarantine import (
    connect,
    estate,
    planned,
    released,
    scan,
    set_aside,
    wire,
    world,
)
from tests.apply.test_sweep import carried_out, later, swept

__all__ = ["estate", "wire"]

APP = ("123456789012", "us-east-1", "app")


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


def _said(made: Releasing | Undoing) -> dict[str, tuple[str, str]]:
    return {each.id: (each.status, each.because) for each in made.outcomes}


def test_what_was_swept_comes_back_as_it_was_before_the_quarantine(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    aws.client("lambda").put_function_concurrency(
        FunctionName="app", ReservedConcurrentExecutions=7
    )
    before = world(aws)
    first = planned("function:app")
    assert set_aside(first, backup=True).proven
    plan = swept(later())
    found = carried_out(plan, backup=True)
    assert {status for status, _ in found.values()} == {"done"}, found
    (run,) = (each.name for each in runs().iterdir() if each.name != run_name(first.digest))
    said = f"run {run} deleted it: jotgraph undo {run} makes it again as it was before"
    assert set(_said(released(first)).values()) == {("changed", said)}
    made = undo(run, connect(), patience=0.3)
    assert {status for status, _ in _said(made).values()} == {"restored", "cannot"}, made
    after = world(aws)
    (_, reserved, tags, aliases), was = after["functions"]["app"], before["functions"]["app"]
    assert (reserved, tags, aliases) == was[1:]
    assert after["images"] == before["images"]
    assert after["roles"]["app-role"][1:] == before["roles"]["app-role"][1:]
    assert set(after["triggers"].values()) == set(before["triggers"].values())
    assert quarantined(jotgraph.build(scan()), connect(), later()).held == ()


def test_a_sweep_and_a_release_exclude_each_other(aws_environment: Sandbox, estate: Estate) -> None:
    first = planned("function:app")
    assert set_aside(first).proven
    plan, during = swept(later()), world(aws_environment)
    with (
        Journal(runs() / run_name(first.digest)),
        pytest.raises(ApplyError, match="or its release"),
    ):
        carried_out(plan)
    assert world(aws_environment) == during

    def now(*_: object) -> None:
        with pytest.raises(ApplyError, match="or its release"):
            released(first)

    aws_environment.faults.before("lambda", "DeleteFunction", call=now, times=1)
    assert {status for status, _ in carried_out(swept(later())).values()} == {"done"}


def test_a_stray_file_among_the_runs_is_no_run(aws_environment: Sandbox, estate: Estate) -> None:
    assert set_aside(planned("function:app")).proven
    (runs() / ".DS_Store").write_text("")
    assert swept(later()).steps


def _lambdas(aws: Sandbox) -> tuple[dict[str, tuple[dict[str, Any], list[str]]], dict[str, Any]]:
    found = aws.world.lambda_of(aws.account, aws.region)
    functions = {name: (dict(e.latest), sorted(e.aliases)) for name, e in found.functions.items()}
    return functions, dict(found.triggers)


def test_undo_ties_nothing_to_what_has_the_name_since(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    plan = conftest.planned("function:app")
    receipt = applied(plan, backup=True)
    assert receipt.proven
    other, before_id = "arn:aws:iam::123456789012:role/other-role", function_id(*APP)
    seed.function(aws, "app", "common:v1", role=other)
    before = _lambdas(aws)
    for again in (False, True):
        made = undo(receipt.run, connect(), patience=0.3)
        found = {each.id.partition(":")[0]: (each.status, each.because) for each in made.outcomes}
        assert not made.whole
        assert found["function"] == (
            "cannot",
            "another one of its name was made since, and is left as it is",
        )
        tied = f"{before_id} is another one by now, and nothing is tied to that"
        assert found["alias"] == found["trigger"] == ("cannot", tied)
        assert found["ecr-repo"][0] == found["role"][0] == ("there" if again else "restored")
        assert _lambdas(aws) == before
