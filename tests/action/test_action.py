"""action.yml, step by step: its scripts run as a runner runs them, against the embedded AWS."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any, TypeAlias

import boto3
import pytest

import jotgraph
from jotgraph.cli import COMMANDS
from jotgraph.sandbox import seed
from jotgraph.sandbox.estate import fill, write_history
from jotgraph.sandbox.server import Sandbox
from tests.action.expressions import filled, holds, value
from tests.action.runner import ACTION, PLAYED, STEPS, Job, Service
from tests.wheel.installed import ROOT, build, link, required

PAGE = (ROOT / "docs" / "ci.md").read_text()
REGIONS = "us-east-1\neu-west-1"
MakeJob: TypeAlias = Callable[..., Job]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def cloud() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The checked out repository of the example estate, with a policy that does not hold."""
    folder = tmp_path / "workspace"
    write_history(folder, datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1))
    (folder / "jotgraph.toml").write_text("no_broken = true\nmax_orphans = 0\n")
    return folder


@pytest.fixture
def job(cloud: Sandbox, workspace: Path, wheel: Path, tmp_path: Path) -> MakeJob:
    """Make a job on a fresh machine, with the service that all jobs of the test share."""
    cloud.reset()
    now = datetime.now(UTC).replace(microsecond=0)
    fill(cloud, write_history(tmp_path / "history", now), now)
    service = Service(tmp_path / "service")
    machines = iter(range(1, 100))
    python = tmp_path / "python"  # as setup-python puts it on the PATH
    python.mkdir()
    (python / "python").symlink_to(sys.executable)

    def after_install(venv: Path) -> None:
        (info,) = venv.glob("lib/python*/site-packages/jotgraph-*.dist-info")
        link(venv, required(Distribution.at(info)))

    def make(**inputs: str) -> Job:
        machine = next(machines)
        home = tmp_path / f"home-{machine}"
        home.mkdir()
        env = {
            "PATH": f"{python}:/usr/bin:/bin",
            "HOME": str(home),
            "PIP_NO_INDEX": "1",
            "PIP_NO_DEPS": "1",
            **cloud.environment(),
        }
        given = {name.replace("_", "-"): text for name, text in inputs.items()}
        return Job(
            service=service,
            workspace=workspace,
            temporary=tmp_path / f"runner-{machine}",
            env=env,
            inputs={"regions": REGIONS, "wheel": str(wheel), **given},
            after_install=after_install,
            run_id=machine,
        )

    return make


@pytest.mark.in_ci
def test_a_policy_that_does_not_hold_fails_the_job_when_all_is_reported(job: MakeJob) -> None:
    first = job()
    first.run()
    log = "\n".join(first.log)
    assert first.failed, log
    assert first.ran == [step["name"] for step in STEPS if step["name"] != "Assume the role"]
    assert first.log[-1].startswith("## Decide: 1"), log
    assert first.told()["exit-code"] == "1"
    kept = first.service.artefacts / "jotgraph-estate"
    assert {path.name for path in kept.iterdir()} == {
        "check.sarif", "check.xml", "costs.csv", "deployments.csv", "estate.html", "estate.svg",
        "orphans.csv",
    }  # fmt: skip
    (sarif,) = first.service.sarif
    results = json.loads(sarif.read_text())["runs"][0]["results"]
    assert {result["ruleId"] for result in results} >= {"no_broken", "max_orphans"}
    assert Path(first.told()["snapshot"]).is_file()
    lines = first.summary.splitlines()
    assert lines[0] == "### jotgraph: estate"
    assert [line.split("**")[1] for line in lines[2:7]] == [
        "Runs:", "Wrong:", "Unused:", "Not read:", "Next:",
    ]  # fmt: skip
    assert "| Result |" in first.summary


@pytest.mark.in_ci
def test_a_fresh_machine_knows_what_an_earlier_job_read(job: MakeJob, cloud: Sandbox) -> None:
    policy = {"policy": "", "picture": "false"}
    first = job(**policy)
    first.run()
    assert not first.failed, "\n".join(first.log)
    assert cloud.calls.tally()["ecr:BatchGetImage"] > 0
    before = dict(cloud.calls.tally())
    second = job(**policy)
    second.run()
    assert not second.failed, "\n".join(second.log)
    after = cloud.calls.tally()
    assert after["ecr:BatchGetImage"] == before["ecr:BatchGetImage"]
    assert sorted(path.name for path in second.service.caches.iterdir()) == [
        "jotgraph-estate-1-1",
        "jotgraph-estate-2-1",
    ]
    assert verdicts(second) == verdicts(first)
    assert second.told()["exit-code"] == "0"
    assert "Decide" not in second.ran


def verdicts(job: Job) -> set[tuple[str, str]]:
    """What the job said of each resource."""
    text = (Path(job.told()["reports"]) / "orphans.csv").read_text()
    found = {(row["verdict"], row["resource"]) for row in csv.DictReader(text.splitlines())}
    assert "orphan" in {verdict for verdict, _ in found}
    return found


