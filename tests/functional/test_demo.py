"""``jotgraph demo`` as a user runs it: in a folder of its own, with CI=true in a process of its
own, which else is this one, without sockets."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from contextlib import chdir
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner

from jotgraph.cli import cli
from jotgraph.cli.demo import QUESTIONS, this_program
from jotgraph.records import Kind
from jotgraph.sandbox import server
from jotgraph.sandbox.server import MOTO
from jotgraph.store import load
from tests.rig.interrupts import interruptible
from tests.rig.live import Rig
from tests.rig.unplugged import unplugged
from tests.strength import LEFT, MANY_PLACES, some

LEFT["demo in a process of its own"] = 0 if MANY_PLACES else 1


def bare() -> dict[str, str]:
    """The environment without AWS, and without the folder of the virtual environment on PATH."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    folders = env["PATH"].split(os.pathsep)
    path = [folder for folder in folders if not (Path(folder) / "jotgraph").exists()]
    env["PATH"] = os.pathsep.join(path)
    return env | {"PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "190"}


def demo(folder: Path, *words: str, host: str = "") -> subprocess.CompletedProcess[str]:
    env = bare()
    if host:
        env["DOCKER_HOST"] = host
    return subprocess.run(
        [sys.executable, "-m", "jotgraph", "demo", *words],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def demo_here(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str
) -> subprocess.CompletedProcess[str]:
    """The demo in this process."""
    monkeypatch.setattr(server, "Sandbox", unplugged(monkeypatch))
    with chdir(folder), mock.patch.dict(os.environ, bare(), clear=True):
        done = CliRunner().invoke(cli, ["demo", *words], prog_name="jotgraph")
    return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


def test_it_answers_and_draws_without_an_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if MANY_PLACES:
        done = demo(tmp_path, "--no-docker")
    else:
        done = demo_here(tmp_path, monkeypatch, "--no-docker")
    assert done.returncode == 0, done.stderr
    for words in ("drift →", "broken", "prod 90%", "orphan", "among the newest of its repository"):
        assert words in done.stdout
    for words in ("platform/legacy:importer-2023.4 @", "old-imports → importer"):
        assert words in done.stdout, "what is unused is named as in the other tables"
    for words in ("conflict: dirty", "a dirty build at", "same files"):
        assert words in " ".join(done.stdout.split())
    for words in (
        "ecs web/storefront",
        "ecs migrate:1",
        "batch invoices:1",
        "kubernetes edge/gateway",
    ):
        assert words in done.stdout
    assert "ecs/task-definition/storefront:1 would run it if started" in done.stdout
    assert "--used-by shop=demo/pods.json" in done.stderr
    assert "a dirty build at" in (tmp_path / "demo" / "graph.svg").read_text()
    ET.parse(tmp_path / "demo" / "graph.svg")
    inventory = load(tmp_path / "demo" / "inventory.json")
    assert inventory.gaps == ()
    assert {record.id.partition(":")[0] for record in inventory.records()} == {
        *(kind.value for kind in Kind)
    } - {Kind.LOCAL_IMAGE.value, Kind.CONTAINER.value, Kind.LOG_GROUP.value}
    deploys_there_and_back(tmp_path, done.stdout)
    run_what_it_prints(tmp_path, done.stderr)


@pytest.mark.in_ci
def test_it_runs_again_in_its_own_folder(tmp_path: Path) -> None:
    for _ in range(2):
        done = demo(tmp_path, "--no-docker")
        assert done.returncode == 0, done.stderr


def deploys_there_and_back(folder: Path, text: str) -> None:
    """Two functions go from a commit to an answer, one is changed, and nothing is left."""
    words = " ".join(text.split())
    for line in (
        "push created quote (created)",
        "push created receipt (created)",
        "invoke passed 2 cases passed",
        "deploy changed quote runs",
        "lacks version quote:1",
        "contains version quote:2",
        "quote:live on version 2 again",
        "14 done",
    ):
        assert line in words, line
    gone = ("function", "version", "alias", "ecr-image", "ecr-repo", "role")
    assert all(f"done {kind} " in words for kind in gone)
    assert (folder / "demo" / "state").is_dir(), "its runs are in its own folder"


def run_what_it_prints(folder: Path, text: str) -> None:
    """Run commands of the last lines in a shell that knows no virtual environment, and the others
    of the same program here, which spares its start."""
    commands = [line.strip() for line in text.splitlines() if line.startswith("  ")]
    assert len(commands) == len(QUESTIONS)
    program = commands[0].partition(f" {QUESTIONS[0]} ")[0]
    typed = some("lines of the demo that a shell runs", commands, len(commands))
    for command in commands:
        if command not in typed:
            with chdir(folder):
                words = shlex.split(command.removeprefix(f"{program} "))
                here = CliRunner().invoke(cli, words, prog_name="jotgraph")
            assert here.exit_code == 0, f"{command}\n{here.stderr}"
            assert here.stdout
            continue
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=bare(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert done.stdout


@pytest.mark.in_ci
def test_the_aws_that_is_kept_answers_as_it_is_printed(tmp_path: Path) -> None:
    log = (tmp_path / "log").open("w+")
    with (
        log,
        subprocess.Popen(
            [sys.executable, "-m", "jotgraph", "demo", "--no-docker", "--keep"],
            cwd=tmp_path,
            env=bare() | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            preexec_fn=interruptible,
        ) as kept,
    ):
        assert kept.stdout is not None
        exports = []
        for line in kept.stdout:
            exports += [line] if line.startswith("export ") else []
            if line.startswith("export AWS_SHARED_CREDENTIALS_FILE"):
                break
        while "Press Ctrl-C" not in (text := (tmp_path / "log").read_text()):
            assert kept.poll() is None
            time.sleep(0.05)
        last = [line for line in text.splitlines() if line.startswith("  ")][-1]
        done = subprocess.run(
            ["bash", "-c", "".join([*exports, last])],
            cwd=tmp_path,
            env=bare(),
            capture_output=True,
            text=True,
            check=False,
        )
        kept.send_signal(signal.SIGINT)
        assert kept.wait() == 0
    assert done.returncode == 0, done.stderr
    assert "checkout" in done.stdout


def test_the_program_is_named_as_a_shell_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the folder one is in by its path; on PATH by its name; without a script as a module."""
    scripts = tmp_path / "my venv" / "bin"
    scripts.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("UV", raising=False)
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setattr(sys, "executable", str(scripts / "python"))
    assert this_program() == "'my venv/bin/python' -m jotgraph"
    script = scripts / "jotgraph"
    script.touch(0o755)
    assert this_program() == "'my venv/bin/jotgraph'"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "jotgraph").symlink_to(script)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert this_program() == "jotgraph"
    monkeypatch.setenv("UV", "/usr/bin/uv")  # of uvx, whose PATH ends with the demo
    assert this_program() == "'my venv/bin/jotgraph'"


def test_without_moto_it_says_so_in_one_line_and_makes_no_folder(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['moto'] = None; sys.argv = ['jotgraph', 'demo']\n"
        "from jotgraph.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=bare(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (4, "", [])
    (line,) = done.stderr.splitlines()
    assert line.endswith(f"python -m pip install '{MOTO}'")


def test_it_takes_no_folder_that_holds_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "mine.txt").write_text("keep me")
    done = demo(tmp_path) if MANY_PLACES else demo_here(tmp_path, monkeypatch)
    assert done.returncode == 4
    assert "is not empty" in done.stderr
    assert (tmp_path / "demo" / "mine.txt").read_text() == "keep me"


@pytest.mark.in_ci
@pytest.mark.live_docker
def test_a_real_engine_gets_the_images_and_loses_them_again(tmp_path: Path, engine: Rig) -> None:
    done = demo(tmp_path, host=engine.docker_host)
    assert done.returncode == 0, done.stderr
    inventory = load(tmp_path / "demo" / "inventory.json")
    tags = {tag for image in inventory.local_images for tag in image.tags}
    assert "media/thumbs:prod" in tags
    assert any(not image.tags for image in inventory.local_images)
    assert len(inventory.containers) == 1
    left = engine.docker.images.list(all=True, filters={"label": "jotgraph.example"})
    assert left == []
    assert engine.docker.containers.list(all=True, filters={"label": "jotgraph.example"}) == []
