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

from jotgraph.plan import Plan
from jotgraph.records import Record
from jotgraph.render.answers import envelope
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, run_name
from tests.apply.conftest import applied, fill, planned, scan
from tests.apply.test_apply import CHANGING, whole_or_gone
from tests.strength import EVERY_PLACE


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
def victims(aws_environment: Sandbox) -> Iterator[Victims]:
    made = Victims()
    yield made
    made.close()


def records() -> dict[str, Record]:
    return {each.id: each for each in scan().records()}


def undisturbed(aws: Sandbox) -> list[str]:
    """The calls of a run that nothing disturbs."""
    fill(aws)
    plan = planned("function:app")
    aws.calls.clear()
    assert applied(plan, backup=True).proven
    return [each.name for each in aws.calls]


def around(calls: list[str]) -> list[tuple[int, bool]]:
    """(call, after it): before every call; after it too where that makes a difference."""
    return [
        (number, after)
        for number, name in enumerate(calls, 1)
        for after in (False, True)
        if not after or name in CHANGING
    ]


def test_killed_and_started_again(
    aws_environment: Sandbox, victims: Victims, tmp_path: Path
) -> None:
    aws, path = aws_environment, tmp_path / "plan.json"
    calls = undisturbed(aws)
    for number, after in around(calls)[:: 1 if EVERY_PLACE else 25]:
        aws.reset()
        fill(aws)
        plan, before = planned("function:app"), records()
        path.write_text(envelope.json_text(plan))
        victims.pid = 0
        if after:
            aws.faults.after(nth=number, times=1, call=victims.kill)
        else:
            aws.faults.before(nth=number, times=1, call=victims.kill)
            aws.faults.reset(nth=number, times=1)
        assert victims.run(path) == -signal.SIGKILL, calls[number - 1]
        aws.faults.clear()
        assert before.keys() - records().keys() <= {each.id for each in plan.steps}
        assert victims.run(path) == 0, (calls[number - 1], after)
        left = {key: each for key, each in before.items() if key not in set(_ids(plan))}
        assert records() == left, (calls[number - 1], after)
        assert _unanswered(plan) == []
        whole_or_gone(aws)


def _ids(plan: Plan) -> list[str]:
    return [each.id for each in plan.steps]


def _unanswered(plan: Plan) -> list[object]:
    with Journal(runs_folder() / run_name(plan.digest)) as journal:
        return list(journal.unanswered())
