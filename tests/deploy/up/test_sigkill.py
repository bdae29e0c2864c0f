"""A true kill -9, on real sockets, around one call of ``up`` in three (with JOTGRAPH_THOROUGH
around every one), then the same command in another process: the world of an undisturbed run.

Only in CI: on every day ``test_kill.py`` kills ``up`` in process, and ``tests/apply/test_kill.py``
kills another run by the signal."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from jotgraph.queries.answers.up import Stage
from tests.deploy.up.bench import Bench
from tests.strength import one_in
from tests.tally import SOCKETS, tried

ROOT = Path(__file__).parents[3]


class Victim:
    """One ``up`` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.deploy.up.victim", str(folder)]
        self.process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)

    def kill(self, *_: object) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> tuple[int, str]:
        messages = self.process.communicate()[1]
        return self.process.returncode, messages


@pytest.mark.in_ci
def test_killed_and_started_again(bench: Bench) -> None:
    undisturbed = msgspec.structs.replace(bench.options(), skip=frozenset({Stage.INVOKE}))
    bench.up(options=undisturbed)  # here, which is cheaper: the calls are the same
    services = [call.service for call in bench.aws.calls.matching()]
    after, count = bench.world(), len(services)
    for number in range(3, count, one_in(3, 3)):
        if services[number - 1] == "ecr-layer":
            continue  # a download, which changes nothing and which no fault follows
        bench.start()
        tried(SOCKETS)
        victim = Victim(bench.project.path)
        bench.aws.faults.after(nth=number, times=1, call=victim.kill)
        code, messages = victim.end()
        assert code == -signal.SIGKILL, (number, messages)
        bench.aws.faults.clear()
        assert Victim(bench.project.path).end() == (0, ""), number
        assert bench.world() == after, number
        assert bench.unanswered() == []
