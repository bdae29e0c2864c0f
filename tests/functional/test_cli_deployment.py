"""`deployment:NAME`, the handle that show, trace, render and plan take."""

from __future__ import annotations

import json
from pathlib import Path

from tests.functional.conftest import Run


def test_the_parts_with_what_is_shared(run: Run, stored: str) -> None:
    result = run("show", "deployment:checkout", "--format", "csv", "--from", stored)
    assert [" ".join(line.split(",")[:2]) for line in result.stdout.splitlines()] == [
        "part kind",
        "kept commit",
        "kept commit",
        "own local-image",
        "own local-image",
        "own ecr-repo",
        "own ecr-image",
        "own ecr-image",
        "own function",
        "own version",
        "own version",
        "own alias",
        "own role",
    ]
    assert result.stderr.startswith("deployment checkout: 10 own parts, 2 kept\n")


def test_its_lineage_is_that_of_its_function(run: Run, stored: str) -> None:
    alone = run("trace", "checkout", "--from", stored).stdout
    assert run("trace", "deployment:checkout", "--from", stored).stdout == alone


def test_a_picture_of_it_is_one_of_its_function(run: Run, stored: str, tmp_path: Path) -> None:
    for name, focus in (("a", "checkout"), ("b", "deployment:checkout")):
        run("render", "-o", str(tmp_path / f"{name}.dot"), "--focus", focus, "--from", stored)
    assert (tmp_path / "a.dot").read_text() == (tmp_path / "b.dot").read_text()


def test_a_plan_takes_its_own_parts(run: Run, stored: str) -> None:
    own = json.loads(run("show", "deployment:billing", "--format", "json", "--from", stored).stdout)
    plan = json.loads(
        run("plan", "delete", "deployment:billing", "--format", "json", "--from", stored).stdout
    )
    ids = {part["id"] for part in own["parts"] if part["own"]}
    assert {step["id"] for step in plan["steps"]} | {block["id"] for block in plan["blocks"]} == ids
    assert {kept["id"] for kept in plan["kept"]}.isdisjoint(ids)


def test_it_is_shown_by_itself(run: Run, stored: str) -> None:
    result = run("show", "deployment:checkout", "billing", "--from", stored)
    assert result.exit_code == 2
    assert "a deployment is shown alone" in result.stderr


def test_a_name_of_nothing(run: Run, stored: str) -> None:
    result = run("trace", "deployment:chekout", "--from", stored)
    assert result.exit_code == 2
    assert "nothing is named 'chekout'; did you mean checkout" in result.stderr
