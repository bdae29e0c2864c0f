"""`apply`, `delete` and `cleanup` on the sandbox: asked, done, receipted, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from jotgraph.cli import cli
from jotgraph.sandbox.server import Sandbox
from tests.apply.conftest import Estate, fill
from tests.functional.conftest import Run
from tests.functional.test_cli_json import problems

READ = ("--no-docker", "--usage", "--ignore-doubt", "regions-unread")


@pytest.fixture
def estate(aws_environment: Sandbox) -> Estate:
    return fill(aws_environment)


def planned(run: Run) -> None:
    result = run("plan", "delete", "function:app", *READ, "-o", "plan.json")
    assert result.exit_code == 0, result.output


def test_a_plan_is_applied_when_confirmed(run: Run, estate: Estate) -> None:
    planned(run)
    steps = [each["id"] for each in json.loads(Path("plan.json").read_text())["steps"]]
    for typed in (None, "", "9012\n", "9012 9\n", "yes\n"):
        refused = CliRunner().invoke(cli, ["apply", "plan.json"], input=typed)
        assert (refused.exit_code, "not confirmed" in refused.stderr) == (4, True)
    result = CliRunner().invoke(cli, ["apply", "plan.json", "--format", "json"], input="9012 10\n")
    assert result.exit_code == 0, result.output
    receipt = json.loads(result.stdout)
    assert problems(receipt) == []
    assert [each["id"] for each in receipt["outcomes"]] == steps
    assert {each["status"] for each in receipt["outcomes"]} == {"done"}
    assert run("apply", "plan.json", "--yes").exit_code == 0


def test_anything_unproven_is_exit_4(run: Run, estate: Estate, aws: Sandbox) -> None:
    planned(run)
    aws.faults.deny("iam", "DeleteRole")
    result = run("apply", "plan.json", "--yes")
    assert result.exit_code == 4
    assert "9 done, 1 failed" in result.stderr
    assert "AccessDenied" in result.stdout
    aws.faults.clear()
    result = run("apply", "plan.json", "--yes")
    assert (result.exit_code, "10 done" in result.stdout) == (0, True)


def test_delete_shows_the_plan_and_asks(run: Run, estate: Estate, aws: Sandbox) -> None:
    result = run("delete", "function:app", *READ, "--yes", "--format", "json")
    assert result.exit_code == 0, result.output
    assert "10 steps, 0 blocked" in result.stderr
    assert len(json.loads(result.stdout)["outcomes"]) == 10
    assert run("cleanup", *READ, "--yes").exit_code == 0


def test_an_edited_plan_is_refused(run: Run, estate: Estate) -> None:
    planned(run)
    path = Path("plan.json")
    path.write_text(path.read_text().replace("function:", "function:x", 1))
    result = run("apply", "plan.json", "--yes")
    assert (result.exit_code, "edited" in result.stderr) == (4, True)


def test_undo_says_what_came_back_and_what_cannot(run: Run, estate: Estate) -> None:
    planned(run)
    applied = run("apply", "plan.json", "--yes", "--format", "json")
    result = run("undo", json.loads(applied.stdout)["run"], "--format", "json")
    found = json.loads(result.stdout)
    assert problems(found) == []
    assert result.exit_code == 4  # a version's number does not come back
    assert {each["status"] for each in found["outcomes"]} == {"restored", "cannot"}
    assert run("undo", "nothing").exit_code == 4
