"""What acts in an account by a role of it, as a scan reads it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jotgraph.deploy.up import workshop
from jotgraph.sandbox import seed
from jotgraph.sandbox.project import write_project
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.workshop import SandboxWorkshop
from jotgraph.store.folders import runs_folder
from tests.deploy.push.small_engine import packed, small_engine
from tests.factories import NOW
from tests.functional.conftest import Run

MEMBER, OTHER = "111122223333", "444455556666"
ROLE = "arn:aws:iam::{account}:role/jotgraph"
ACCOUNTS = ("--no-docker", "--accounts", "organization", "--role-arn", ROLE)


@pytest.fixture
def estate(aws_environment: Sandbox) -> Sandbox:
    aws = aws_environment
    seed.organization(aws, {MEMBER: "shop", OTHER: "billing"})
    for account in (MEMBER, OTHER):
        seed.member_role(aws, account)
        seed.role(aws, "pay-role", account=account)
        role = f"arn:aws:iam::{account}:role/pay-role"
        seed.repository(aws, "pay", account=account)
        seed.image(aws, "pay", "v1", config=seed.image_config({"of": account}), account=account)
        seed.function(aws, "pay", "pay:v1", role=role, account=account)
    return aws


def _functions(aws: Sandbox, account: str) -> list[str]:
    answer = aws.client("lambda", account=account).list_functions()
    return [function["FunctionName"] for function in answer["Functions"]]


def _as_member(account: str = MEMBER) -> tuple[str, ...]:
    """The options that act by a role of an account."""
    return ("--role-arn", ROLE.replace("{account}", account))


def _actors(name: str) -> set[str]:
    """By which sessions of roles a run acted, as its journal has it."""
    journal = runs_folder() / name / "journal.jsonl"
    return set(re.findall(r"assumed-role/[\w-]+/[\w-]+", journal.read_text()))


def _tags(aws: Sandbox, repository: str, account: str) -> list[str]:
    """The tags of a repository, none where it is not there."""
    ecr: Any = aws.client("ecr", account=account)
    names = [
        repository["repositoryName"] for repository in ecr.describe_repositories()["repositories"]
    ]
    if repository not in names:
        return []
    images = ecr.describe_images(repositoryName=repository)["imageDetails"]
    return sorted(tag for image in images for tag in image.get("imageTags", ()))


def test_a_plan_of_many_accounts_is_applied_and_undone_by_roles(run: Run, estate: Sandbox) -> None:
    pay = f"function:{MEMBER}/us-east-1/pay"
    planned = run(
        "plan", "delete", pay, "--only", "function", *ACCOUNTS, "--usage", "-o", "plan.json"
    )
    assert planned.exit_code == 0, planned.stderr
    signed_out = run("apply", "plan.json", "--yes")
    assert signed_out.exit_code == 4
    assert signed_out.stderr.splitlines()[-1] == (
        f"jotgraph: account {MEMBER}, {OTHER} of the plan is not signed in to; pass its --profile, "
        "or --role-arn 'arn:aws:iam::{account}:role/NAME'"
    )
    applied = run("apply", "plan.json", "--yes", "--role-arn", ROLE, "--format", "json")
    assert applied.exit_code == 0, applied.stderr
    assert (_functions(estate, MEMBER), _functions(estate, OTHER)) == ([], ["pay"])
    name = json.loads(applied.stdout)["run"]
    undone = run("undo", name, "--role-arn", ROLE)
    assert undone.exit_code == 0, undone.stderr
    assert _functions(estate, MEMBER) == ["pay"]


def test_delete_acts_by_the_roles_that_it_reads_by(run: Run, estate: Sandbox) -> None:
    pay = f"function:{MEMBER}/us-east-1/pay"
    deleted = run("delete", pay, "--only", "function", *ACCOUNTS, "--usage", "--yes")
    assert deleted.exit_code == 0, deleted.stderr
    assert (_functions(estate, MEMBER), _functions(estate, OTHER)) == ([], ["pay"])


def test_what_is_no_role_is_usage(run: Run, estate: Sandbox) -> None:
    pay = f"function:{MEMBER}/us-east-1/pay"
    run("plan", "delete", pay, "--only", "function", *ACCOUNTS, "--usage", "-o", "plan.json")
    result = run("apply", "plan.json", "--yes", "--role-arn", "jotgraph")
    assert result.exit_code == 2
    assert "--role-arn 'jotgraph' is not the ARN of a role; write arn:" in result.stderr
    assert _functions(estate, MEMBER) == ["pay"]


def test_doctor_looks_at_a_member_account(run: Run, estate: Sandbox) -> None:
    one = ROLE.replace("{account}", MEMBER)
    result = run("doctor", "--no-docker", "--role-arn", one, "--region", "us-east-1")
    assert result.exit_code == 0, result.stderr
    assert MEMBER in result.stdout
    assert OTHER not in result.stdout


def _alias(aws: Sandbox) -> str:
    """The version that the alias of the member's function is on."""
    found = aws.client("lambda", account=MEMBER).get_alias(FunctionName="pay", Name="live")
    return str(found["FunctionVersion"])


