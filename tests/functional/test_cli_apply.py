"""`apply`, `delete` and `cleanup` on the sandbox: asked, done, receipted, and the exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from jotgraph.cli import cli
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.folders import runs_folder
from tests.apply.estate import OLD, Estate, fill
from tests.functional.conftest import Run
from tests.functional.test_cli_json import problems

READ = ("--no-docker", "--usage")


@pytest.fixture
def estate(aws_environment: Sandbox) -> Estate:
    return fill(aws_environment)


def planned(run: Run) -> None:
    result = run("plan", "delete", "function:app", *READ, "-o", "plan.json")
    assert result.exit_code == 0, result.output


def test_a_plan_is_applied_when_confirmed(run: Run, estate: Estate) -> None:
    planned(run)
    steps = [step["id"] for step in json.loads(Path("plan.json").read_text())["steps"]]
    for typed in (None, "", "9012\n", "9012 9\n", "yes\n"):
        refused = CliRunner().invoke(cli, ["apply", "plan.json"], input=typed)
        assert (refused.exit_code, "not confirmed" in refused.stderr) == (4, True)
    result = CliRunner().invoke(cli, ["apply", "plan.json", "--format", "json"], input="9012 10\n")
    assert result.exit_code == 0, result.output
    assert result.stderr.count("reading again what runs images in ") == 1
    receipt = json.loads(result.stdout)
    assert problems(receipt) == []
    assert [outcome["id"] for outcome in receipt["outcomes"]] == steps
    assert {outcome["status"] for outcome in receipt["outcomes"]} == {"done"}
    assert run("apply", "plan.json", "--yes").exit_code == 0


@pytest.mark.parametrize("format_", ["table", "json", "csv", "md"])
def test_nothing_to_delete_leaves_no_run(run: Run, aws_environment: Sandbox, format_: str) -> None:
    """The plan is checked as every plan, and the answer has its form."""
    result = run("cleanup", "--orphans", *READ, "--yes", "--format", format_)
    assert (result.exit_code, "nothing to delete" in result.stderr) == (0, True), result.output
    assert not runs_folder().exists()
    if format_ == "json":
        receipt = json.loads(result.stdout)
        assert problems(receipt) == []
        assert (receipt["run"], receipt["journal"], receipt["outcomes"]) == ("", "", [])
    assert "Run " not in result.stdout


def test_each_answer_names_the_next_command(run: Run, estate: Estate) -> None:
    made = run("plan", "delete", "function:app", *READ, "-o", "plan.json")
    carried = "stored as plan.json; carry it out with: jotgraph apply plan.json"
    assert carried in made.stderr.splitlines()
    applied = run("apply", "plan.json", "--yes", "--format", "json")
    name = json.loads(applied.stdout)["run"]
    assert applied.stderr.splitlines()[-1] == f"To restore it: jotgraph undo {name}"
    nothing = run("plan", "cleanup", "--orphans", "--kind", "role", *READ, "-o", "none.json")
    assert "stored as none.json" in nothing.stderr.splitlines()


def test_what_no_copy_was_kept_of_is_not_said_to_come_back(run: Run, estate: Estate) -> None:
    result = run("delete", "function:app", *READ, "--yes", "--no-backup")
    assert (result.exit_code, "To restore it" in result.stderr) == (0, False)


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


def test_the_end_names_no_reason_of_its_own_for_what_was_refused(
    run: Run, estate: Estate, aws: Sandbox
) -> None:
    planned(run)
    seed.function(aws, "later", "common:v1", role=f"arn:aws:iam::{aws.account}:role/app-role")
    result = run("apply", "plan.json", "--yes", "--format", "json")
    refused = [
        outcome for outcome in json.loads(result.stdout)["outcomes"]
        if outcome["status"] == "refused"
    ]  # fmt: skip
    assert [outcome["id"] for outcome in refused] == [f"role:{aws.account}/app-role"], refused
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        4,
        "jotgraph: 9 done, 1 refused. "
        "The table has the reasons; make a new plan for what was refused.",
    )


def test_delete_shows_the_plan_and_asks(run: Run, estate: Estate, aws: Sandbox) -> None:
    result = run("delete", "function:app", *READ, "--yes", "--format", "json")
    assert result.exit_code == 0, result.output
    assert "10 steps, 0 blocked" in result.stderr
    assert "Undo cannot bring back 1 version under its number\n" in result.stderr
    assert len(json.loads(result.stdout)["outcomes"]) == 10
    assert run("cleanup", *READ, "--yes").exit_code == 0


@pytest.mark.parametrize(
    "asked",
    [("delete", "function:app"), ("cleanup", "--orphans", "--kind", "ecr-image")],
    ids=lambda words: words[0],
)
def test_a_dry_run_and_the_real_one_list_the_same_steps(
    run: Run, estate: Estate, aws: Sandbox, asked: tuple[str, ...]
) -> None:
    """By `plan` as JSON and as a script, by the command that is not confirmed, and by its run."""
    seed.image(aws, "common", config=b'{"n":7}', pushed=OLD)
    seed.image(aws, "common", config=b'{"n":8}', pushed=OLD)
    assert run("scan", "--no-docker", "--usage", "-o", "world.jsonl").exit_code == 0
    dry = json.loads(run("plan", *asked, "--from", "world.jsonl", "--format", "json").stdout)
    steps = [step["id"] for step in dry["steps"]]
    assert len(steps) > 1
    script = run("plan", *asked, "--from", "world.jsonl", "--format", "sh").stdout
    assert re.findall(r"^# \d+\. (\S+): ", script, re.MULTILINE) == steps
    aws.calls.clear()
    shown = run(*asked, *READ, "--picture", "plan.svg")
    assert (shown.exit_code, f"{len(steps)} steps, " in shown.stderr) == (4, True)
    assert "nothing was done" in shown.stderr
    assert not [call.name for call in aws.calls if "Delete" in call.name]
    drawn = Path("plan.svg").read_text()
    assert all(step.rpartition("sha256:")[2][:6] in drawn for step in steps if "image" in step)
    done = json.loads(run(*asked, *READ, "--yes", "--format", "json").stdout)
    assert [outcome["id"] for outcome in done["outcomes"]] == steps


def test_a_picture_that_cannot_be_drawn_is_refused_before_anything_is_read(
    run: Run, aws_environment: Sandbox
) -> None:
    for asked in (("delete", "x"), ("plan", "cleanup")):
        result = run(*asked, "--picture", "plan.doc")
        assert (result.exit_code, "cannot draw a '.doc' file" in result.stderr) == (2, True)
    assert not list(aws_environment.calls)


def test_a_policy_file_says_what_this_side_allows(run: Run, estate: Estate, aws: Sandbox) -> None:
    """Whatever the plan says of itself; options make it only narrower."""
    planned(run)
    policy = Path("limits.toml")

    def refused(table: str, *options: str) -> str:
        policy.write_text(f"max_orphans = 3\n[apply]\n{table}\n")
        aws.calls.clear()
        result = run("apply", "plan.json", "--yes", "--policy", "limits.toml", *options)
        assert not [call.name for call in aws.calls if "Delete" in call.name]
        return f"{result.exit_code} {result.stderr.splitlines()[-1]}"

    assert "4 jotgraph: the plan is larger than you allow: 10 steps, 9 allowed" in (
        refused("max_count = 9")
    )
    assert "10 steps, 9 allowed" in refused("max_count = 9", "--max-count", "10")
    assert "10 steps, 8 allowed" in refused("max_count = 9", "--max-count", "8")
    assert "is not among those of the policy file" in refused('accounts = ["999988887777"]')
    assert "2 jotgraph: limits.toml: unknown key 'acounts' in apply" in refused("acounts = []")
    assert run("apply", "plan.json", "--policy", "missing.toml").exit_code == 2
    narrow = run("apply", "plan.json", "--yes", "--max-count", "9")
    assert (narrow.exit_code, "10 steps, 9 allowed" in narrow.stderr) == (4, True)
    policy.write_text('[apply]\naccounts = ["123456789012"]\nmax_count = 10\n')
    done = run("apply", "plan.json", "--yes", "--policy", "limits.toml")
    assert done.exit_code == 0, done.output


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
    assert {outcome["status"] for outcome in found["outcomes"]} == {"restored", "cannot"}
    assert run("undo", "nothing").exit_code == 2


def test_a_plan_made_with_assume_no_is_applied_and_says_so_to_the_end(
    run: Run, estate: Estate, aws: Sandbox
) -> None:
    """ECS may not be read: the plan, the prompt, the receipt and the journal say what is assumed
    in its stead; without the assumption nothing goes."""
    gone = seed.image(aws, "common", config=b'{"n":7}', pushed=OLD)
    seed.image(aws, "common", config=b'{"n":8}', pushed=OLD)
    aws.faults.deny("ecs", "ListClusters", times=None)
    scanned = run("scan", *READ, "-o", "world.jsonl")
    assert "ecs ListClusters" in scanned.stderr
    asked = ("plan", "cleanup", "--kind", "ecr-image", "--from", "world.jsonl", "--format", "json")
    assert json.loads(run(*asked).stdout)["steps"] == []
    assert run(*asked[:-2], "--assume-no", "ecs", "-o", "plan.json").exit_code == 0
    plan = json.loads(Path("plan.json").read_text())
    assert (plan["complete"], plan["assumed"]) == (True, ["ecs"])
    assert gone in str(plan["steps"])

    account = plan["steps"][0]["id"].split(":")[1].split("/")[0]
    typed = f"{account[-4:]} {len(plan['steps'])}\n"
    result = CliRunner().invoke(cli, ["apply", "plan.json", "--format", "json"], input=typed)
    assert result.exit_code == 0, result.output
    said = "assumed: nothing of ecs runs these images"
    prompt, _, _ = result.stderr.partition("Delete ")
    assert said in prompt.splitlines()
    assert re.search(r"\becs denied;", prompt)

    receipt = json.loads(result.stdout)
    assert problems(receipt) == []
    assert receipt["assumed"] == ["ecs"]
    states = {(coverage["service"], coverage["state"]) for coverage in receipt["scope"]["coverage"]}
    assert ("ecs", "denied") in states
    assert {outcome["status"] for outcome in receipt["outcomes"]} == {"done"}
    begun = json.loads(Path(receipt["journal"]).read_text().splitlines()[0])
    assert begun["params"]["assumed"] == ["ecs"]
    shown = run("apply", "plan.json", "--yes")
    assert said in shown.stdout
