"""The same chain asked of the program itself: scan it into a file, then ask the file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jotgraph.cli import cli
from jotgraph.sandbox.server import Sandbox
from tests.live.chain import (
    FUNCTION,
    REPOSITORY,
    ROLE,
    SOURCE,
    TAG,
    Build,
    chain_of,
    deploy,
    open_registry,
    release,
)
from tests.rig.fixtures import NewRepository
from tests.rig.live import ROOT, Rig
from tests.strength import MANY_PLACES

Ask = Callable[..., Any]


@pytest.fixture
def ask(ecr_named: Rig, aws: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """``ask("trace", "app")`` runs ``jotgraph trace app --format json`` and returns the answer; a
    scan returns nothing. In CI the first scan and the first question are processes, as a user would
    start them; a start takes longer than the answer, and the others are run here."""
    environment = (
        {key: value for key, value in os.environ.items() if key in ("PATH", "LANG")}
        | {key: value for key, value in os.environ.items() if key.startswith("XDG_")}
        | aws.environment()
        | {"DOCKER_HOST": ecr_named.docker_host, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    )
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    started: set[bool] = set() if MANY_PLACES else {False, True}

    def run(*words: str) -> Any:
        scans = words[0] == "scan"
        as_json = () if scans else ("--format", "json")
        if scans in started:
            here = CliRunner().invoke(cli, [*words, *as_json])
            assert here.exit_code == 0, here.stderr
            return json.loads(here.stdout) if as_json else None
        started.add(scans)
        done = subprocess.run(
            [sys.executable, "-m", "jotgraph", *words, *as_json],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if as_json else None

    return run


def test_scan_trace_and_why(
    ask: Ask, ecr_named: Rig, aws: Sandbox, git_repository: NewRepository, tmp_path: Path
) -> None:
    clients = open_registry(aws)
    repository = git_repository()
    repository.remote(f"{SOURCE}.git")
    old = release(repository, ecr_named, clients, "print(1)\n", buildkit=not MANY_PLACES)
    deploy(ecr_named, clients)
    before, after = str(tmp_path / "before.jsonl"), str(tmp_path / "after.jsonl.zst")

    ask("scan", "--git", str(repository.path), "--usage", "--strict", "-o", before)
    for name in _names(old):
        answer = ask("trace", name, "--from", before)
        assert [path["ids"] for path in answer["paths"]] == [list(chain_of(old))], name
        assert answer["gaps"] == []
    assert _grades(ask("why", FUNCTION, f"{REPOSITORY}:{TAG}", "--from", before)) == ["proof"]
    assert _grades(ask("why", old.local_id, old.ecr_id, "--from", before)) == ["proof"]
    (jot,) = ask("ls", "--from", before)["jots"]
    assert jot["states"] == ["idle"]  # nobody called it

    new = release(repository, ecr_named, clients, "print(2)\n", buildkit=not MANY_PLACES)
    ask("scan", "--git", str(repository.path), "--usage", "--strict", "-o", after)
    (jot,) = ask("ls", "--from", after)["jots"]
    assert jot["states"] == ["drift", "lag", "idle"]
    assert ask("show", old.ecr_id, "--from", after)["resource"]["tags"] == []
    assert ask("show", new.ecr_id, "--from", after)["resource"]["tags"] == [TAG]
    assert _grades(ask("why", FUNCTION, old.ecr_id, "--from", after)) == ["proof"]
    paths = ask("trace", FUNCTION, "--from", after)["paths"]
    assert [path["ids"] for path in paths] == [list(chain_of(old))]


def _names(build: Build) -> tuple[str, ...]:
    """The six as a person would name them."""
    return (build.sha, build.local_id, f"ecr-repo:{REPOSITORY}", build.stored, FUNCTION, ROLE)


def _grades(why: Any) -> list[str]:
    return [link["evidence"][0]["grade"] for link in why["links"]]