def test_a_function_is_deployed_moved_and_put_back_by_a_role(run: Run, estate: Sandbox) -> None:
    tagged = seed.image(
        estate, "pay", "v2", config=seed.image_config({"of": "two"}), account=MEMBER
    )
    names = []
    for words in (
        ("deploy", "pay:v1", "--function", "pay", "--alias", "live"),
        ("deploy", "pay:v2", "--function", "pay", "--alias", "live", "--weight", "0.1"),
        ("promote", "pay", "--alias", "live"),
    ):
        result = run(*words, *_as_member(), "--format", "json")
        assert result.exit_code == 0, result.stderr
        names.append(json.loads(result.stdout)["run"])
    code = estate.client("lambda", account=MEMBER).get_function(FunctionName="pay")["Code"]
    assert (code["ResolvedImageUri"].partition("@")[2], _alias(estate)) == (tagged, "2")
    result = run("rollback", "pay", "--alias", "live", *_as_member(), "--format", "json")
    assert (result.exit_code, _alias(estate)) == (0, "1"), result.stderr
    for name in (*names, json.loads(result.stdout)["run"]):
        assert _actors(name) == {"assumed-role/jotgraph/jotgraph"}
    assert _functions(estate, "123456789012") == []


def test_a_role_of_the_own_account_is_assumed_to_act(run: Run, estate: Sandbox) -> None:
    own = estate.account
    seed.member_role(estate, own)
    seed.repository(estate, "pay")
    seed.image(estate, "pay", "v1", config=seed.image_config({"of": own}))
    seed.function(estate, "pay", "pay:v1", role=seed.role(estate, "pay-role"))
    made = run(
        "deploy",
        "pay:v1",
        "--function",
        "pay",
        "--alias",
        "a",
        *_as_member(own),
        "--format",
        "json",
    )
    assert made.exit_code == 0, made.stderr
    assert _actors(json.loads(made.stdout)["run"]) == {"assumed-role/jotgraph/jotgraph"}
    planned = run(
        *("plan", "delete", "alias:pay:a", "--only", "alias", "--no-docker", "--usage"),
        *("-o", "plan.json"),
    )
    assert planned.exit_code == 0, planned.stderr
    applied = run("apply", "plan.json", "--yes", *_as_member(own), "--format", "json")
    assert applied.exit_code == 0, applied.stdout
    assert _actors(json.loads(applied.stdout)["run"]) == {"assumed-role/jotgraph/jotgraph"}


def test_where_a_role_of_the_own_account_is_refused_its_profile_does_not_act(
    run: Run, estate: Sandbox
) -> None:
    seed.repository(estate, "pay")
    seed.image(estate, "pay", "v1", config=seed.image_config({"of": "own"}))
    seed.function(estate, "pay", "pay:v1", role=seed.role(estate, "pay-role"))
    planned = run(
        *("plan", "delete", "function:pay", "--only", "function", "--no-docker", "--usage"),
        *("-o", "plan.json"),
    )
    assert planned.exit_code == 0, planned.stderr
    applied = run("apply", "plan.json", "--yes", *_as_member(estate.account))
    assert applied.exit_code == 4
    assert f"account {estate.account} of the plan is not signed in to" in applied.stderr
    assert _functions(estate, estate.account) == ["pay"]


