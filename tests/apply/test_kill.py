"""A true kill -9, on real sockets, around some calls of a run (with JOTGRAPH_THOROUGH around every
one), then the same command: the world of an undisturbed run. ``test_everywhere.py`` kills at every
call in process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jotgraph.render.answers import envelope
from tests.apply.bench import Bench
from tests.apply.test_apply import CHANGING, whole_or_gone
from tests.rig.kept import state
from tests.strength import one_in, spread
from tests.tally import SOCKETS, tried


class Victims:
    """The program that forks runs; ``run`` gives the exit code of one."""

    def __init__(self) -> None:
        root = Path(__file__).parents[2]
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.apply.victim"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
        )
        self.pid = 0

    def run(self, path: Path) -> int:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(f"{path}\n")
        self._program.stdin.flush()
        self.pid = int(self._program.stdout.readline())
        return int(self._program.stdout.readline())

    def kill(self, *_: object) -> None:
        while not self.pid:
            time.sleep(0.001)  # the child was quicker than the line that names it
        os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        self._program.communicate()


@pytest.fixture
def victims(bench: Bench) -> Iterator[Victims]:
    made = Victims()
    yield made
    made.close()


def around(calls: list[str]) -> list[tuple[int, bool]]:
    """(call, after it): before every call; after it too where that makes a difference."""
    return [
        (number, after)
        for number, name in enumerate(calls, 1)
        for after in (False, True)
        if not after or name in CHANGING
    ]


def test_killed_and_started_again(bench: Bench, victims: Victims, tmp_path: Path) -> None:
    faults, path = bench.aws.faults, tmp_path / "plan.json"
    path.write_text(envelope.json_text(bench.plan))
    places, step = around(bench.names), one_in(159, 45)
    for place in spread(len(places), step, first=step * 2 // 3):
        number, after = places[place]
        bench.start()
        tried(SOCKETS)
        victims.pid = 0
        if after:
            faults.after(nth=number, times=1, call=victims.kill)
        else:
            faults.before(nth=number, times=1, call=victims.kill)
            faults.reset(nth=number, times=1)
        assert victims.run(path) == -signal.SIGKILL, bench.names[number - 1]
        faults.clear()
        bench.only_planned_was_touched()
        assert victims.run(path) == 0, (bench.names[number - 1], after)
        assert state(bench.aws) == bench.after
        assert bench.unanswered() == []
        whole_or_gone(bench.aws)
