"""The nightly recipe: its templates, and the task they start, on an organization of the sandbox."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from click.testing import CliRunner

from jotgraph.cli import cli
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.rig.file_sandbox import _sandbox as _sandbox
from tests.rig.file_sandbox import aws as aws
from tests.rig.fixtures import move_in
from tests.rig.wire import Connected, connect_by_wire
from tests.strength import LEFT, MANY_PLACES
from tests.wheel.installed import ROOT

FOLDER = ROOT / "examples" / "nightly"
SPEC = importlib.util.spec_from_file_location("nightly", FOLDER / "nightly.py")
ACCOUNTS = ("100000000001", "100000000002")
SECRET = "let-me-in"
BUCKET = "bucket-of-the-stack"
LEFT["whole night in a process of its own"] = 0 if MANY_PLACES else 1


class Template(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """Reads CloudFormation's short forms, such as !Sub."""


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, str]:
    assert isinstance(node, yaml.ScalarNode)
    return {suffix: str(loader.construct_scalar(node))}


Template.add_multi_constructor("!", _intrinsic)


def template(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.load((FOLDER / name).read_text(), Template)
    return document


def policies(name: str, role: str) -> dict[str, dict[str, Any]]:
    properties = template(name)["Resources"][role]["Properties"]
    return {policy["PolicyName"]: policy["PolicyDocument"] for policy in properties["Policies"]}


def task_environment() -> dict[str, str]:
    """What the task definition gives to its container, in a stack of the sandbox."""
    (container,) = template("stack.yml")["Resources"]["Task"]["Properties"]["ContainerDefinitions"]
    known = {
        "ExternalId": SECRET,
        "Regions": "eu-west-1 us-east-1",
        "AWS::Region": "us-east-1",
        "${Bucket}": BUCKET,
        "${AWS::Partition}": "aws",
    }

    def text(value: Any) -> str:
        if isinstance(value, str):
            return value
        ((form, name),) = value.items()
        for variable, meaning in known.items():
            name = name.replace(variable, meaning) if form == "Sub" else name
        return known[name] if form == "Ref" else str(name)

    return {row["Name"]: text(row["Value"]) for row in container["Environment"]}


@pytest.fixture(scope="module")
def _connected() -> Connected:
    return {}


@pytest.fixture
def organization(aws: Sandbox, _connected: Connected, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """An organization of two members, and the bucket of the stack; a task in this process calls it
    without sockets."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    connect_by_wire(aws, _connected, monkeypatch)
    seed.organization(aws, {account: f"team-{account[-1]}" for account in ACCOUNTS})
    for account in ACCOUNTS:
        seed.member_role(aws, account, external_id=SECRET)
        where: Any = {"account": account, "region": "us-east-1"}
        seed.repository(aws, "app", **where)
        seed.image(aws, "app", "live", config=seed.image_config({"of": account}), **where)
        role = seed.role(aws, "app", account=account)
        seed.function(aws, "app", "app:live", role=role, **where)
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)
    return aws


def run(home: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    """Run the task once, on a machine that keeps nothing from one night to the next."""
    home.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("AWS_") or name in ("PATH", "PYTHONPATH")
    }
    env = {**kept, "HOME": str(home), **task_environment(), **changed}
    recipe = [sys.executable, str(FOLDER / "nightly.py")]
    return subprocess.run(recipe, env=env, cwd=home, capture_output=True, text=True, check=False)


def run_here(home: Path, patch: pytest.MonkeyPatch) -> int:
    """Run the task in this process, with the commands that it starts: its exit code."""
    move_in(home, patch)
    patch.chdir(home)
    for name, value in task_environment().items():
        patch.setenv(name, value)
    assert SPEC is not None
    assert SPEC.loader is not None
    nightly = importlib.util.module_from_spec(SPEC)
    SPEC.loader.exec_module(nightly)
    patch.setattr(nightly, "subprocess", Commands)
    code: int = nightly.main()
    return code


class Commands:
    """As much of the module ``subprocess`` as the task uses, for commands of jotgraph."""

    CalledProcessError = subprocess.CalledProcessError
    PIPE = subprocess.PIPE

    @staticmethod
    def run(command: list[str], *, check: bool, **_how: int) -> subprocess.CompletedProcess[str]:
        python, module, name, *words = command
        assert (python, module, name) == (sys.executable, "-m", "jotgraph")
        ended = CliRunner().invoke(cli, words, prog_name="jotgraph")
        if check and ended.exit_code:
            raise subprocess.CalledProcessError(
                ended.exit_code, command, ended.stdout, ended.stderr
            )
        return subprocess.CompletedProcess(command, ended.exit_code, ended.stdout, ended.stderr)


def published() -> Mapping[str, bytes]:
    """What the bucket holds, by key."""
    s3 = boto3.client("s3", region_name="us-east-1")
    listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    keys = [entry["Key"] for entry in listed]
    return {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


def test_a_night_stores_checks_and_publishes_and_the_next_goes_on_from_it(
    organization: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In CI the first is a process of its own, with ten that it starts."""
    if MANY_PLACES:
        first = run(tmp_path / "first")
        assert first.returncode == 0, first.stderr
    else:
        assert run_here(tmp_path / "first", monkeypatch) == 0
    reports = {
        key.removeprefix("reports/"): content
        for key, content in published().items()
        if key.startswith("reports/")
    }
    assert sorted(reports) == [
        "check.md", "check.sarif", "check.xml", "costs.csv", "deployments.csv", "index.html",
        "orphans.csv", "summary.json", "summary.md",
    ]  # fmt: skip
    assert all(reports.values())
    summary = json.loads(reports["summary.json"])
    assert {account for account, _ in summary["scope"]["places"]} >= {*ACCOUNTS}
    assert b"2 deployments of 2 functions" in reports["summary.md"]
    methods = {call.partition(" ")[0] for call in organization.calls.tally()}
    assert {method for method in methods if method.startswith("s3:")} == {"s3:GET", "s3:PUT"}

    assert run_here(tmp_path / "second", monkeypatch) == 0
    assert [key for key in published() if key.startswith("inventories/nightly/")] == [
        "inventories/nightly/1.json",
        "inventories/nightly/2.json",
    ]


def test_an_account_that_lets_nobody_in_is_published_and_fails_the_night(
    organization: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed.organization(organization, {"100000000003": "closed", **dict.fromkeys(ACCOUNTS, "team")})
    assert run_here(tmp_path / "home", monkeypatch) == 1
    assert (
        b"sts AssumeRole in 100000000003 was not read (denied)" in published()["reports/check.md"]
    )


def test_a_scan_that_fails_publishes_nothing(organization: Sandbox, tmp_path: Path) -> None:
    """In a process of its own, on every day."""
    organization.world.organization = None
    night = run(tmp_path / "home")
    assert night.returncode not in (0, 1)
    assert night.stderr
    assert dict(published()) == {}


@pytest.mark.in_ci
def test_a_bucket_that_is_not_there_is_said(organization: Sandbox, tmp_path: Path) -> None:
    night = run(tmp_path / "home", JOTGRAPH_STORE="s3://nowhere/inventories")
    assert night.returncode == 4
    assert "nowhere" in night.stderr
    assert dict(published()) == {}


@pytest.mark.parametrize(("name", "role"), [("stack.yml", "TaskRole"), ("member.yml", "Role")])
def test_roles_read_what_policy_scan_prints(name: str, role: str) -> None:
    printed = json.loads(CliRunner().invoke(cli, ["policy", "scan"]).stdout)
    assert policies(name, role)["read"] == printed


def test_the_task_may_do_nothing_else() -> None:
    statements = policies("stack.yml", "TaskRole")["nightly"]["Statement"]
    allowed = {
        action
        for statement in statements
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    assert allowed == {
        "organizations:ListAccounts", "sts:AssumeRole", "s3:GetObject", "s3:PutObject",
        "s3:ListBucket",
    }  # fmt: skip


@pytest.mark.in_ci
def test_templates_are_valid() -> None:
    templates = [str(FOLDER / name) for name in ("stack.yml", "member.yml")]
    done = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), *templates],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("", 0)
