"""What ``make`` installs for each target, told by a dry run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jotgraph.version import __version__
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


@pytest.mark.in_ci
def test_the_wheel_is_built_from_what_is_there(tmp_path: Path) -> None:
    stamp = f"--old-file={sys.prefix}/.jotgraph-installed"  # this environment stays as it is
    words = ["make", "wheel", stamp, f"VENV={sys.prefix}", f"DIST={tmp_path}"]
    env = {"PATH": "/usr/bin:/bin", "PIP_NO_INDEX": "1"}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [
        f"jotgraph-{__version__}-py3-none-any.whl"
    ]
    assert "/dist/" in (ROOT / ".gitignore").read_text().splitlines()
