"""What a scan leaves out of functions is read when they are to go: aliases, policies, URLs."""

from __future__ import annotations

import json

import pytest

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import OLD
from tests.functional.conftest import Run

QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"
ALIAS = "alias:123456789012/us-east-1/plain:live"
FUNCTION = "function:123456789012/us-east-1/plain"


@pytest.fixture
def plain(aws_environment: Sandbox) -> Sandbox:
    """A function with an alias of ``$LATEST`` and a trigger, and others like it."""
    role = seed.role(aws_environment, "plain", created=OLD)
    for name in ("plain", "other", "another"):
        seed.function(aws_environment, name, role=role, modified=OLD)
        seed.trigger(aws_environment, name, QUEUE, modified=OLD)
    seed.alias(aws_environment, "plain", "live", "$LATEST")
    return aws_environment


def _outcomes(text: str) -> dict[str, str]:
    return {outcome["id"]: outcome["status"] for outcome in json.loads(text)["outcomes"]}


def test_delete_takes_an_alias_along_without_another_flag(run: Run, plain: Sandbox) -> None:
    result = run("delete", "function:plain", "--no-docker", "--yes", "--format", "json")
    assert result.exit_code == 0, result.output
    done = _outcomes(result.stdout)
    assert done.pop(ALIAS) == done.pop(FUNCTION) == "done"
    assert [resource.partition(":")[0] for resource in done] == ["trigger"]
    result = run("delete", "function:other", "--no-docker", "--yes", "--format", "json")
    assert result.exit_code == 0, result.output
    assert len(_outcomes(result.stdout)) == 2


def test_a_plan_asks_about_its_targets_alone(run: Run, plain: Sandbox) -> None:
    found = run(
        "plan", "delete", "function:plain", "--no-docker", "--format", "json", "-o", "p.json"
    )
    assert found.exit_code == 0, found.output
    assert ALIAS in {step["id"] for step in json.loads(found.stdout)["steps"]}
    asked = [call.params["FunctionName"] for call in plain.calls.matching("ListAliases")]
    assert asked == ["plain"]
    asked = [call.params["FunctionName"] for call in plain.calls.matching("GetPolicy")]
    assert asked == ["plain", "plain"]  # and that of its alias
    assert run("apply", "p.json", "--yes").exit_code == 0


def test_an_alias_that_is_kept_blocks_its_function_and_trigger(run: Run, plain: Sandbox) -> None:
    asked = ("plan", "delete", "function:plain", "--no-docker", "--exclude", "*:live")
    made = json.loads(run(*asked, "--format", "json").stdout)
    assert made["steps"] == []
    assert {ALIAS, FUNCTION} <= {block["id"] for block in made["blocks"]}


def test_aliases_that_may_not_be_read_are_a_gap_of_the_plan(run: Run, plain: Sandbox) -> None:
    plain.faults.deny("lambda", "ListAliases")
    asked = ("plan", "delete", "function:plain", "--no-docker", "-o", "p.json")
    made = json.loads(run(*asked, "--format", "json").stdout)
    assert (made["complete"], made["unread"]) == (False, ["lambda:ListAliases"])
    assert run("apply", "p.json", "--yes").exit_code == 4
    assert run("apply", "p.json", "--yes", "--accept-gaps", "lambda:ListAliases").exit_code == 4
    assert len(plain.client("lambda").list_event_source_mappings()["EventSourceMappings"]) == 3


def test_of_a_stored_inventory_nothing_is_asked(run: Run, plain: Sandbox) -> None:
    assert run("scan", "--no-docker", "-o", "world.jsonl").exit_code == 0
    plain.calls.clear()
    found = run("plan", "delete", "function:plain", "--from", "world.jsonl", "-o", "p.json")
    assert (found.exit_code, list(plain.calls)) == (0, [])
    accepted = ("--accept-gaps", "policy-unread", "--accept-gaps", "url-unread")
    refused = run("apply", "p.json", "--yes", *accepted)
    assert refused.exit_code == 4
    assert "plan again" in refused.output
    assert len(plain.client("lambda").list_event_source_mappings()["EventSourceMappings"]) == 3


def test_callers_that_may_not_be_read_leave_a_plan_incomplete(run: Run, plain: Sandbox) -> None:
    plain.faults.deny("lambda", "GetPolicy")
    found = run("plan", "delete", "function:plain", "--no-docker", "--format", "json")
    made = json.loads(found.stdout)
    assert (made["complete"], made["unread"]) == (
        False,
        ["policy-unread", "url-unread"],
    )
