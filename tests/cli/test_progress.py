"""What is said while something is read: in words, by processes too, and when Ctrl-C ends it."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from jotgraph.cli import cli
from jotgraph.cli.progress import BEAT, QUIET, Batch, Phases, duration, of
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.phases import Phase
from tests.apply.estate import fill
from tests.functional.conftest import _connected as _connected
from tests.rig.file_sandbox import _sandbox as _sandbox
from tests.rig.file_sandbox import aws as aws
from tests.rig.fixtures import NewRepository
from tests.rig.interrupts import interruptible
from tests.rig.wire import Connected, connect_by_wire

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (3, "3 s"), (59.4, "59 s"), (60, "1 min"), (125, "2 min 5 s"),
     (3600, "1 h 0 min"), (3725, "1 h 2 min")],
)  # fmt: skip
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("batch", "now", "words"),
    [
        (Batch(0, 0, 132), 1, "0 of 132, 0 %"),
        (Batch(0, 2, 132), 1, "2 of 132, 1 %"),
        (Batch(0, 33, 132), 4, "33 of 132, 25 %, 12 s left"),
        (Batch(0, 132, 132), 16, "132 of 132, 100 %"),
    ],
)
def test_a_batch_says_its_share_and_what_remains(batch: Batch, now: float, words: str) -> None:
    assert of(batch, now) == words


def test_a_phase_that_ended_is_a_line_and_the_first_seconds_are_quiet() -> None:
    phases = Phases("scan", 100.0)
    assert phases.tell(Phase("iam", "role"), 12, 12, 101.0) == []
    assert phases.tell("lambda ListFunctions us-east-1", 50, None, 101.5) == []
    assert phases.tell(Phase("lambda us-east-1", "function"), 132, 132, 100.0 + QUIET) == [
        "scan: iam: 12 roles (1 s)",
        "scan: lambda us-east-1: 132 functions (2 s)",
    ]
    assert phases.tell(Phase("ecs us-east-1", "workload"), 1, 1, 103.0) == [
        "scan: ecs us-east-1: 1 workload (3 s)"
    ]


def test_a_long_batch_is_a_line_now_and_then_and_not_one_a_second() -> None:
    phases = Phases("scan", 0.0)
    lines = [
        line for second in range(200) for line in phases.tell("content", second, 400, float(second))
    ]
    assert len(lines) == 199 // BEAT
    assert lines[0] == "scan: content: 30 of 400, 7 %, 6 min 10 s left (30 s)"


def test_a_terminal_shows_the_batch_with_most_left_else_what_was_last() -> None:
    phases = Phases("scan", 0.0)
    phases.tell("ecr DescribeImages us-east-1", 7, None, 1.0)
    assert phases.words(1.0) == "ecr DescribeImages us-east-1"
    phases.tell("aliases", 1, 3, 2.0)
    phases.tell("GetFunction", 1, 132, 2.0)
    assert phases.words(2.0) == "GetFunction 1 of 132, 0 %"
    phases.tell("GetFunction", 132, 132, 9.0)
    assert phases.words(9.0) == "aliases 1 of 3, 33 %"


def fill_shop(aws: Sandbox) -> None:
    """One function with its role and image."""
    seed.repository(aws, "shop")
    seed.image(aws, "shop", "v1")
    seed.role(aws, "app")
    seed.function(aws, "checkout", "shop:v1", role="app")


Started = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def started(aws: Sandbox, tmp_path: Path) -> Started:
    """Start the program against an embedded AWS that has one function."""
    fill_shop(aws)
    kept = {name: value for name, value in os.environ.items() if name != "JOTGRAPH_PROGRESS"}
    environment = {
        **kept,
        **aws.environment(),
        "PYTHONPATH": str(ROOT),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "jotgraph", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env=environment,
            start_new_session=True,
            preexec_fn=interruptible,
        )

    return start


@pytest.fixture
def here(
    aws: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _connected: Connected
) -> Sandbox:
    """The embedded AWS for commands of this process, which call it without sockets."""
    monkeypatch.chdir(tmp_path)
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    connect_by_wire(aws, _connected, monkeypatch)
    return aws


def test_without_a_terminal_each_phase_is_a_line(
    here: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_shop(here)
    monkeypatch.delenv("JOTGRAPH_PROGRESS")
    monkeypatch.setattr("jotgraph.cli.progress.QUIET", 0.0)
    asked = ["scan", "--no-docker", "--name", "prod"]
    ended = CliRunner().invoke(cli, asked, prog_name="jotgraph")
    lines = [line for line in ended.stderr.splitlines() if line.startswith("scan: ")]
    assert ended.exit_code == 0, ended.stderr
    assert [re.sub(r"\(\d+ s\)", "(N s)", line) for line in sorted(lines)] == [
        "scan: ecr us-east-1: 1 image (N s)",
        "scan: iam: 1 role (N s)",
        "scan: lambda us-east-1: 1 function (N s)",
    ]


def test_a_scan_that_is_soon_done_says_nothing(
    git_repository: NewRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JOTGRAPH_PROGRESS")
    shop = git_repository()
    shop.commit()
    asked = ["ls", "--no-aws", "--no-docker", "--git", str(shop.path)]
    ended = CliRunner().invoke(cli, asked, prog_name="jotgraph")
    assert (ended.exit_code, "scan: " in ended.stderr) == (0, False), ended.stderr


def test_on_a_terminal_it_is_one_line_that_goes(
    here: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_shop(here)
    here.faults.delay(0.3, "ecs", "ListClusters", times=1)
    for name, value in (("TERM", "xterm"), ("COLUMNS", "100")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("JOTGRAPH_PROGRESS")
    ours, theirs = pty.openpty()
    with ThreadPoolExecutor(1) as reader:
        reading = reader.submit(_everything, ours)
        with os.fdopen(theirs, "w") as terminal, monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", terminal)
            cli.main(["scan", "--no-docker", "--name", "prod"], standalone_mode=False)
        output = reading.result()
    assert re.search(r"\d:\d\d:\d\d\S* \S+ (?:Describe|Get|List)\w+", output), output
    assert "scan: lambda" not in output


def _everything(file: int) -> str:
    """What is written to a terminal until nobody has it open any more."""
    pieces = []
    try:
        while piece := os.read(file, 1 << 16):
            pieces.append(piece)
    except OSError:  # Linux says so of a terminal that is closed
        pass
    os.close(file)
    return b"".join(pieces).decode(errors="replace")


def test_an_interrupted_scan_says_what_is_kept_and_waits_for_nothing(
    started: Started, aws: Sandbox, tmp_path: Path
) -> None:
    process: list[subprocess.Popen[str]] = []

    def interrupt(_: object) -> None:
        os.killpg(process[0].pid, signal.SIGINT)

    aws.faults.before("lambda", "ListFunctions", call=interrupt)
    aws.faults.delay(60, "iam")
    process.append(started("scan", "--no-docker", "--name", "prod"))
    out, messages = process[0].communicate(timeout=50)
    assert (process[0].returncode, out) == (130, "")
    assert messages == (
        "Nothing of this scan was stored; earlier inventories are as they were. Manifests, layers "
        f"and history that were read are kept in {tmp_path}/cache/jotgraph, listings for a day: "
        "with --resume the same command goes on from there.\njotgraph: interrupted\n"
    )
    assert not (tmp_path / "state" / "jotgraph" / "snapshots").exists()


def test_an_interrupted_run_says_how_to_go_on_and_how_to_go_back(here: Sandbox) -> None:
    fill(here)
    asked = ["plan", "delete", "function:app", "--no-docker", "--usage", "-o", "plan.json"]
    planned = CliRunner().invoke(cli, asked, prog_name="jotgraph")
    assert planned.exit_code == 0, planned.stderr

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    here.faults.before("lambda", "DeleteFunction", call=interrupt)
    ended = CliRunner().invoke(cli, ["apply", "plan.json", "--yes"], prog_name="jotgraph")
    assert ended.exit_code == 130, ended.stderr
    kept = r"Interrupted\. The journal and backup of run (\w+) are kept in (\S+)\. "
    match = re.search(kept, ended.stderr)
    assert match, ended.stderr
    assert (Path(match[2]) / "journal.jsonl").is_file()
    assert ended.stderr.endswith(
        f"to take back what was done: jotgraph undo {match[1]}\njotgraph: interrupted\n"
    )
