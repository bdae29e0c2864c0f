"""What ``make`` installs for each target, told by a dry run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.wheel.installed import ROOT


def dry(target: str, environment: Path) -> str:
    """The commands that a target would run."""
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", target, f"VENV={environment}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize(
    ("target", "extra", "other"), [("demo", ".[demo]", ".[dev]"), ("test", ".[dev]", ".[demo]")]
)
def test_a_target_installs_what_it_needs_and_no_more(
    tmp_path: Path, target: str, extra: str, other: str
) -> None:
    commands = dry(target, tmp_path / "venv")
    assert f"install --quiet --disable-pip-version-check -e '{extra}'" in commands
    assert other not in commands


def test_the_demo_runs_beside_what_tests_need(tmp_path: Path) -> None:
    (tmp_path / ".jotgraph-installed").touch()
    assert dry("demo", tmp_path).split() == [f"{tmp_path}/bin/python", "-m", "jotgraph", "demo"]


def test_the_wheel_goes_where_git_does_not_look(tmp_path: Path) -> None:
    assert "pip wheel" in dry("wheel", tmp_path)
    assert "--wheel-dir dist" in dry("wheel", tmp_path)
    assert "dist/" in (ROOT / ".gitignore").read_text().splitlines()