def test_an_image_is_pushed_by_a_role(
    run: Run, estate: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_engine(estate, packed(), "hello:dev") as engine:
        monkeypatch.setenv("DOCKER_HOST", engine.address)
        pushed = run(
            "push",
            "hello:dev",
            "--repository",
            "hello",
            "--tag",
            "v1",
            *_as_member(),
            "--format",
            "json",
        )
    assert pushed.exit_code == 0, pushed.stderr
    assert _tags(estate, "hello", MEMBER) == ["v1"]
    assert _tags(estate, "hello", estate.account) == []
    assert _actors(json.loads(pushed.stdout)["run"]) == {"assumed-role/jotgraph/jotgraph"}


def test_up_makes_all_of_it_by_a_role(
    run: Run, estate: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_project(tmp_path / "till", NOW)
    monkeypatch.setattr(workshop, "EngineWorkshop", lambda _reached: SandboxWorkshop(estate))
    cases = str(tmp_path / "till" / "cases" / "quote")
    words = ("up", "till:quote.app.handler", "--function", "quote", "--cases", cases)
    shown = run(*words, "--dry-run", *_as_member())
    assert shown.exit_code == 0, shown.stderr
    made = run(*words, *_as_member(), "--format", "json")
    assert made.exit_code == 0, made.stderr
    assert _functions(estate, MEMBER) == ["pay", "quote"]
    assert _functions(estate, estate.account) == []
    invoked = run("invoke", "quote", "--cases", cases, *_as_member())
    assert invoked.exit_code == 0, invoked.stderr
    name = json.loads(made.stdout)["run"]
    assert _actors(name) == {"assumed-role/jotgraph/jotgraph"}
    undone = run("undo", name, *_as_member())
    assert undone.exit_code == 0, undone.stderr
    assert _functions(estate, MEMBER) == ["pay"]


def test_a_quarantine_is_released_and_swept_by_roles(run: Run, estate: Sandbox) -> None:
    pay = f"function:{MEMBER}/us-east-1/pay"
    aside = ("delete", pay, "--only", "function", "--quarantine", "--watch", "0", "--yes")

    def concurrency() -> object:
        client: Any = estate.client("lambda", account=MEMBER)
        found = client.get_function_concurrency(FunctionName="pay")
        return found.get("ReservedConcurrentExecutions")

    held = run(*aside, *ACCOUNTS, "--usage", "--format", "json")
    assert (held.exit_code, concurrency()) == (0, 0), held.stderr
    name = json.loads(held.stdout)["run"]
    assert run("release", name).exit_code == 4
    released = run("release", name, "--role-arn", ROLE)
    assert (released.exit_code, concurrency()) == (0, None), released.stderr
    assert run(*aside, *ACCOUNTS, "--usage").exit_code == 0
    listed = run("sweep", *ACCOUNTS, "--usage", "--format", "json")
    assert [entry["state"] for entry in json.loads(listed.stdout)["held"]] == ["quiet"]
    swept = run("sweep", *ACCOUNTS, "--usage", "--after", "0d", "--apply", "--yes")
    assert swept.exit_code == 0, swept.stderr
    assert (_functions(estate, MEMBER), _functions(estate, OTHER)) == ([], ["pay"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--role-arn", ROLE),
            f"--role-arn {ROLE} is a pattern, and this acts in one account; write its 12 digits in "
            "place of {account}",
        ),
        ((*_as_member(), *_as_member(OTHER)), "this acts in one account; pass one --role-arn"),
        (
            ("--external-id", "ours"),
            "--external-id needs the role to assume: "
            "--role-arn 'arn:aws:iam::{account}:role/jotgraph'",
        ),
    ],
)
def test_roles_of_no_single_account(
    run: Run, estate: Sandbox, options: tuple[str, ...], message: str
) -> None:
    result = run("deploy", "pay:v1", "--function", "pay", *options)
    assert (result.exit_code, result.stderr) == (2, f"jotgraph: {message}\n")
