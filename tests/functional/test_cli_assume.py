"""--assume-no: what a service that was not read may run is blocked, until the user vouches."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jotgraph import store
from tests.factories import ACCOUNT, LONG_AGO, REGION, commit, ecr_image, ecr_repository, inventory
from tests.functional.conftest import Run
from tests.functional.test_cli_json import problems

SHA = "ab" * 20
COVERED = (
    f"{ACCOUNT}/{REGION}: batch, ecs not asked; lambda, apprunner, bedrock-agentcore, codebuild, "
    "eks, "
)


@pytest.fixture
def unread(tmp_path: Path) -> str:
    """The file of an estate, read just now, where ECS and Batch were not asked."""
    whole = inventory(ecr_repository(), ecr_image(1), commit(SHA, committed_at=LONG_AGO))
    kept = tuple(
        coverage for coverage in whole.scope.coverage if coverage.service not in ("ecs", "batch")
    )
    scope = msgspec.structs.replace(whole.scope, coverage=kept)
    known = msgspec.structs.replace(whole, scope=scope, taken_at=datetime.now(UTC))
    store.save(known, tmp_path / "unread.jsonl")
    return "unread.jsonl"


def made(run: Run, *arguments: str) -> Any:
    result = run("plan", "cleanup", "--format", "json", *arguments)
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert problems(answer) == []
    return answer


def test_a_plan_says_what_was_not_read_and_what_is_assumed(run: Run, unread: str) -> None:
    before = made(run, "--from", unread)
    after = made(run, "--from", unread, "--assume-no", "ecs,batch")
    assert (before["steps"], before["complete"], before["undecided"]) == (
        [],
        False,
        ["batch", "ecs"],
    )
    assert ([step["action"] for step in after["steps"]], after["complete"], after["assumed"]) == (
        ["delete-image", "delete-repository"],
        True,
        ["batch", "ecs"],
    )
    shown = run("plan", "cleanup", "--from", unread, "--assume-no", "ecs", "--assume-no", "batch")
    text = " ".join(shown.stdout.split())
    assert COVERED in text
    assert "assumed: nothing of batch, ecs runs these images" in text
    refused = " ".join(run("plan", "cleanup", "--from", unread).stdout.split())
    assert "Incomplete: whether batch, ecs use what was asked for was not read" in refused


def test_the_prompt_of_apply_says_so_too(run: Run, unread: str) -> None:
    run("plan", "cleanup", "--from", unread, "--assume-no", "ecs,batch", "-o", "plan.json")
    asked = run("apply", "plan.json")
    assert asked.exit_code == 4
    lines = asked.stderr.splitlines()
    assert lines[0].startswith(COVERED)
    assert lines[1] == "assumed: nothing of batch, ecs runs these images"
    assert lines[2].startswith("Delete 2 resources ")


def test_a_gate_does_not_pass_with_a_service_unread(run: Run, unread: str) -> None:
    Path("jotgraph.toml").write_text("max_orphans = 9\n")
    for gate in (("orphans", "--check"), ("check",)):
        refused = run(*gate, "--from", unread)
        assert refused.exit_code == 4
        assert f"batch of {ACCOUNT}/{REGION} was not read (not asked)" in refused.stderr
    assert run("orphans", "--check", "--from", unread, "--assume-no", "ecs,batch").exit_code == 1
    Path("jotgraph.toml").write_text('max_orphans = 9\nassume_no = ["ecs", "batch"]\n')
    assert run("check", "--from", unread).exit_code == 0


@pytest.mark.parametrize("table", ["", "[defaults]\n"])
def test_a_gate_says_what_it_was_told_to_set_aside(
    run: Run, unread: str, tmp_path: Path, table: str
) -> None:
    policy = tmp_path / "jotgraph.toml"
    told = 'ignore = ["age-young"]\nassume_no = ["ecs", "batch"]\n'
    policy.write_text(f"max_orphans = 5\n{table}{told}")
    passed = run("check", "--from", unread)
    assert passed.exit_code == 0
    assert passed.stderr.startswith(
        "1 rule checked, 0 violations\n"
        f"ignore = age-young by {policy}\nassume_no = ecs, batch by {policy}\n"
    )
    policy.write_text("max_orphans = 5\n")
    refused = run("check", "--from", unread)
    assert (refused.exit_code, " by " in refused.stderr) == (4, False)


def test_a_service_that_is_none_is_usage(run: Run, unread: str) -> None:
    result = run("orphans", "--from", unread, "--assume-no", "ec2")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "assume-no: unknown service 'ec2'; known: " in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("ls",),
        ("stale",),
        ("where", SHA[:12]),
        ("impact", "app"),
        ("rescue",),
        ("show", "app"),
        ("trace", "app"),
        ("why", "app"),
        ("check",),
        ("lifecycle", "app"),
        ("diff", "unread.jsonl", "unread.jsonl"),
    ],
    ids=" ".join,
)
def test_every_answer_names_what_was_not_read(
    run: Run, unread: str, arguments: tuple[str, ...]
) -> None:
    Path("jotgraph.toml").write_text("no_broken = true\n")
    asked = (*arguments, *(() if arguments[0] == "diff" else ("--from", unread)))
    shown = run(*asked)
    assert (
        f"Not read, and may run images: batch, ecs not asked in {ACCOUNT}/{REGION}" in shown.stderr
    )
    answer = json.loads(run(*asked, "--format", "json").stdout)
    states = {coverage["service"]: coverage["state"] for coverage in answer["scope"]["coverage"]}
    assert {name for name, state in states.items() if state == "not-asked"} == {"batch", "ecs"}


@pytest.mark.parametrize("arguments", [("orphans",), ("plan", "cleanup")], ids=" ".join)
def test_what_says_all_that_was_read_says_it_once(
    run: Run, unread: str, arguments: tuple[str, ...]
) -> None:
    shown = run(*arguments, "--from", unread)
    said = " ".join(f"{shown.stdout} {shown.stderr}".split())
    assert said.count("batch, ecs not asked") == 1


def test_a_picture_names_what_was_not_read(run: Run, unread: str) -> None:
    run("render", "-o", "estate.svg", "--from", unread)
    words = f"not read, and may run images: batch, ecs not asked in {ACCOUNT}/{REGION}"
    assert words in Path("estate.svg").read_text()


def test_nothing_is_said_where_all_was_read(run: Run) -> None:
    store.save(inventory(ecr_repository(), ecr_image(1)), "whole.jsonl")
    assert "may run images" not in run("ls", "--from", "whole.jsonl").stderr
