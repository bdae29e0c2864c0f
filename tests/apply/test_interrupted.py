"""Ctrl-C while a line of the journal is being flushed: the journal stays whole, and both the same
command and the way back work as they do after any other end."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from jotgraph.apply import apply, consumers
from jotgraph.plan import Plan
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, journal_path, run_name
from jotgraph.store.journal_lines import read_lines
from tests.apply.aside import planned_of_estate, set_aside
from tests.apply.bench import Bench
from tests.apply.estate import Estate
from tests.apply.runs import connect, statuses
from tests.apply.test_quarantine import estate as aside
from tests.apply.test_quarantine import released, unanswered, world
from tests.strength import PARTS, one_in, spread
from tests.tally import KILLS, tried

__all__ = ["aside"]

NEVER = 10**9
EVERY = one_in(37)
STEP = one_in(7)
"""From one line that is told to the next."""


@contextmanager
def interrupting(place: int) -> Iterator[list[int]]:
    """Ctrl-C once, when the line of this place is on the disk and nobody knows yet that it is.
    Gives the places."""
    real, places = os.fsync, list[int]()

    def fsync(number: Any) -> None:
        real(number)
        if os.readlink(f"/proc/self/fd/{number}").endswith("/journal.jsonl"):
            places.append(len(places))
            if places[-1] == place:
                raise KeyboardInterrupt

    os.fsync = fsync  # type: ignore[assignment]
    try:
        yield places
    finally:
        os.fsync = real


def damage(plan: Plan) -> str:
    return read_lines(journal_path(runs_folder() / run_name(plan.digest))).damage


@pytest.mark.parametrize("part", range(PARTS))
def test_a_quarantine_goes_on_and_is_released(
    aws_environment: Sandbox, aside: Estate, part: int
) -> None:
    aws = aws_environment
    with interrupting(NEVER) as lines:
        set_aside(planned_of_estate())
    for place in spread(len(lines), EVERY, part=part, parts=PARTS):
        plan = planned_of_estate()
        before = world(aws)
        tried(KILLS)
        with interrupting(place), pytest.raises(KeyboardInterrupt):
            set_aside(plan)
        assert damage(plan) == "", place
        again = set_aside(plan)
        assert again.proven, (place, statuses(again))
        assert released(plan).whole, place
        assert world(aws) == before
        assert unanswered(plan) == 0


@pytest.mark.parametrize("part", range(PARTS))
def test_a_deletion_leaves_nothing_crippled_and_goes_on(bench: Bench, part: int) -> None:
    bench.start()
    with interrupting(NEVER) as lines:
        bench.apply()
    for place in spread(len(lines), EVERY, part=part, parts=PARTS):
        bench.start()
        tried(KILLS)
        with interrupting(place), pytest.raises(KeyboardInterrupt):
            bench.apply()
        assert damage(bench.plan) == "", place
        bench.is_whole(bench.only_planned_was_touched())
        bench.ends_well()


def test_a_line_that_was_interrupted_is_written_again_under_its_number(state: object) -> None:
    folder = runs_folder() / "run"
    with Journal(folder) as journal:
        journal.add("run")
        with interrupting(0), pytest.raises(KeyboardInterrupt):
            journal.add("intent", number=1, call="iam:DeleteRole")
        assert [entry.what for entry in journal.entries] == ["run"]
        journal.add("step", result="skipped")
    lines = read_lines(journal_path(folder))
    assert ([entry.what for entry in lines.entries], lines.damage) == (["run", "step"], "")


def test_a_whole_line_that_was_the_last_is_kept(state: object) -> None:
    """The process ended there: the intent stands, and the next run looks."""
    folder = runs_folder() / "run"
    with (
        Journal(folder) as journal,
        interrupting(0),
        pytest.raises(KeyboardInterrupt),
    ):
        journal.add("intent", number=1, call="iam:DeleteRole")
    with Journal(folder) as journal:
        assert [entry.call for entry in journal.unanswered()] == ["iam:DeleteRole"]


def stopping_at(place: int, lines: list[str]) -> Callable[[str], None]:
    """What is told of a run cannot be written any more from some line on: its reader has left."""

    def tell(words: str) -> None:
        lines.append(words)
        if len(lines) > place:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    return tell


def test_a_deletion_that_breaks_off_for_any_reason_leaves_nothing_crippled(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "FRESH", -1.0)

    def run(place: int) -> list[str]:
        bench.start()
        lines: list[str] = []
        apply(
            bench.plan,
            bench.wire.clients,
            now=bench.plan.made_at,
            patience=0.3,
            looking=stopping_at(place, lines),
        )
        return lines

    count = len(run(NEVER))
    assert count > 3
    for place in range(0, count, STEP):
        with pytest.raises(BrokenPipeError):
            run(place)
        bench.is_whole(bench.only_planned_was_touched())
        bench.ends_well()


def test_a_quarantine_that_breaks_off_leaves_nothing_half_set_aside(
    aws_environment: Sandbox, aside: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "FRESH", -1.0)

    def run(plan: Plan, place: int) -> list[str]:
        lines: list[str] = []
        apply(
            plan,
            connect(),
            now=plan.made_at,
            patience=0.3,
            watch=0,
            backup=False,
            looking=stopping_at(place, lines),
        )
        return lines

    count = len(run(planned_of_estate(), NEVER))
    assert count > 3
    for place in range(0, count, STEP):
        plan = planned_of_estate()
        before = world(aws_environment)
        with pytest.raises(BrokenPipeError):
            run(plan, place)
        now = world(aws_environment)
        ended = {
            entry.steps[0]
            for entry in read_lines(journal_path(runs_folder() / run_name(plan.digest))).entries
            if entry.what == "step"
        }
        if not any(step.startswith("role:") for step in ended):
            assert now["roles"] == before["roles"], place
        if not any(step.startswith("ecr-image:") for step in ended):
            assert now["images"] == before["images"], place
        assert released(plan).whole
        assert world(aws_environment) == before
