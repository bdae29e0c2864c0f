"""The command ``jotgraph up``: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from jotgraph import clients
from jotgraph.cli import cli
from jotgraph.clients import Clients
from jotgraph.deploy.up import workshop
from jotgraph.permissions import document, needs
from jotgraph.sandbox import seed
from jotgraph.sandbox.iam.policy import PREFIXES
from jotgraph.sandbox.workshop import SandboxWorkshop
from tests.deploy.up.bench import Bench
from tests.functional.test_cli_json import problems

NO_POLICY = {"sts:GetCallerIdentity", "ecr-layer:GET"}


class Here(SandboxWorkshop):
    """Stands where the command has the Docker engine's."""

    bench: Bench

    def __init__(self, reached: Clients) -> None:
        super().__init__(self.bench.aws)


@pytest.fixture
def command(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The command reaches the sandbox, and builds without an engine."""
    monkeypatch.setattr(Here, "bench", bench, raising=False)
    monkeypatch.setattr(workshop, "EngineWorkshop", Here)
    monkeypatch.setattr(clients, "connect", lambda **how: bench.wire.clients)
    monkeypatch.setenv("COLUMNS", "100")
    return bench


def run(bench: Bench, *arguments: str, function: str = "quote") -> Result:
    root = bench.project.path
    words = (
        *("up", f"{root}:{function}.app.handler", "--function", function, "--alias", "live"),
        *("--dockerfile", f"Dockerfile.{function}", "--wait", "0.3"),
        *("--cases", str(root / "cases" / function)),
    )
    return CliRunner().invoke(cli, [*words, *arguments], prog_name="jotgraph")


EXPECTED = """\
Stage     Result   Details
validate  passed   quote.app.handler: nothing is wrong
build     created  image {image} of commit {commit}
test      passed   2 cases passed
push      created  quote (created), tag {tag}, {digest}
deploy    created  quote runs {digest} as version 1, alias live, with a role of its own
                   (created)
invoke    passed   2 cases passed

"""


def test_the_stages_and_the_lineage(command: Bench) -> None:
    result = run(command)
    assert result.exit_code == 0, result.stderr
    answer = json.loads(run(command, "--format", "json").stdout)
    image = answer["stages"][1]["resources"][0].rpartition(":")[2]
    digest = answer["stages"][3]["resources"][1].partition("@")[2]
    table, _, lineage = result.stdout.partition("\n\n")
    expected = EXPECTED.format(
        image=image[:9], commit=command.first[:9], tag=command.first[:12], digest=digest[:16]
    )
    assert f"{table}\n\n" == expected
    assert [line.strip("│├└─ ") for line in lineage.splitlines() if "commit" in line] == [
        f"commit {command.first[:9]}  current  A till"
    ]
    assert "alias quote:live" in lineage
    assert "going on" not in result.stderr
    assert result.stderr.splitlines()[-1].endswith("takes it back")


def test_json_keeps_to_its_schema(command: Bench) -> None:
    for words in (("--dry-run",), (), ("--skip-test", "--skip-invoke")):
        result = run(command, *words, "--format", "json")
        assert result.exit_code == 0, result.stderr
        assert problems(json.loads(result.stdout)) == []


def test_a_script_is_a_dry_run(command: Bench) -> None:
    result = run(command, "--format", "sh")
    assert (result.exit_code, command.world()) == (0, {})
    assert result.stdout.startswith("#!/usr/bin/env bash\n")


def test_it_goes_on_and_says_so(command: Bench) -> None:
    command.aws.faults.error("lambda", "CreateFunction", code="ServiceException", times=1)
    failed = run(command)
    assert failed.exit_code == 4
    message = failed.stderr.splitlines()[-1]
    assert message.startswith("jotgraph: deploy: ServiceException")
    name = message.partition("(run ")[2].partition(":")[0]
    assert message.endswith(
        f"(run {name}: the same command goes on; jotgraph undo {name} takes back what it made)"
    )
    again = run(command)
    assert again.exit_code == 0, again.stderr
    assert again.stderr.splitlines()[0] == (
        f"going on with run {name}, which was interrupted in deploy"
    )


def test_a_wrong_answer_is_told_with_a_diff(command: Bench) -> None:
    command.project.commit({"cases/quote/two-coffees.expect.json": '{"total": "1.00 EUR"}\n'})
    result = run(command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "total: " in result.stderr
    assert "jotgraph: test: 1 of 2 cases failed" in result.stderr


def test_what_validate_calls_wrong(command: Bench) -> None:
    command.project.commit({"quote/app.py": "def handler(event, context:\n"})
    for words in ((), ("--dry-run",)):
        result = run(command, *words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("jotgraph: quote/app.py:1: ")


def test_a_dry_run_says_what_it_would_make(command: Bench) -> None:
    result = run(command, "--dry-run")
    assert result.exit_code == 0, result.stderr
    results = [line[10:24].strip() for line in result.stdout.splitlines() if line[:1].islower()]
    made, asked = "would create", "would run"
    assert results == ["passed", made, asked, made, made, asked]


def test_a_dry_run_of_what_would_be_refused(command: Bench) -> None:
    seed.role(command.aws, "app")
    seed.function(command.aws, "quote", role="arn:aws:iam::123456789012:role/app")
    result = run(command, "--dry-run")
    assert result.exit_code == 4
    assert result.stderr.splitlines()[-1] == (
        "jotgraph: deploy would be refused: quote is a function of package type Zip, and a "
        "function never changes it: deploy the image as another function"
    )


def test_it_needs_its_policy_and_no_more(command: Bench) -> None:
    allowed: Any = document(needs("up"))
    command.aws.enforce(allowed)
    first = run(command)
    command.change()
    second = run(command)
    assert (first.exit_code, second.exit_code) == (0, 0), first.stderr + second.stderr
    called = (name.partition(":") for name in command.aws.calls.tally())
    actions = {f"{PREFIXES.get(service, service)}:{call}" for service, _, call in called}
    actions = {name.replace("lambda:Invoke", "lambda:InvokeFunction") for name in actions}
    spare = {need.action for need in needs("up")} - actions
    assert actions - NO_POLICY <= {need.action for need in needs("up")}
    assert spare == {
        "ecr:GetAuthorizationToken",  # the engine's push
        "ecr:PutLifecyclePolicy",  # what is asked for by an option, and of a new repository
        "ecr:GetLifecyclePolicy",
        "ecr:TagResource",  # what creating with tags needs
        "iam:TagRole",
        "iam:PassRole",
        "ecr:GetRepositoryPolicy",  # what Lambda asks in the caller's name
        "ecr:SetRepositoryPolicy",
        "lambda:ListTags",  # what reading tags by GetFunction needs
        "lambda:UpdateFunctionConfiguration",  # settings that are asked for
        "lambda:UntagResource",  # labels that are gone
    }


def test_without_an_engine(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    result = run(bench)
    assert result.exit_code == 4
    assert result.stderr.startswith("jotgraph: a Docker engine builds the image: no Docker engine")
    assert bench.world() == {}
