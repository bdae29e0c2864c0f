"""Whole runs with backup, disturbed at each of their calls and at each of their writes to the disk:
the world is never harmed, and the same command again ends as if nothing had happened.

``JOTGRAPH_THOROUGH=1 make test`` takes every place in every way; CI kills at every call and spoils
each by two faults; the plain suite takes one place in 127.
``python -m tests.apply.counts`` prints how many there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from jotgraph.apply import Receipt
from jotgraph.errors import ApplyError
from jotgraph.sandbox.server import Sandbox
from tests.apply.bench import Bench, fsync_hook, journal_path
from tests.strength import PARTS, one_in, spread
from tests.tally import FAULTS as FAULTY
from tests.tally import KILLS, tried

FAULTS = ("throttle", "error", "deny", "reset", "done", "truncate")
LOUD = ("could not be made complete again", "could not be enabled again", "cannot be read now")


def some(count: int, part: int, many: int = 1) -> range:
    """One part's share of the places: one in ``many`` in CI; for every day, one in 127."""
    return spread(count, one_in(127, many), part=part, parts=PARTS)


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_before_or_after_any_call(bench: Bench, part: int) -> None:
    for place in some(2 * len(bench.names), part):
        bench.start()
        tried(KILLS)
        bench.wire.at = partial(_kill_from, place, bench.killed())
        bench.die()
        bench.only_planned_was_touched()
        assert len(bench.unanswered()) <= 1
        bench.ends_well()


def _kill_from(place: int, kill: Callable[[], None], number: int, name: str, after: bool) -> None:
    if 2 * (number - 1) + after >= place:  # and whatever the unwinding run still tries
        kill()


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_while_anything_is_written(bench: Bench, part: int) -> None:
    """Before and after each flush to the disk; and with half of the journal's last line there."""
    flushes = Flushes()
    bench.start()
    with flushes:
        bench.apply()
    for place in some(len(flushes.lines), part, many=2):
        for torn in (False, True)[: 1 + flushes.lines[place]]:
            bench.start()
            tried(KILLS)
            with Flushes(place, bench.killed()):
                bench.die()
            if torn:
                tear(journal_path(bench.plan))
            bench.only_planned_was_touched()
            bench.ends_well()


class Flushes:
    """Counts what is flushed to the disk, before and after; kills from one place on."""

    def __init__(self, place: int | None = None, kill: Callable[[], None] | None = None) -> None:
        self.lines: list[bool] = []
        """Of each place, whether it is before a line of the journal is flushed."""
        self._place, self._kill = place, kill

    def __enter__(self) -> Flushes:
        self._real = os.fsync
        os.fsync = fsync_hook(self._at, self._real)  # type: ignore[assignment]
        return self

    def __exit__(self, *_: object) -> None:
        os.fsync = self._real

    def _at(self, line: bool) -> None:
        place = len(self.lines)
        self.lines.append(line)
        if self._kill and self._place is not None and place >= self._place:
            self._kill()


def tear(path: Path) -> None:
    """Leave half of the last line."""
    content = path.read_bytes()
    whole = content.rstrip(b"\n").rfind(b"\n") + 1
    path.write_bytes(content[: (whole + len(content)) // 2])


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_call(bench: Bench, fault: str, part: int) -> None:
    """Each fault has calls of its own, so that on every day each thirtieth call is spoiled in one
    way, and in CI each in two."""
    step = one_in(31 * len(FAULTS), 3)
    first = FAULTS.index(fault) * step // len(FAULTS)
    for place in spread(len(bench.names), step, part=part, parts=PARTS, first=first):
        bench.start()
        tried(FAULTY)
        spoil(bench.aws, fault, place + 1, 1)
        disturbed(bench, place)


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_works_any_more_from_any_call_on(bench: Bench, part: int) -> None:
    """What was taken off a role cannot be put back then, nor a trigger enabled: that is said, and
    done the next time."""
    for place in some(len(bench.names), part, many=3):
        bench.start()
        tried(FAULTY)
        spoil(bench.aws, "deny", place + 1, None)
        receipt = run(bench, place)
        now = bench.only_planned_was_touched()
        for outcome in receipt.outcomes if receipt else ():
            if outcome.id in now and now[outcome.id] != bench.before[outcome.id]:
                assert [words for words in LOUD if words in outcome.because], outcome
        bench.ends_well()


def disturbed(bench: Bench, place: int) -> None:
    receipt = run(bench, place)
    now = bench.only_planned_was_touched()
    if receipt:
        bench.says_the_truth(receipt, now)
    bench.is_whole(now)
    assert bench.unanswered() == []
    bench.ends_well()


def run(bench: Bench, place: int) -> Receipt | None:
    """A run; none when it could not even be asked who we are: then nothing was done."""
    if place:
        return bench.apply()
    with suppress(ApplyError):  # a reply that was lost is a call that failed all the same
        bench.apply()
        raise AssertionError(place)
    return None


def spoil(aws: Sandbox, fault: str, nth: int, times: int | None) -> None:
    if fault == "done":
        aws.faults.reset(done=True, nth=nth, times=times)
    else:
        getattr(aws.faults, fault)(nth=nth, times=times)
