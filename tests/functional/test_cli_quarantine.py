"""`--quarantine`, `release` and `sweep` on the sandbox, as people type them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from jotgraph.cli import cli
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import Estate, fill
from tests.functional.conftest import Run
from tests.functional.test_cli_json import problems

READ = ("--no-docker", "--usage")
NOW = ("--watch", "0")


@pytest.fixture
def estate(aws_environment: Sandbox) -> Estate:
    return fill(aws_environment)


def test_from_plan_to_release(run: Run, estate: Estate) -> None:
    shown = run("plan", "delete", "function:app", "--quarantine", *READ, "-o", "plan.json")
    assert shown.exit_code == 0, shown.output
    for words in (
        "Set aside",
        "Left for the sweep",
        "Quarantine: 7 steps, 0 blocked, 0 kept, 3 left for the sweep; nothing is deleted",
        "charges an archived image for 90 days",
        "Messages for a disabled trigger wait in its source",
    ):
        assert words in shown.stdout
    assert "Frees" not in shown.stdout
    plan = json.loads(Path("plan.json").read_text())
    assert problems(plan) == []
    applied = CliRunner().invoke(
        cli, ["apply", "plan.json", *NOW, "--format", "json"], input="9012 7\n"
    )
    assert applied.exit_code == 0, applied.output
    assert 'Quarantine 7 resources in 123456789012? Type "9012 7" to confirm' in applied.stderr
    receipt = json.loads(applied.stdout)
    assert problems(receipt) == []
    assert f"To restore it: jotgraph release {receipt['run']}" in applied.stderr.splitlines()
    listed = run("sweep", *READ, "--format", "json")
    found = json.loads(listed.stdout)
    assert problems(found) == []
    assert {entry["state"] for entry in found["held"]} == {"quiet", "unseen"}
    assert len(found["held"]) == 7
    table = run("sweep", *READ)
    assert (table.stdout.count("quiet"), table.stdout.count("unseen")) == (2, 5)
    early = run("sweep", "--after", "14d", *READ, "-o", "sweep.json")
    assert early.exit_code == 0
    assert "0 steps, 10 blocked" in early.stdout
    assert problems(json.loads(Path("sweep.json").read_text())) == []
    back = run("release", receipt["run"], "--format", "json")
    assert back.exit_code == 0, back.output
    assert problems(json.loads(back.stdout)) == []
    assert {outcome["status"] for outcome in json.loads(back.stdout)["outcomes"]} == {"released"}
    assert "nothing is in quarantine" in run("sweep", *READ).stdout


def test_another_machine_deletes_nothing_that_is_in_quarantine(
    run: Run, estate: Estate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """How it was before is known where it was set aside."""
    assert run("delete", "function:app", "--quarantine", *READ, *NOW, "--yes").exit_code == 0
    assert run("plan", "delete", "function:app", *READ, "-o", "here.json").exit_code == 0
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    for asked in (("plan", "delete", "function:app", "app-role"), ("plan", "cleanup")):
        made = json.loads(run(*asked, *READ, "--format", "json").stdout)
        assert not [step for step in made["steps"] if "function:" in step["id"]]
        assert not [step for step in made["steps"] if "role:" in step["id"]]
    blocks = json.loads(run("plan", "delete", "app-role", *READ, "--format", "json").stdout)
    assert "of another machine: release or sweep it there" in blocks["blocks"][0]["because"]
    refused = run("apply", "here.json", "--yes", "--no-backup")
    assert (refused.exit_code, "apply the plan on" in refused.stdout) == (4, True)


def test_delete_with_quarantine_and_a_sweep_that_is_confirmed(run: Run, estate: Estate) -> None:
    done = run("delete", "function:app", "--quarantine", *READ, *NOW, "--yes")
    assert done.exit_code == 0, done.output
    refused = CliRunner().invoke(cli, ["sweep", "--after", "0d", "--apply", *READ], input="no\n")
    assert refused.exit_code == 4
    assert 'Delete 10 resources from 123456789012? Type "9012 10" to confirm' in refused.stderr
    asked = ("sweep", "--after", "0d", "--apply", "--yes", *READ, "--format", "json")
    incomplete = run(*asked)
    assert (incomplete.exit_code, "--accept-gaps use-unseen:role" in incomplete.stderr) == (4, True)
    accepted = ("use-unseen:ecr-image", "use-unseen:role")
    swept = run(*asked, *(word for name in accepted for word in ("--accept-gaps", name)))
    assert swept.exit_code == 0, swept.output
    assert len(json.loads(swept.stdout)["outcomes"]) == 10
    again = run("cleanup", "--quarantine", *READ, *NOW, "--yes")
    assert (again.exit_code, "nothing to quarantine" in again.stderr) == (0, True)


def test_the_script_of_a_quarantine(run: Run, estate: Estate) -> None:
    script = run("plan", "delete", "function:app", "--quarantine", *READ, "--format", "sh").stdout
    for words in (
        "update-event-source-mapping",
        "--reserved-concurrent-executions 0",
        "--target-storage-class ARCHIVE",
        "update-assume-role-policy --role-name app-role",
        "# left for the sweep: version:",
    ):
        assert words in script
    assert "delete-" not in script


def test_words_that_help(run: Run, estate: Estate) -> None:
    unknown = run("release", "nothing")
    assert (unknown.exit_code, "on this machine" in unknown.stderr) == (2, True)
    assert run("sweep", "--apply", *READ).exit_code == 2
    assert run("apply", "--watch", "7h", "README.md").exit_code == 2
    deleted = run("delete", "function:other", *READ, "--yes", "--format", "json")
    name = json.loads(deleted.stdout)["run"]
    assert "undo restores" in run("release", name).stderr


def test_undo_of_a_quarantine_names_release(run: Run, estate: Estate) -> None:
    done = run("delete", "function:app", "--quarantine", *READ, *NOW, "--yes", "--format", "json")
    name = json.loads(done.stdout)["run"]
    result = run("undo", name)
    assert (result.exit_code, f"jotgraph release {name}" in result.stderr) == (4, True)


def test_another_machine_takes_a_run_over(
    run: Run, estate: Estate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It holds all of it by the marks, sweeps it later, and can release it."""
    done = run("delete", "function:app", "--quarantine", *READ, *NOW, "--yes", "--format", "json")
    name = json.loads(done.stdout)["run"]
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    before = run("sweep", *READ)
    assert f"or take it over: jotgraph sweep --take-over {name}" in " ".join(before.stdout.split())
    wrong = run("sweep", "--take-over", "0123456789ab", *READ)
    assert (wrong.exit_code, "is marked by run 0123456789ab" in wrong.output) == (4, True)
    taken = run("sweep", "--take-over", name, *READ, "--format", "json")
    assert (taken.exit_code, "not taken over" in taken.stderr) == (0, False)
    found = json.loads(taken.stdout)
    assert problems(found) == []
    assert {entry["state"] for entry in found["held"]} == {"quiet", "unseen"}
    assert (len(found["held"]), found["elsewhere"]) == (7, [])
    assert "0 steps, 9 blocked" in run("sweep", "--after", "14d", *READ).stdout
    back = run("release", name, "--format", "json")
    assert back.exit_code == 0, back.output
