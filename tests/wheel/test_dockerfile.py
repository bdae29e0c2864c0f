"""The Dockerfile: what it copies is enough to build the wheel, and what it makes is not root's.

The base image cannot be had without Docker Hub, so the image itself is not built here;
``tests/live/test_dockerfile.py`` lets a real engine go through every instruction of it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from jotgraph.version import __version__
from tests.wheel.dockerfile import copied, ignored, instructions, of, pinned
from tests.wheel.installed import ROOT, build, install


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Programs of an environment with the wheel that is built from what the Dockerfile copies."""
    source = tmp_path_factory.mktemp("context")
    for path in copied():
        target = source / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / path).is_dir():
            shutil.copytree(ROOT / path, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / path, target)
    wheel = build(tmp_path_factory.mktemp("wheel"), source)
    return install(wheel, tmp_path_factory.mktemp("installed") / "venv")


@pytest.mark.in_ci
def test_what_it_copies_is_enough_and_its_entry_point_runs(programs: Path, tmp_path: Path) -> None:
    (entry,), (usual,) = of("ENTRYPOINT"), of("CMD")
    program, *words = json.loads(entry)
    for given, says in ((["--version"], __version__), (json.loads(usual), "Usage: jotgraph")):
        done = subprocess.run(
            [programs / program, *words, *given],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert says in done.stdout


def test_the_context_is_what_is_copied() -> None:
    first, *rest = ignored()
    assert first == "*"
    assert {line.removeprefix("!") for line in rest if line.startswith("!")} == set(copied())


def test_it_ends_as_a_user_without_rights_on_a_pinned_base() -> None:
    (base,) = of("ARG")
    assert pinned(base.removeprefix("BASE="))
    assert of("FROM") == ["${BASE} AS build", "${BASE}"]
    words = [instruction.word for instruction in instructions()]
    assert words.index("USER") > max(at for at, word in enumerate(words) if word == "RUN")
    assert of("USER") == ["10001:10001"]
    assert "ADD" not in words


@pytest.mark.parametrize("script", of("RUN"))
def test_its_scripts_stop_at_the_first_failure(script: str) -> None:
    assert ";" not in script
    if not shutil.which("shellcheck"):
        pytest.skip("no shellcheck: apt-get install shellcheck")
    done = subprocess.run(
        ["shellcheck", "--shell=sh", "-"], input=script, capture_output=True, text=True, check=False
    )
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("base", "is_pinned"),
    [("python:3.13-slim-trixie", True), ("python:latest", False), ("python", False)],
)
def test_what_is_a_pinned_base(base: str, is_pinned: bool) -> None:
    assert pinned(base) == is_pinned
