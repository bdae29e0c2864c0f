"""A command that the system ends (a container that is stopped, a terminal that is closed) puts back
what Ctrl-C puts back, and says what it was."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from jotgraph.cli import world
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import Estate, fill
from tests.functional.conftest import Run

READ = ("--no-docker", "--usage")
ENDS = [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]


@contextmanager
def handled(number: int, how: Any) -> Iterator[None]:
    before = signal.signal(number, how)
    try:
        yield
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize(("number", "code"), ENDS[:2])
def test_a_command_says_what_ended_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    monkeypatch.setattr(world, "inventory_of", lambda *_: os.kill(os.getpid(), number))
    with handled(number, signal.SIG_DFL):
        result = run("ls")
        assert signal.getsignal(number) is signal.SIG_DFL
    assert (result.exit_code, result.stderr) == (
        code,
        f"jotgraph: interrupted by {number.name}\n",
    )


def test_what_the_caller_ignores_ends_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As under nohup."""

    def go_on(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        raise RuntimeError("it went on")

    monkeypatch.setattr(world, "inventory_of", go_on)
    with handled(signal.SIGHUP, signal.SIG_IGN):
        assert "it went on" in run("ls").stderr


@pytest.mark.parametrize(("number", "code"), ENDS)
def test_nothing_stays_asleep_that_nobody_watches(
    run: Run, aws_environment: Sandbox, number: signal.Signals, code: int
) -> None:
    aws, estate = aws_environment, fill(aws_environment)
    planned = run("plan", "delete", "function:app", *READ, "--quarantine", "-o", "plan.json")
    assert planned.exit_code == 0, planned.output
    before = asleep(aws, estate)
    assert before == (None, "Enabled")

    def end(*_: object) -> None:
        assert asleep(aws, estate) == (0, "Disabled")
        os.kill(os.getpid(), number)

    aws.faults.after("lambda", "PutFunctionConcurrency", call=end, times=1)
    how = signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL
    with handled(number, how):
        result = run("apply", "plan.json", "--yes")
    assert result.exit_code == code, result.output
    assert "to take back what was done: jotgraph release" in result.stderr
    assert asleep(aws, estate) == before


def asleep(aws: Sandbox, estate: Estate) -> tuple[int | None, str]:
    """The concurrency that is reserved for the function, and the state of its trigger."""
    lambdas = aws.world.lambda_of(aws.account, aws.region)
    return lambdas.functions["app"].concurrency, lambdas.triggers[estate.trigger]["State"]
