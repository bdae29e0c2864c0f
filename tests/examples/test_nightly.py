"""The nightly recipe: its templates, and the task they start, on an organization of the sandbox."""

from __future__ import annotations

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
from tests.wheel.installed import ROOT

FOLDER = ROOT / "examples" / "nightly"
ACCOUNTS = ("100000000001", "100000000002")
SECRET = "let-me-in"
BUCKET = "bucket-of-the-stack"


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


@pytest.fixture
def organization(aws: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """An organization of two members, and the bucket of the stack."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
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


def published() -> Mapping[str, bytes]:
    """What the bucket holds, by key."""
    s3 = boto3.client("s3", region_name="us-east-1")
    listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    keys = [entry["Key"] for entry in listed]
    return {key: s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}


def test_a_night_stores_checks_and_publishes_and_the_next_goes_on_from_it(
    organization: Sandbox, tmp_path: Path
) -> None:
    first = run(tmp_path / "first")
    assert first.returncode == 0, first.stderr
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

    second = run(tmp_path / "second")
    assert second.returncode == 0, second.stderr
    assert [key for key in published() if key.startswith("inventories/nightly/")] == [
        "inventories/nightly/1.json",
        "inventories/nightly/2.json",
    ]


def test_an_account_that_lets_nobody_in_is_published_and_fails_the_night(
    organization: Sandbox, tmp_path: Path
) -> None:
    seed.organization(organization, {"100000000003": "closed", **dict.fromkeys(ACCOUNTS, "team")})
    night = run(tmp_path / "home")
    assert night.returncode == 1
    assert (
        b"sts AssumeRole in 100000000003 was not read (denied)" in published()["reports/check.md"]
    )


@pytest.mark.in_ci
def test_a_scan_that_fails_publishes_nothing(organization: Sandbox, tmp_path: Path) -> None:
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


@pytest.mark.parametrize("name", ["stack.yml", "member.yml"])
def test_templates_are_valid(name: str) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), str(FOLDER / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("", 0)
