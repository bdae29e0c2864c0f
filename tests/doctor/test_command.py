"""The command ``doctor``: exit codes, formats, and what it says of this machine."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.doctor.lies import at, lie
from tests.doctor.page import PAGE, page
from tests.functional.conftest import Run, _connected, run
from tests.functional.conftest import aws_environment as aws_environment
from tests.functional.test_cli_json import problems
from tests.rig.wire import Connected, connect_by_wire

__all__ = ["_connected", "run"]


@pytest.fixture
def here(aws: Sandbox, monkeypatch: pytest.MonkeyPatch, _connected: Connected) -> Sandbox:
    """The filled embedded AWS, which commands call without sockets."""
    connect_by_wire(aws, _connected, monkeypatch)
    return aws


def test_it_says_everything_and_passes(run: Run, here: Sandbox) -> None:
    result = run("doctor", "--no-docker", "--check")
    assert result.exit_code == 0, result.stderr
    for title in ("Who asks", "What may be read", "Assumptions about AWS", "This machine"):
        assert f"\n{title}\n" in f"\n{result.stdout}"
    note = r"37 assumptions: 32 hold, 5 not tried\. \d+ actions allowed"
    assert re.fullmatch(note, result.stderr.splitlines()[-1])


def test_json_keeps_to_its_schema(run: Run, here: Sandbox) -> None:
    answer = json.loads(run("doctor", "--no-docker", "--format", "json").stdout)
    assert problems(answer) == []
    assert (answer["failing"], answer["redacted"]) == ([], False)


def test_check_fails_for_a_lie_and_for_a_denial(
    run: Run, here: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.faults.deny("iam", "GetAccountAuthorizationDetails")
    lie(here, monkeypatch, "lambda", "GetFunction", at("Configuration", CodeSha256="0" * 64))
    assert run("doctor", "--no-docker").exit_code == 0
    result = run("doctor", "--no-docker", "--check", "--format", "json")
    assert result.exit_code == 1
    assert {"iam:GetAccountAuthorizationDetails in us-east-1", "code-sha256-is-digest"} <= set(
        json.loads(result.stdout)["failing"]
    )


def test_nobody_signed_in_is_a_failure(run: Run, here: Sandbox) -> None:
    here.faults.error("sts", "GetCallerIdentity", code="ExpiredToken", status=403)
    result = run("doctor", "--no-docker")
    assert result.exit_code == 4
    assert "credentials, ExpiredToken" in result.stdout
    assert result.stderr.endswith(
        "jotgraph: no AWS account was examined: see Who asks, or pass --no-aws\n"
    )


@pytest.fixture
def nowhere(here: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """No region is set anywhere."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_region_this_machine_is_examined(run: Run, nowhere: None) -> None:
    result = run("doctor", "--no-docker")
    assert result.exit_code == 4
    who = "default unknown no AWS region is set; pass --region or set AWS_DEFAULT_REGION"
    assert who in " ".join(result.stdout.split())
    assert "\nThis machine\n" in result.stdout
    assert result.stderr.endswith(
        "jotgraph: no AWS account was examined: see Who asks, or pass --no-aws\n"
    )


def test_a_role_is_assumed_from_a_region(run: Run, nowhere: None) -> None:
    role = "arn:aws:iam::123456789012:role/reader"
    result = run("doctor", "--no-docker", "--accounts", "123456789012", "--role-arn", role)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("jotgraph: no AWS region is set; pass --region")


def test_without_aws_this_machine_is_looked_at(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    (tmp_path / "plain").mkdir()
    result = run("doctor", "--no-aws", "--git", "plain", "--check", "--format", "json")
    parts = {part["name"]: part["result"] for part in json.loads(result.stdout)["parts"]}
    assert result.exit_code == 1
    assert (parts["docker"], parts["repository"]) == ("does not hold", "does not hold")
    assert (parts["git"], parts["graphviz-pure"], parts["cache"]) == ("holds",) * 3


def test_without_aws_no_section_is_empty(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "cache" / "jotgraph").mkdir(parents=True)
    (tmp_path / "cache" / "jotgraph" / "scan").write_text("12345")
    result = run("doctor", "--no-aws", "--no-docker", "--format", "md")
    titles = re.findall(r"^## (.+)$", result.stdout, re.MULTILINE)
    assert titles == ["Who asks", "Assumptions about AWS", "This machine"]
    assert "5 B in 1 file, " in result.stdout


def test_the_page_names_every_assumption() -> None:
    assert page() == PAGE.read_text(encoding="utf-8"), "python -m tests.doctor.page"


def test_it_looks_where_the_settings_say_that_a_scan_reads(
    run: Run, here: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def regions() -> set[str]:
        answer = json.loads(run("doctor", "--no-docker", "--format", "json").stdout)
        return {region for session in answer["identities"] for region in session["regions"]}

    Path("jotgraph.toml").write_text('[defaults]\nregions = ["us-west-2"]\n')
    assert regions() == {"us-west-2"}
    monkeypatch.setenv("JOTGRAPH_REGIONS", "eu-west-1 us-east-1")
    assert regions() == {"eu-west-1", "us-east-1"}
