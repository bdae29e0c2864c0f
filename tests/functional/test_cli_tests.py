"""From a test to every view: what ``invoke`` found is read by a scan, stored, shown and a gate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from jotgraph.cli import cli
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.evidence import evidence_folder
from tests.functional.test_cli_json import problems

Command = Callable[..., Result]
SCAN = ("--no-docker", "--region", "us-east-1")


@pytest.fixture
def command(aws_environment: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """A function of an image with a tag, and files of one case; runs a command in their folder."""
    seed.repository(aws_environment, "team/app")
    seed.image(aws_environment, "team/app", "v1", config=seed.image_config({"v": "1"}))
    role = seed.role(aws_environment, "shop-role")
    seed.function(aws_environment, "shop", "team/app:v1", role=role)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")
    Path("order.json").write_text("{}")
    Path("receipt.json").write_text("null")
    Path("jotgraph.toml").write_text("require_tested = true\n")

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, words)

    return run


def invoked(command: Command, expected: str = "receipt.json") -> Result:
    return command("invoke", "shop", "--event", "order.json", "--expect", expected)


def scanned(command: Command) -> Any:
    """The record of the scan that was stored as ``now``."""
    done = command("scan", *SCAN, "-o", "now.jsonl", "--format", "json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_what_was_tested_shows_everywhere(command: Command) -> None:
    done = invoked(command)
    assert done.exit_code == 0, done.output
    assert scanned(command)["scope"]["tests"] is True
    listed = json.loads(command("ls", "--from", "now.jsonl", "--format", "json").stdout)
    assert problems(listed) == []
    (row,) = listed["jots"]
    assert (row["states"], row["tests"]["unknown"]) == (["tested"], "")
    (case,) = row["tests"]["cases"]
    assert (case["name"], case["passed"], case["function"]) == (
        "order", True, "function:123456789012/us-east-1/shop",
    )  # fmt: skip
    table = command("ls", "--from", "now.jsonl", "--tests")
    assert "passed 1 case, 20" in table.stdout
    assert "1 deployment: nothing wrong, 1 tested" in table.stderr
    for words in (("show", "shop"), ("trace", "shop"), ("show", "team/app:v1")):
        assert "TESTED  passed 1 case on " in command(*words, "--from", "now.jsonl").stdout
    stale = command("stale", "--from", "now.jsonl", "--check")
    assert (stale.exit_code, stale.stdout) == (0, "")
    assert (
        "1 deployment of 1 function, 1 tested: " in command("summary", "--from", "now.jsonl").stdout
    )
    drawn = command("render", "--from", "now.jsonl", "-o", "now.dot")
    assert drawn.exit_code == 0, drawn.output
    assert "tested" in Path("now.dot").read_text()
    assert command("check", "--from", "now.jsonl").exit_code == 0


def test_an_image_of_the_same_tag_is_not_tested_by_it(
    command: Command, aws_environment: Sandbox
) -> None:
    assert invoked(command).exit_code == 0
    seed.image(aws_environment, "team/app", "v1", config=seed.image_config({"v": "2"}))
    client = aws_environment.client("lambda")
    uri = client.get_function(FunctionName="shop")["Code"]["ImageUri"]
    client.update_function_code(FunctionName="shop", ImageUri=uri)
    scanned(command)
    checked = command("check", "--from", "now.jsonl", "--format", "json")
    assert checked.exit_code == 1
    assert [violation["because"] for violation in json.loads(checked.stdout)["violations"]] == [
        "no test of it is known"
    ]


def test_a_failed_case_fails_the_gate(command: Command) -> None:
    assert invoked(command, "order.json").exit_code == 1
    scanned(command)
    checked = command("check", "--from", "now.jsonl")
    assert checked.exit_code == 1
    assert "failed 1 of 1 case (order)" in " ".join(checked.stdout.split())
    assert "test failed" in command("ls", "--from", "now.jsonl").stdout


def test_a_damaged_file_is_a_gap_and_lets_nothing_pass(command: Command) -> None:
    assert invoked(command).exit_code == 0
    (path,) = evidence_folder().glob("*/*.json")
    path.write_bytes(path.read_bytes()[:-20])
    answer = scanned(command)
    (lost,) = [gap for gap in answer["gaps"] if gap["service"] == "tests"]
    assert (lost["resource"], lost["facts"]) == (str(path), ["tests"])
    checked = command("check", "--from", "now.jsonl")
    assert checked.exit_code == 1  # no test of it is known, and one may have failed
    assert "what a test of it found was not read" in " ".join(checked.output.split())
    orphans = command("orphans", "--from", "now.jsonl", "--format", "json")
    assert "tests" not in {
        judgement.get("code") for judgement in json.loads(orphans.stdout)["unknown"]
    }
