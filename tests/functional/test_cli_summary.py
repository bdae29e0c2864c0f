"""``jotgraph summary``: five lines, as text and as Markdown, whole outputs compared."""

from __future__ import annotations

import io
import json
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from jotgraph import store
from jotgraph.graph import build
from jotgraph.queries.summary import summary
from jotgraph.records import Role
from jotgraph.render.answers.summary import as_terminal
from tests.factories import deployment, gap, inventory, local_image, scope
from tests.functional.conftest import Run, expected


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty minutes after the scan."""
    at = datetime(2026, 3, 4, 9, 20, tzinfo=UTC)
    monkeypatch.setattr("jotgraph.cli.plan.now", lambda: at)


@pytest.mark.usefixtures("soon")
def test_five_lines(run: Run, stored: str) -> None:
    result = run("summary", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout.replace(stored, "STORED") == expected("summary")
    assert result.stderr == ""


@pytest.mark.usefixtures("soon")
def test_markdown_for_a_job(run: Run, stored: str) -> None:
    result = run("summary", "--from", stored, "--format", "md")
    assert result.stdout.replace(stored, "STORED") == expected("summary_md")


def test_the_next_command_works_as_it_is_printed(run: Run, stored: str) -> None:
    last = run("summary", "--from", stored).stdout.splitlines()[-1]
    title, program, *arguments = shlex.split(last)
    assert (title, program) == ("Next:", "jotgraph")
    assert run(*arguments).exit_code == 0


def test_the_next_command_of_a_lost_role_asks_the_same_inventory(run: Run, tmp_path: Path) -> None:
    kept = [record for record in deployment() if not isinstance(record, Role)]
    store.save(inventory(*kept), tmp_path / "lost.jsonl")
    last = run("summary", "--from", "lost.jsonl").stdout.splitlines()[-1]
    _, program, *arguments = shlex.split(last)
    assert (program, arguments[0]) == ("jotgraph", "impact")
    assert arguments[-2:] == ["--from", "lost.jsonl"]
    assert run(*arguments).exit_code == 0


def test_an_estate_in_order_has_nothing_to_do(run: Run, tmp_path: Path) -> None:
    store.save(inventory(*deployment()), tmp_path / "well.jsonl")
    lines = run("summary", "--from", "well.jsonl").stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "Runs", "Wrong", "Unused", "Not read", "Next",
    ]  # fmt: skip
    assert lines[1].split(None, 1)[1].startswith("nothing in what was read")
    assert lines[4].split(None, 1)[1] == "nothing to do"


def test_on_a_terminal_long_lines_go_on_below_their_words(stored: str) -> None:
    answer, out = summary(build(store.load(Path(stored)))), io.StringIO()
    Console(file=out, width=60, highlight=False).print(
        as_terminal(answer, stored="x" * 60), crop=False
    )
    lines = out.getvalue().splitlines()
    begun = [line.partition(":")[0] for line in lines if not line.startswith(" " * 11)]
    assert begun == ["Runs", "Wrong", "Unused", "Not read", "Next"]
    assert max(len(line.rstrip()) for line in lines[:-1]) <= 60
    assert lines[-1] == f"Next:      jotgraph rescue --from {'x' * 60}", "to be copied whole"


def test_what_is_vouched_for_is_said(run: Run, whole: str) -> None:
    vouched = ("--assume-no", "ecs", "--from", whole)
    says = "assumed: nothing of ecs runs these images"
    assert run("summary", *vouched).stdout.splitlines()[2].endswith(says)
    assert json.loads(run("summary", *vouched, "--format", "json").stdout)["assumed"] == ["ecs"]
    assert says in run("costs", *vouched).stderr


def test_without_an_account_nothing_is_called_free(run: Run, tmp_path: Path) -> None:
    found = inventory(local_image(), places=(), scope=scope(engine="engine"))
    store.save(found, tmp_path / "local.jsonl")
    lines = run("summary", "--from", "local.jsonl").stdout.splitlines()
    assert "$" not in lines[2]
    assert "no AWS account was read" in lines[2]
    assert lines[3].startswith("Not read: any AWS account")
    assert "no AWS account was read" in run("costs", "--from", "local.jsonl").stderr


def test_strict_fails_where_something_was_not_read(run: Run, stored: str, whole: str) -> None:
    assert run("summary", "--from", stored, "--strict").exit_code == 3
    assert run("summary", "--from", whole, "--strict").exit_code == 0


def test_names_are_no_markup(run: Run, tmp_path: Path) -> None:
    hostile = gap("ecr:DescribeImages", resource="<b>*x*</b>|y", facts=("policy",))
    store.save(inventory(*deployment(), hostile), tmp_path / "hostile.jsonl")
    text = run("summary", "--from", "hostile.jsonl", "--format", "md").stdout
    assert r"\<b\>\*x\*\</b\>\|y" in text
    assert len(text.splitlines()) == 5


def test_json_has_what_the_lines_are_made_of(run: Run, stored: str) -> None:
    answer = json.loads(run("summary", "--from", stored, "--format", "json").stdout)
    listed = json.loads(run("ls", "--from", stored, "--format", "json").stdout)["jots"]
    assert answer["counts"]["deployments"] == len([jot for jot in listed if jot["function"]])
    assert answer["findings"][0]["code"] == "broken"
