"""The commands push, deploy, promote, rollback and undo: whole outputs, exit codes, schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from jotgraph import clients
from jotgraph.cli import cli
from jotgraph.clients import Clients
from jotgraph.render.answers.formats import TABLE_LIKE
from jotgraph.store.folders import runs_folder
from tests.apply.runs import connect
from tests.deploy.push.small_engine import packed, small_engine
from tests.deploy.rollout.conftest import Account
from tests.functional.test_cli_json import problems


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words, env={"COLUMNS": "100"})


@pytest.fixture(autouse=True)
def by_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands reach the sandbox without sockets, and no engine of this machine."""

    def reached(**how: Any) -> Clients:
        return connect() if not how.get("use_docker") else real(**how)

    real = clients.connect
    monkeypatch.setattr(clients, "connect", reached)


def last_run() -> str:
    return max(runs_folder().iterdir(), key=lambda path: path.stat().st_ctime_ns).name


def test_from_a_new_function_to_its_undo(account: Account) -> None:
    result = run("deploy", "app:one", "--function", "app", "--alias", "live")
    name = last_run()
    assert result.exit_code == 0, result.output
    digest = account.one.removeprefix("sha256:")[:9]
    assert result.stdout == (
        f"Result   Function  Version  Alias  Runs\ncreated  app       1        live   {digest}\n"
    )
    assert result.stderr == (
        "creating the role jotgraph-app-us-east-1\n"
        "creating the function app\n"
        "creating the alias live on version 1\n"
        "a role was created for it: arn:aws:iam::123456789012:role/jotgraph-app-us-east-1\n"
        f"Run {name}; to take it back: jotgraph undo {name}\n"
    )
    looked = run("undo", name, "--dry-run")
    assert looked.exit_code == 0
    assert looked.stdout == (
        "123456789012 us-east-1\n"
        "Outcome  Kind      Resource                Because\n"
        "there    alias     app:live                undo would remove it\n"
        "there    version   app:1                   ″\n"
        "there    function  app                     ″\n"
        "there    role      jotgraph-app-us-east-1  ″\n"
    )
    undone = run("undo", name)
    assert undone.exit_code == 0
    assert [line.split()[0] for line in undone.stdout.splitlines()[2:]] == ["removed"] * 4
    assert account.client.list_functions()["Functions"] == []


def test_the_undo_of_a_run_that_did_nothing_says_so(account: Account) -> None:
    again = ("deploy", "app:one", "--function", "app", "--alias", "live")
    first, name = run(*again).stderr.split()[-1], run(*again).stderr.split()[-1]
    assert name == last_run() == f"{first}-2"
    undone = run("undo", name)
    assert (undone.exit_code, undone.stdout) == (0, "")
    assert undone.stderr == (f"run {name} deleted and changed nothing: there is nothing to undo\n")


def test_a_command_with_nothing_to_do_leaves_no_run(account: Account) -> None:
    run("deploy", "app:one", "--function", "app", "--alias", "live")
    before = list(runs_folder().iterdir())
    assert run("promote", "app", "--alias", "live").exit_code == 4
    assert run("rollback", "app", "--alias", "live").exit_code == 4
    assert list(runs_folder().iterdir()) == before


def test_a_share_of_calls_promoted_and_rolled_back(account: Account) -> None:
    run("deploy", "app:one", "--function", "app", "--alias", "live")
    shared = run("deploy", "app:two", "--function", "app", "--alias", "live", "--weight", "0.1")
    assert "live (10% of calls)" in shared.stdout
    assert run("promote", "app", "--alias", "live").exit_code == 0
    assert account.alias() == ("2", {})
    back = run("rollback", "app", "--alias", "live", "--format", "json")
    answer = json.loads(back.stdout)
    assert problems(answer) == []
    assert (answer["version"], answer["how"], answer["after"]) == ("1", "rollback", account.one)


@pytest.mark.parametrize("form", TABLE_LIKE)
def test_every_format(account: Account, form: str) -> None:
    result = run("deploy", "app:one", "--function", "app", "--format", form)
    assert result.exit_code == 0
    assert ("created" in result.stdout, "app" in result.stdout) == (True, True)


def test_variables_from_a_file(account: Account, tmp_path: Path) -> None:
    file = tmp_path / "variables.env"
    file.write_text("# of production\nKEY=a=b\n\nOTHER='c d'\n")
    run("deploy", "app:one", "--function", "app", "--env-file", str(file))
    variables = account.function()["Configuration"]["Environment"]["Variables"]
    assert variables == {"KEY": "a=b", "OTHER": "c d"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("KEY\n", "line 1: write NAME=value"),
        ("1KEY=secret\n", "'1KEY' is not a variable name"),
        ('{"KEY": 1}', "the value of 'KEY' is not text"),
        ("{KEY", "begins with { and is not a JSON object"),
        (f"KEY={'s' * 5000}", "have 5,010 bytes as JSON, and Lambda takes 4,096"),
    ],
)
def test_variables_that_are_none(account: Account, tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "variables.env"
    file.write_text(text)
    result = run("deploy", "app:one", "--function", "app", "--env-file", str(file))
    assert (result.exit_code, words in result.stderr) == (2, True), result.stderr
    assert "secret" not in result.output


def test_a_refusal_is_one_line(account: Account) -> None:
    result = run("deploy", "app:nope", "--function", "app")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "jotgraph: there is no image app:nope in ECR (123456789012/us-east-1): jotgraph push IMAGE "
        "--repository app --tag nope puts one there\n"
    )
    assert run("deploy", "app:one", "--function", "app", "--weight", "0.5").exit_code == 2


def test_a_call_that_is_denied_says_how_to_allow_it(account: Account) -> None:
    account.aws.faults.deny("lambda", "CreateFunction")
    result = run("deploy", "app:one", "--function", "app")
    assert result.exit_code == 4
    assert "lambda:CreateFunction" in result.stderr
    assert result.stderr.endswith("allow the action (jotgraph policy deploy prints the policy)\n")


def test_a_push(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    with small_engine(account.aws, packed(), "shop:1") as engine:
        engine_clients = Clients(connect().aws, docker=engine.client)
        monkeypatch.setattr(clients, "connect", lambda **_how: engine_clients)
        result = run("push", "shop:1", "--tag", "v1", "--format", "json")
        assert result.exit_code == 0, result.output
        answer = json.loads(result.stdout)
        assert problems(answer) == []
        assert (answer["tag"], answer["digest"]) == ("v1", engine.image.digest)
        assert result.stderr.startswith(
            "creating the repository shop\npushing shop:v1\nthe repository shop was created\nRun "
        )
        again = run("push", "shop:1", "--tag", "v1")
        assert again.stdout.splitlines()[1].split() == [
            "there", "shop", "v1", engine.image.digest.removeprefix("sha256:")[:9]
        ]  # fmt: skip


def test_a_push_without_an_engine(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "connect", lambda **_how: connect())
    result = run("push", "shop:1")
    assert result.exit_code == 4
    assert (
        result.stderr == "jotgraph: a Docker engine pushes the image: no Docker engine was asked\n"
    )
