"""`--logs`, as people type it: what is said before the question, and what goes without it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import Estate, fill
from tests.functional.conftest import Run
from tests.functional.test_cli_json import problems

READ = ("--no-docker", "--usage")
OWN, GONE = "/aws/lambda/app", "/aws/lambda/gone"
HERE = "log-group:123456789012/us-east-1/"


@pytest.fixture
def estate(aws_environment: Sandbox) -> Estate:
    made = fill(aws_environment)
    for name in (OWN, GONE):
        aws_environment.client("logs").create_log_group(logGroupName=name)
    return made


def left(aws: Sandbox) -> list[str]:
    return [
        group["logGroupName"] for group in aws.client("logs").describe_log_groups()["logGroups"]
    ]


def taken(text: str) -> list[str]:
    made: Any = json.loads(text)
    assert problems(made) == []
    return [step["id"] for step in made["steps"] if step["action"] == "delete-log-group"]


def test_without_it_they_stay(run: Run, aws_environment: Sandbox, estate: Estate) -> None:
    shown = run("plan", "delete", "function:app", *READ)
    kept = " ".join(shown.stdout.partition("Kept")[2].split())
    assert f"log-group {OWN} its events could not be restored; --logs deletes it, too" in kept
    for asked in (("plan", "delete", "function:app"), ("plan", "cleanup", "--orphans")):
        assert taken(run(*asked, *READ, "--format", "json").stdout) == []
    assert run("plan", "cleanup", "--kind", "log-group", *READ).exit_code == 2


def test_with_it_they_go_and_the_plan_says_what_is_lost(
    run: Run, aws_environment: Sandbox, estate: Estate
) -> None:
    old = ("--ignore-doubt", "age-young")
    shown = run("delete", "function:app", "--logs", *READ, *old, "--yes", "--no-backup")
    assert "1 log group with its events" in shown.stderr, shown.output
    assert left(aws_environment) == [GONE]


def test_a_stored_inventory_takes_none(run: Run, aws_environment: Sandbox, estate: Estate) -> None:
    assert run("scan", "--logs", *READ, "-o", "world.jsonl").exit_code == 0
    for asked in (("plan", "cleanup", "--orphans"), ("plan", "delete", "function:app")):
        assert taken(run(*asked, "--from", "world.jsonl", "--format", "json").stdout) == []
    named = run("plan", "delete", f"{HERE}{GONE}", "--from", "world.jsonl")
    assert (named.exit_code, "log groups go with --logs only" in named.output) == (2, True)
    assert run("plan", "cleanup", "--logs", "--from", "world.jsonl").exit_code == 2
    orphans = json.loads(run("orphans", "--from", "world.jsonl", "--format", "json").stdout)
    assert Path("world.jsonl").exists()
    unknown = {judgement["id"]: judgement["doubts"][0]["code"] for judgement in orphans["unknown"]}
    assert unknown[f"{HERE}{GONE}"] == "age-young"
