"""The first answer of a scan: what the listings say while GetFunction is still being asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from jotgraph.graph import build
from jotgraph.queries.answers.orphans import Orphans
from jotgraph.queries.orphans import orphans
from jotgraph.records import Gap, Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Request
from jotgraph.sources.functions.detail import FACTS
from tests.sources.conftest import Scan

FUNCTIONS = 6


class Gate:
    """Lets so many GetFunction calls through, and the others when it is opened."""

    def __init__(self, aws: Sandbox, passing: int) -> None:
        self._turns = threading.Semaphore(passing)
        self._open = threading.Event()
        self.waiting = threading.Event()
        aws.faults.before("lambda", "GetFunction", call=self._before)

    def _before(self, _: Request) -> None:
        if not self._turns.acquire(blocking=False):
            self.waiting.set()
            self._open.wait(20)

    def open(self) -> None:
        self._open.set()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A first answer is given though all could be read in a second."""
    monkeypatch.setattr("jotgraph.sources.scan.GRACE", 0.2)


@pytest.fixture
def estate(aws: Sandbox) -> Iterator[Sandbox]:
    seed.repository(aws, "app")
    for number in range(FUNCTIONS + 2):
        config = seed.image_config({"n": str(number)})
        seed.image(aws, "app", f"v{number}", config=config)
    for number in range(FUNCTIONS):
        seed.function(aws, f"f{number}", image=f"app:v{number}", tags={"team": "a"})
    yield aws
    aws.faults.clear()


def _judged(inventory: Inventory) -> Orphans:
    """The verdicts of half a year later: images of today are too young for any."""
    return orphans(build(inventory), now=inventory.taken_at + timedelta(days=180))


def _pending(inventory: Inventory) -> list[Gap]:
    return [gap for gap in inventory.gaps if gap.pending]


def test_listings_are_answered_before_the_details(estate: Sandbox, scan: Scan) -> None:
    whole = scan()
    gate, told = Gate(estate, passing=0), list[Inventory]()

    def so_far(inventory: Inventory) -> None:
        told.append(inventory)
        gate.open()

    final = scan(so_far=so_far)
    (first,) = told
    assert {function.state for function in first.functions} == {None}
    assert [function.image_digest for function in first.functions] == [
        function.image_digest for function in whole.functions
    ]
    assert [(gap.action, gap.detail, gap.facts) for gap in _pending(first)] == [
        ("GetFunction", "details of 6 of 6 functions and versions", FACTS),
        ("ListTags", "tags of functions", ("tags",)),
    ]
    assert first.taken_at == final.taken_at
    assert msgspec.structs.replace(final, taken_at=whole.taken_at) == whole


def test_nothing_is_an_orphan_first_that_is_used_in_the_end(estate: Sandbox, scan: Scan) -> None:
    gate, told = Gate(estate, passing=2), list[Inventory]()

    def so_far(inventory: Inventory) -> None:
        told.append(inventory)
        gate.open()

    final = _judged(scan(so_far=so_far))
    first = _judged(told[0])
    assert {judgement.id for judgement in first.in_use} == {
        judgement.id for judgement in final.in_use
    }
    assert {orphan.id for orphan in first.orphans} <= {orphan.id for orphan in final.orphans}
    assert len(final.orphans) > len(first.orphans)


def test_what_an_earlier_scan_saw_of_a_revision_is_known_at_once(
    estate: Sandbox, scan: Scan
) -> None:
    before = scan()
    gate, told = Gate(estate, passing=0), list[Inventory]()

    def so_far(inventory: Inventory) -> None:
        told.append(inventory)
        gate.open()

    scan(before, so_far=so_far)
    (first,) = told
    assert [function.image_uri for function in first.functions] == [
        function.image_uri for function in before.functions
    ]
    assert {(function.state, function.tags) for function in first.functions} == {(None, None)}
    verdicts = _judged(first).orphans
    assert {judgement.id for judgement in verdicts} == {
        orphan.id for orphan in _judged(before).orphans
    }


def test_what_this_machine_saw_of_a_revision_is_known_without_a_snapshot(
    estate: Sandbox, scan: Scan
) -> None:
    before = scan()
    seed.function(estate, "f0", image="app:v7")
    gate, told = Gate(estate, passing=0), list[Inventory]()

    def so_far(inventory: Inventory) -> None:
        told.append(inventory)
        gate.open()

    scan(so_far=so_far)
    (first,) = told
    uris = [function.image_uri for function in first.functions]
    assert uris == [None, *(function.image_uri for function in before.functions[1:])]
    assert {function.state for function in first.functions} == {None}


