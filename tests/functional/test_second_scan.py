"""A gate says the same of a second scan as of a first one."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.sandbox import seed
from jotgraph.sandbox.functions.common import here
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Request
from tests.functional.conftest import Run

POLICY = "no_broken = true\nno_drift = ['*']\n"


@pytest.fixture
def estate(aws_environment: Sandbox, tmp_path: Path) -> Sandbox:
    aws = aws_environment
    seed.repository(aws, "app")
    seed.image(aws, "app", "v1")
    seed.function(aws, "pay", image="app:v1", role=seed.role(aws, "pay"))
    (tmp_path / "gate.toml").write_text(POLICY)
    return aws


def gates(run: Run, name: str) -> list[tuple[int, str]]:
    """What two gates say after a scan that is stored under a name: exit codes and rows."""
    scanned = run("scan", "--no-docker", "--name", name)
    assert scanned.exit_code == 0, scanned.output
    asked = (("stale", "--check"), ("check", "--policy", "gate.toml"))
    results = [run(*command, "--from", name, "--format", "csv") for command in asked]
    return [(result.exit_code, result.stdout) for result in results]


def test_of_what_is_well(run: Run, estate: Sandbox) -> None:
    first = gates(run, "prod")
    assert [code for code, _ in first] == [0, 0]
    assert gates(run, "prod") == first


def test_of_what_fails_without_a_new_revision(run: Run, estate: Sandbox) -> None:
    """Lambda put the function to sleep, and could not wake it again."""
    gates(run, "prod")
    latest = here(estate.world, Request("lambda", "", estate.region, estate.account, "", {}))
    failing = latest.functions["pay"].latest
    failing["State"], failing["StateReasonCode"] = "Failed", "ImageAccessDenied"
    second, fresh = gates(run, "prod"), gates(run, "fresh")
    assert second == fresh
    assert [code for code, _ in second] == [1, 1]


def test_without_reading_states_again_no_gate_passes(run: Run, estate: Sandbox) -> None:
    gates(run, "prod")
    assert run("scan", "--no-docker", "--name", "prod", "--no-refresh").exit_code == 0
    gate = run("check", "--policy", "gate.toml", "--from", "prod")
    assert (gate.exit_code, "states of 1 unchanged function" in gate.stderr) == (4, True)
    assert run("stale", "--check", "--from", "prod").exit_code == 4
