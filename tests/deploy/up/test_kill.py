"""``up`` killed at each of its calls and file operations, then started again: it ends in the world
of an undisturbed run, nothing is doubled, and nothing is left that no journal knows.

The plain suite takes one place in 119, CI one in three or five, ``JOTGRAPH_THOROUGH=1`` every
place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from jotgraph.deploy.undo import undo_making
from jotgraph.records import Kind, ResourceId, function_of, kind_of
from jotgraph.store.folders import runs_folder
from tests.deploy.up.bench import CHANGED, Bench, Undisturbed
from tests.rig.file_operations import FileOperations
from tests.rig.kept import State
from tests.strength import PARTS, one_in, spread
from tests.tally import KILLS, tried

WORLDS = ("empty", CHANGED)
"""A first deployment, and one of a changed line."""


def some(count: int, part: int, many: int = 3) -> range:
    """One part's share of the places, one in ``many`` of them in CI."""
    step = one_in(119, many)
    return spread(count, step, part=part, parts=PARTS, first=step // 2)


@pytest.fixture(params=WORLDS)
def whole(request: pytest.FixtureRequest, bench: Bench) -> Undisturbed:
    """The run of a world, made once; the bench is where it begins."""
    return bench.undisturbed(request.param)


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_before_or_after_any_call(bench: Bench, whole: Undisturbed, part: int) -> None:
    for place in some(2 * len(whole.calls), part):
        bench.start()
        tried(KILLS)
        bench.wire.at = partial(_kill_from, place, bench.killed())
        assert bench.die(bench.up), place
        ends_well(bench, whole)


@pytest.mark.parametrize("part", range(PARTS))
def test_undo_of_a_run_that_was_killed(bench: Bench, whole: Undisturbed, part: int) -> None:
    """What the kill left is taken back, and what it changed is put back."""
    for place in some(2 * len(whole.calls), part):
        bench.start()
        tried(KILLS)
        bench.wire.at = partial(_kill_from, place, bench.killed())
        assert bench.die(bench.up), place
        bench.wire.restart()
        receipts = [
            undo_making(folder.name, bench.wire.clients, patience=0.3)
            for folder in sorted(runs_folder().iterdir())
        ]
        assert all(receipt.whole for receipt in receipts), (place, receipts)
        assert bench.world() == whole.before, place


@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_file_operation(bench: Bench, whole: Undisturbed, part: int) -> None:
    for place in some(len(whole.operations), part, 5):
        bench.start()
        tried(KILLS)
        assert bench.die(partial(_killed_at, bench, place)), place
        ends_well(bench, whole)


def _killed_at(bench: Bench, place: int) -> None:
    with FileOperations(place, bench.killed()):
        bench.up()


def _kill_from(place: int, kill: Callable[[], None], number: int, name: str, after: bool) -> None:
    if 2 * (number - 1) + after >= place:  # and whatever the unwinding run still tries
        kill()


def ends_well(bench: Bench, whole: Undisturbed) -> None:
    """What is there after the kill is known, and the same command again ends as if it had not
    been."""
    left = known_only(bench, whole.before)
    bench.wire.restart()
    made = bench.up()
    assert bench.world() == whole.after, left
    assert bench.unanswered() == []
    assert {stage.stage for stage in made.stages} >= set(made.resumed)


def known_only(bench: Bench, before: State) -> set[ResourceId]:
    """What is new since ``before``; each of it is in a journal, or of what a line is about."""
    spoken_of = bench.spoken_of()
    new = {ResourceId(resource) for resource in bench.world().keys() - before.keys()}
    for resource in new:
        assert {resource, _holder(resource)} & spoken_of, resource
    return new


def _holder(resource: ResourceId) -> ResourceId:
    """What the call that makes a resource is about, where AWS names that itself."""
    if kind_of(resource) is Kind.ECR_IMAGE:
        return ResourceId(resource.replace("ecr-image:", "ecr-repo:").partition("@")[0])
    return function_of(resource) if kind_of(resource) is Kind.VERSION else resource