def test_what_failed_is_not_kept(estate: Sandbox, scan: Scan) -> None:
    seed.function(estate, "f0", image="app:v0", state="Failed", reason="ImageDeleted")
    scan()
    uris = [function.image_uri for function in scan(details=False).functions]
    assert [uri is None for uri in uris] == [True] + [False] * (FUNCTIONS - 1)


def _interrupted(estate: Sandbox, scan: Scan, passing: int) -> Inventory:
    """What is left of a scan that was interrupted when so many functions had been asked about."""
    gate, told = Gate(estate, passing), list[Inventory]()

    def so_far(inventory: Inventory) -> None:
        told.append(inventory)
        if len(told) == 1:
            assert gate.waiting.wait(10)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(so_far=so_far)
    gate.open()
    for thread in threading.enumerate():  # calls that were under way end after the scan
        if thread.name.startswith("jotgraph-detail"):
            thread.join(10)
    estate.faults.clear()
    return told[-1]


def test_an_interrupted_scan_leaves_what_it_had(estate: Sandbox, scan: Scan) -> None:
    left = _interrupted(estate, scan, passing=4)
    assert [function.state for function in left.functions].count("Active") == 4
    assert "details of 2 of 6 functions and versions" in {gap.detail for gap in _pending(left)}


def test_the_next_scan_goes_on_from_there(estate: Sandbox, scan: Scan) -> None:
    left = _interrupted(estate, scan, passing=4)
    estate.calls.clear()
    after = scan(left)
    assert estate.calls.count("GetFunction") == FUNCTIONS - 4
    assert _pending(after) == []
    assert after.functions == scan().functions


def test_what_changed_since_is_asked_about(estate: Sandbox, scan: Scan) -> None:
    left = _interrupted(estate, scan, passing=4)
    changed = next(function for function in left.functions if function.state)
    seed.function(estate, changed.name, image="app:v7")
    estate.calls.clear()
    assert scan(left).functions == scan().functions
    asked = estate.calls.count("GetFunction") - FUNCTIONS
    assert asked == FUNCTIONS - 4 + 1


def test_what_was_interrupted_long_ago_is_read_again(estate: Sandbox, scan: Scan) -> None:
    left = _interrupted(estate, scan, passing=4)
    long_ago = msgspec.structs.replace(left, taken_at=left.taken_at - timedelta(hours=2))
    estate.calls.clear()
    scan(long_ago)
    assert estate.calls.count("GetFunction") == FUNCTIONS


def test_without_details_the_first_answer_is_the_last(estate: Sandbox, scan: Scan) -> None:
    first = scan(details=False)
    assert estate.calls.count("GetFunction") == 0
    assert [gap.action for gap in _pending(first)] == ["GetFunction", "ListTags"]


def test_of_what_no_image_tells_what_it_runs_the_first_answer_waits_for(
    estate: Sandbox, scan: Scan
) -> None:
    """CodeSha256 is a digest that no repository here has: only GetFunction tells whose it is."""
    seed.repository(estate, "gone")
    digest = seed.image(estate, "gone", "v1", config=seed.image_config({"n": "gone"}))
    seed.function(estate, "lost", image="gone:v1")
    estate.client("ecr").batch_delete_image(
        repositoryName="gone", imageIds=[{"imageDigest": digest}]
    )
    gate, told = Gate(estate, passing=1), list[Inventory]()

    def so_far(inventory: Inventory) -> None:
        told.append(inventory)
        gate.open()

    scan(so_far=so_far)
    (lost,) = [function for function in told[0].functions if function.name == "lost"]
    assert (lost.state, lost.image_uri) == ("Active", seed.uri(estate, "gone:v1"))
    assert [function.state for function in told[0].functions].count(None) == FUNCTIONS


def test_labels_are_read_after_the_first_answer(
    estate: Sandbox, scan: Scan, one_commit: str, tmp_path: Path
) -> None:
    told = list[Inventory]()
    final = scan(git=(one_commit,), so_far=told.append)
    first = told[0]
    assert {image.config_read for image in first.ecr_images} == {False}
    facts = {gap.action: gap.facts for gap in _pending(first)}
    assert facts["GetDownloadUrlForLayer"] == ("config", "labels")
    assert [image.config_read for image in final.ecr_images].count(True) == FUNCTIONS
    assert _pending(final) == []