@pytest.mark.in_ci
def test_an_organization_is_read_and_its_history_kept_in_a_bucket(
    job: MakeJob, cloud: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed.organization(cloud, {"100000000001": "team"})
    seed.member_role(cloud, "100000000001", external_id="let-me-in")
    for name, setting in cloud.environment().items():
        monkeypatch.setenv(name, setting)
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="history")
    for number in (1, 2):
        night = job(
            accounts="organization",
            role_arn="arn:aws:iam::{account}:role/jotgraph",
            external_id="let-me-in",
            store="s3://history/estates",
            policy="",
            picture="false",
        )
        night.run()
        assert not night.failed, "\n".join(night.log)
        listed = s3.list_objects_v2(Bucket="history", Prefix="estates/estate/")["Contents"]
        assert [entry["Key"] for entry in listed][-1] == f"estates/estate/{number}.json"
    inventory = jotgraph.load(night.told()["snapshot"])
    assert {account for account, _ in inventory.scope.places} >= {"100000000001", cloud.account}


@pytest.mark.in_ci
def test_a_policy_that_is_not_there_fails_and_is_not_uploaded(job: MakeJob) -> None:
    missing = job(policy="none.toml", picture="false")
    missing.run()
    assert missing.failed
    assert missing.told()["exit-code"] == "2"
    assert missing.service.sarif == []
    assert "there is no policy file none.toml" in "\n".join(missing.log)


@pytest.mark.in_ci
def test_without_credentials_nothing_passes_and_nothing_is_stored(job: MakeJob) -> None:
    nobody = job(role_to_assume="arn:aws:iam::123456789012:role/jotgraph")
    for name in [name for name in nobody.env if "ACCESS_KEY" in name or "TOKEN" in name]:
        del nobody.env[name]
    nobody.run()
    assert nobody.failed
    assert nobody.service.roles == ["arn:aws:iam::123456789012:role/jotgraph"]
    assert nobody.ran[-1] == "Keep the reports"
    assert not nobody.service.caches.exists()


@pytest.mark.in_ci
@pytest.mark.parametrize(
    ("inputs", "last"),
    [
        (("regions", "git", "scan-options", "docker"), "Keep the reports"),
        (("accounts", "role-arn", "external-id", "store"), "Keep the reports"),
        (("name", "policy", "picture", "sarif", "retention-days"), "Decide"),
    ],
)
def test_an_input_is_never_a_command(
    job: MakeJob, workspace: Path, inputs: tuple[str, ...], last: str
) -> None:
    hostile = "$(touch owned)`touch owned`'; touch owned; ' \"; touch owned"
    spoiled = job(**dict.fromkeys(inputs, hostile))
    spoiled.run()
    assert (spoiled.failed, spoiled.ran[-1]) == (True, last)
    assert not (workspace / "owned").exists()


def scripts() -> list[Any]:
    return [pytest.param(step, id=step["name"]) for step in STEPS if "run" in step]


@pytest.mark.parametrize("step", scripts())
def test_scripts_take_inputs_from_the_environment_alone(step: dict[str, Any]) -> None:
    assert "${{" not in step["run"]
    if not shutil.which("shellcheck"):
        pytest.skip("no shellcheck: apt-get install shellcheck")
    done = subprocess.run(
        ["shellcheck", "--shell=bash", "--severity=style", "-"],
        input=step["run"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""


def test_other_actions_are_pinned_to_a_commit_with_its_version_beside_it() -> None:
    text = (ROOT / "action.yml").read_text()
    used = re.findall(r"uses: (\S+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+\n", text)
    assert len(used) == text.count("uses: ")
    assert {name for name, _ in used} == set(PLAYED)


def test_every_input_is_given_to_some_step_and_every_name_is_one() -> None:
    text = (ROOT / "action.yml").read_text()
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == set(ACTION["inputs"])
    ids = {step["id"] for step in STEPS if "id" in step}
    assert set(re.findall(r"steps\.([a-z-]+)\.", text)) == ids


def test_every_command_is_one_of_the_program() -> None:
    used = re.findall(r"\bjotgraph ([a-z]+) ", "\n".join(step.get("run", "") for step in STEPS))
    assert set(used) <= {command.name for command in COMMANDS}
    assert set(used) >= {"scan", "check", "summary", "render", "costs", "orphans", "ls"}


def test_inputs_and_outputs_are_documented() -> None:
    for part in ("inputs", "outputs"):
        table = PAGE.partition(f"| {part[:-1]} |")[2].partition("\n\n")[0]
        rows = re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", table, re.MULTILINE)
        told = {name: declared["description"] for name, declared in ACTION[part].items()}
        assert {name: words.partition(" Default: ")[0] for name, words in rows} == told
    for name, declared in ACTION["inputs"].items():
        if declared.get("default"):
            (row,) = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
            assert f"Default: `{declared['default']}`" in row


@pytest.mark.parametrize(
    ("expression", "comes_to"),
    [
        ("inputs.a", "1"),
        ("inputs.none || 'b'", "b"),
        ("inputs.a == '1' && inputs.b != ''", False),
        ("!(inputs.a == '1') || inputs.a == '1'", True),
        ("'it''s'", "it's"),
    ],
)
def test_expressions(expression: str, comes_to: object) -> None:
    assert value(expression, {"inputs": {"a": "1", "b": ""}}) == comes_to


def test_conditions() -> None:
    assert not holds("", {}, failed=True, cancelled=False)
    assert holds("${{ !cancelled() }}", {}, failed=True, cancelled=False)
    assert not holds("${{ 'a' == 'b' }}", {}, failed=False, cancelled=False)
    assert filled("a-${{ x.y }}-b", {"x": {"y": "1"}}) == "a-1-b"
    with pytest.raises(ValueError, match="no expression"):
        value("inputs.a + 1", {})
