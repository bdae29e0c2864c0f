"""``jotgraph lifecycle`` on a stored inventory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jotgraph import store
from tests.analysis.test_lifecycle import rule, text
from tests.factories import ecr_image, ecr_repository, function, inventory
from tests.functional.conftest import Run
from tests.functional.test_cli_json import problems


@pytest.fixture
def shelf(tmp_path: Path) -> str:
    """A repository whose policy expires what runs; a function has the repository's name."""
    path = tmp_path / "lifecycle.jsonl"
    policy = text(rule(1, "untagged", days=14))
    images = (ecr_image(1), ecr_image(2, "v2"), ecr_image(3))
    store.save(inventory(ecr_repository(lifecycle=policy), *images, function("app", runs=1)), path)
    return str(path)


def test_for_people(run: Run, shelf: str) -> None:
    result = run("lifecycle", "app", "--from", shelf)
    assert result.exit_code == 0
    place, *lines = result.stdout.splitlines()
    assert place == "111122223333 eu-west-1"
    assert lines[0].split() == ["Effect", "Kind", "Name", "When", "Action", "Rule", "Because"]
    assert [line.split()[0] for line in lines if line[:1].isalpha()] == [
        "Effect",
        "breaks",
        "unused",
    ]
    assert "used by function app" in result.stdout
    assert "2 of 3 images expire by its own policy: 1 in use, 0 in doubt" in result.stderr


def test_check(run: Run, shelf: str, tmp_path: Path) -> None:
    assert run("lifecycle", "app", "--check", "--from", shelf).exit_code == 1
    harmless = tmp_path / "new.json"
    harmless.write_text(text(rule(1, "tagged", "v*", days=14)))
    proposed = ("lifecycle", "app", "--policy", str(harmless), "--from", shelf)
    assert run(*proposed, "--check").exit_code == 0
    assert "unused" in run(*proposed).stdout


@pytest.mark.parametrize("more", [(), ("--suggest",)])
def test_json(run: Run, shelf: str, more: tuple[str, ...]) -> None:
    result = run("lifecycle", "app", *more, "--format", "json", "--from", shelf)
    answer = json.loads(result.stdout)
    assert problems(answer) == []
    assert answer["expires"][0]["use"] == "in-use"
    assert bool(answer["suggestion"]) == bool(more)


def test_a_suggestion_is_a_policy_that_passes(run: Run, shelf: str, tmp_path: Path) -> None:
    result = run("lifecycle", "app", "--suggest", "--from", shelf)
    assert result.exit_code == 0
    assert "no rule for images without a tag is safe" in result.stderr
    path = tmp_path / "safe.json"
    path.write_text(result.stdout)
    again = run("lifecycle", "app", "--policy", str(path), "--check", "--from", shelf)
    assert again.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("nothing",), 2, "no repository 'nothing' in ECR"),
        (("app", "--policy", "bad.json"), 2, "not a lifecycle policy"),
        (("function:app",), 2, "not an ECR repository"),
    ],
)
def test_mistakes(run: Run, shelf: str, arguments: tuple[str, ...], code: int, says: str) -> None:
    Path("bad.json").write_text("{}")
    result = run("lifecycle", *arguments, "--from", shelf)
    assert (result.exit_code, says in result.stderr) == (code, True), result.stderr
