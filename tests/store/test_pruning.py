"""Snapshots that go, with what they alone need; and whatever is disturbed, what stays is whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jotgraph.errors import OptionError, SnapshotError
from jotgraph.queries.answers.snapshots import Pruned
from jotgraph.store import Snapshots
from jotgraph.store.listing import listed
from jotgraph.store.places import Folder, ObjectStore, StoredObject
from jotgraph.store.pruning import clock_of, prune
from jotgraph.store.retention import Rules
from tests.apply.file_ops import FileOperations
from tests.rig.file_sandbox import _sandbox as _sandbox
from tests.rig.file_sandbox import aws as aws
from tests.store.test_sharing import Stopped, day, estates, place, place_of_many, replace
from tests.strength import one_in, spread

__all__ = ["estates", "place", "place_of_many"]
TODAY = datetime.now(UTC)
LATER, MUCH_LATER = TODAY + timedelta(days=2), TODAY + timedelta(days=4)
ONE = Rules(last=1)


def filled(place: ObjectStore, count: int = 6) -> Snapshots:
    snapshots = Snapshots(place)
    for number in range(count):
        snapshots.remember(day(number), "prod")
    snapshots.remember(day(0), "other")
    return snapshots


def fates(result: Pruned) -> dict[str, str]:
    return {snapshot.ref: f"{snapshot.status}: {snapshot.because}" for snapshot in result.snapshots}


def test_nothing_goes_unless_it_is_said(place_of_many: ObjectStore) -> None:
    snapshots = filled(place_of_many, 3)
    before = listed(snapshots)
    result = prune(snapshots, ["prod"], ONE, TODAY, really=False)
    assert fates(result) == {
        "prod#1": "due: no rule keeps it",
        "prod#2": "due: no rule keeps it",
        "prod#3": "kept: the newest, one of the last 1",
    }
    assert (result.shared, result.freed) == (0, 0)  # the newest lies on them
    assert listed(snapshots) == before


def test_what_goes_is_set_aside_and_deleted_a_day_later(place: ObjectStore) -> None:
    snapshots = filled(place)
    reader = snapshots.of("prod")[0]
    reading = reader.manifest()
    assert fates(prune(snapshots, ["prod"], ONE, TODAY, really=True))["prod#1"].startswith("pruned")
    assert [snapshot.ref for snapshot in snapshots.of("prod")] == ["prod#6"]
    objects = {entry.name for entry in place.entries(".objects")}
    assert {layer.sha256 for layer in reading.layers} <= objects  # who reads it still ends well
    prune(snapshots, ["prod"], ONE, LATER, really=True)
    assert place.entries(".pruned/prod") == []
    assert snapshots.load("prod") == day(5)
    assert snapshots.load("other") == day(0)
    assert snapshots.remember(day(6), "prod") == "prod#7"


def test_a_base_that_nothing_needs_goes(place_of_many: ObjectStore) -> None:
    snapshots = filled(place_of_many, 25)  # by then another base was written
    due = prune(snapshots, ["prod"], ONE, TODAY, really=False)
    prune(snapshots, ["prod"], ONE, TODAY, really=True)
    result = prune(snapshots, ["prod"], ONE, LATER, really=True)
    assert 0 < due.shared <= result.freed
    needed = {
        layer.sha256
        for name in snapshots.names()
        for snapshot in snapshots.of(name)
        for layer in snapshot.manifest().layers
    }
    assert {entry.name for entry in place_of_many.entries(".objects")} == needed
    assert snapshots.load("prod") == day(24)


def test_what_a_stopped_writer_left_goes_when_it_is_a_day_old(place: ObjectStore) -> None:
    snapshots = filled(place, 2)
    place.create(".objects/abc", b"left")
    place.create(".newest/abc", b"left")
    assert prune(snapshots, ["prod"], Rules(last=9), TODAY, really=True).freed == 0
    assert prune(snapshots, ["prod"], Rules(last=9), LATER, really=True).freed == 8
    assert [snapshots.load(f"prod#{number + 1}") for number in range(2)] == [day(0), day(1)]


def test_where_a_manifest_is_damaged_it_stays_with_every_object(place_of_many: ObjectStore) -> None:
    snapshots = filled(place_of_many)
    text = place_of_many.read("prod/2.json") or b""
    place_of_many.replace("prod/2.json", text[:50])
    objects = place_of_many.entries(".objects")
    result = prune(snapshots, ["prod"], ONE, TODAY, really=True)
    assert fates(result)["prod#2"].startswith("kept: it cannot be read: ")
    result = prune(snapshots, ["prod"], ONE, LATER, really=True)
    assert result.notes[0].startswith("no object was removed: 1 manifest cannot be read: ")
    assert [entry.name for entry in place_of_many.entries(".objects")] == [
        stored.name for stored in objects
    ]
    place_of_many.replace("prod/2.json", text)
    assert snapshots.load("prod#2") == day(1)


def test_a_snapshot_of_before_goes_as_any(tmp_path: Path) -> None:
    old = Path(__file__).parent / "old" / "prod" / "1.jsonl.zst"
    folder = Folder(tmp_path)
    folder.create("prod/1.jsonl.zst", old.read_bytes())
    snapshots = Snapshots(folder)
    snapshots.remember(replace(day(0), taken_at=TODAY), "prod")
    result = prune(snapshots, ["prod"], ONE, TODAY, really=True)
    assert (fates(result)["prod#1"], result.shared) == (
        "pruned: no rule keeps it",
        old.stat().st_size,
    )
    assert prune(snapshots, ["prod"], ONE, LATER, really=True).freed == old.stat().st_size
    assert snapshots.load("prod") == replace(day(0), taken_at=TODAY)


@pytest.mark.parametrize(
    ("names", "rules", "message"),
    [
        (["prod"], Rules(), "no rule says what to keep: pass --keep-daily N"),
        (["prdo"], ONE, "no snapshot of the name 'prdo'; names here: other, prod"),
    ],
)
def test_a_wrong_request_removes_nothing(
    tmp_path: Path, names: Iterable[str], rules: Rules, message: str
) -> None:
    snapshots = filled(Folder(tmp_path), 2)
    with pytest.raises(OptionError, match=message):
        prune(snapshots, names, rules, TODAY, really=True)
    assert len(snapshots.of("prod")) == 2


class Disturbed:
    """A place whose nth call fails, or after which the program ends, or before."""

    def __init__(self, place: ObjectStore, nth: int, way: str) -> None:
        self._place, self._nth, self._way, self.calls = place, nth, way, 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._place, name)
        return self._spoiled(real) if callable(real) else real

    def _spoiled(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            self.calls += 1
            strikes = self.calls == self._nth
            if strikes and self._way == "fail":
                raise SnapshotError("refused")
            if strikes and self._way == "before":
                raise Stopped
            result = real(*args)
            if strikes and self._way == "after":
                raise Stopped
            return result

        return call


def copied(before: Path, to: Path) -> Folder:
    """The same snapshots in another folder."""
    shutil.copytree(before, to)
    return Folder(to)


def rounds(place: ObjectStore) -> None:
    for now in (TODAY, LATER):
        prune(Snapshots(place), ["prod"], ONE, now, really=True)


def assert_whole(place: ObjectStore) -> None:
    for snapshot in Snapshots(place).of("prod"):
        assert snapshot.load() == day(snapshot.number - 1)
    assert Snapshots(place).load("prod") == day(2)
    assert Snapshots(place).load("other") == day(0)


CALLS_SPOILED = ("fail", "before", "after")
FILES_SPOILED = ("fail", "full", "kill", "torn", "power")


@pytest.mark.parametrize("way", CALLS_SPOILED)
def test_a_pruning_that_is_disturbed_at_any_call_keeps_what_stays(way: str, tmp_path: Path) -> None:
    """On every day each call in one of the ways, in CI in all."""
    filled(Folder(tmp_path / "before"), 3)
    counted = Disturbed(copied(tmp_path / "before", tmp_path / "counted"), 0, "")
    rounds(counted)
    assert counted.calls > 30
    step = one_in(len(CALLS_SPOILED))
    for nth in spread(counted.calls + 1, step, first=1 + CALLS_SPOILED.index(way) % step):
        folder = copied(tmp_path / "before", tmp_path / f"{way}{nth}")
        with suppress(Stopped, SnapshotError):
            rounds(Disturbed(folder, nth, way))
        assert_whole(folder)
        for now in (TODAY, MUCH_LATER):
            prune(Snapshots(folder), ["prod"], ONE, now, really=True)
        assert folder.entries(".pruned/prod") == []
        assert_whole(folder)


class Stop:
    def __call__(self) -> None:
        raise Stopped


@pytest.mark.parametrize("way", FILES_SPOILED)
def test_a_pruning_whose_files_are_disturbed_keeps_what_stays(way: str, tmp_path: Path) -> None:
    """On every day each operation in two of the ways or one, in CI in all."""
    filled(Folder(tmp_path / "before"), 3)
    first = copied(tmp_path / "before", tmp_path / "counted" / "snapshots")
    with FileOperations(within="/snapshots/") as counted:
        rounds(first)
    assert {"open", "write", "fsync", "replace"} <= set(counted.names)
    step = one_in(3)
    for operation in spread(len(counted.names), step, first=FILES_SPOILED.index(way) % step):
        folder = copied(tmp_path / "before", tmp_path / f"{operation}" / "snapshots")
        operations = FileOperations(way, operation, Stop(), within="/snapshots/")
        with operations, suppress(Stopped, SnapshotError):
            rounds(folder)
        if way == "power":
            operations.lose_what_was_not_flushed()
        assert_whole(folder)


def test_a_writer_beside_a_pruning_has_what_it_builds_on(place_of_many: ObjectStore) -> None:
    """The writer has read the newest; then another scan is stored, and all but that is pruned."""
    snapshots = filled(place_of_many, 2)
    pruned = False

    class Overtaken(Disturbed):
        def _spoiled(self, real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any) -> Any:
                nonlocal pruned
                if real.__name__ == "create" and not pruned:
                    pruned = True
                    snapshots.remember(day(9), "prod")
                    prune(snapshots, ["prod"], ONE, TODAY, really=True)
                return real(*args)

            return call

    ref = Snapshots(Overtaken(place_of_many, 0, "")).remember(day(2), "prod")
    assert pruned
    assert ref == "prod#4"
    assert snapshots.load(ref) == day(2)
    assert snapshots.load("prod#3") == day(9)


def test_a_number_that_was_pruned_is_not_given_again(place: ObjectStore) -> None:
    """The writer has listed the numbers; then two more scans are stored, and the first of them
    goes: under its number the writer's would be the older, and go next."""
    snapshots = filled(place, 2)

    def overtake() -> None:
        if len(snapshots.of("prod")) == 2:
            snapshots.remember(day(8), "prod")
            snapshots.remember(day(9), "prod")
            prune(snapshots, ["prod"], ONE, TODAY, really=True)

    ref = Snapshots(_Before(place, "prod/3.json", overtake)).remember(day(2), "prod")
    assert ref == "prod#5"
    assert [snapshot.ref for snapshot in snapshots.of("prod")] == ["prod#4", "prod#5"]
    assert snapshots.load("prod") == day(2)


def test_a_writer_beside_a_pruning_keeps_an_object_that_was_left_long_ago(tmp_path: Path) -> None:
    """A writer that was stopped two days ago left the very object that this one needs."""
    folder = Folder(tmp_path)
    snapshots = filled(folder, 2)
    before = {entry.name for entry in folder.entries(".objects")}
    with suppress(Stopped):
        Snapshots(_Before(folder, "prod/3.json", Stop())).remember(day(2), "prod")
    (left,) = {entry.name for entry in folder.entries(".objects")} - before
    long_ago = (TODAY - timedelta(days=2)).timestamp()
    os.utime(tmp_path / ".objects" / left, (long_ago, long_ago))

    def pruned() -> None:
        prune(snapshots, ["prod"], Rules(last=9), datetime.now(UTC), really=True)

    Snapshots(_Before(folder, "prod/3.json", pruned)).remember(day(2), "prod")
    shutil.rmtree(tmp_path / ".newest")  # by which it could be read all the same
    assert snapshots.load("prod#3") == day(2)


class _Before:
    """A place in which something happens before an object is created."""

    def __init__(self, place: ObjectStore, name: str, happens: Callable[[], None]) -> None:
        self._place, self._name, self._happens = place, name, happens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._place, name)

    def create(self, name: str, content: bytes) -> bool:
        if name == self._name:
            self._happens()
        return self._place.create(name, content)


def test_the_time_of_a_place_is_its_own(place: ObjectStore) -> None:
    """This machine's clock may be wrong, and what was just written would be old."""
    assert abs((clock_of(place) - datetime.now(UTC)).total_seconds()) < 3600
    snapshots = filled(place, 2)
    prune(snapshots, ["prod"], ONE, clock_of(place), really=True)
    assert [entry.name for entry in place.entries(".pruned/prod")] == ["1.json"]


def test_a_scan_whose_clock_was_ahead_makes_no_other_old(tmp_path: Path) -> None:
    snapshots = Snapshots(Folder(tmp_path))
    for hours in (3, 2, 1, -24 * 365, 0):
        at = TODAY - timedelta(hours=hours)
        snapshots.remember(replace(day(0), taken_at=at), "prod")
    by_time = prune(snapshots, ["prod"], Rules(within=1.5 / 24), TODAY, really=False)
    assert fates(by_time) == {
        "prod#1": "due: no rule keeps it",
        "prod#2": "due: no rule keeps it",
        "prod#3": "kept: within 1.5 h of the newest",
        "prod#4": "kept: its time is in the future: a clock was wrong",
        "prod#5": "kept: the newest, within 1.5 h of the newest",
    }
    by_number = prune(snapshots, ["prod"], Rules(last=2), TODAY, really=False)
    assert [ref for ref, fate in fates(by_number).items() if fate.startswith("kept")] == [
        "prod#3", "prod#4", "prod#5",
    ]  # fmt: skip


def test_a_file_that_a_killed_writer_did_not_finish_goes_when_it_is_a_day_old(
    tmp_path: Path,
) -> None:
    snapshots = filled(Folder(tmp_path), 2)
    old, young, named = (
        tmp_path / ".objects" / f".{'a' * 64}.{'0' * 32}",
        tmp_path / "prod" / f".3.json.{'1' * 32}",
        tmp_path / "prod" / ".notes",
    )
    long_ago = (TODAY - timedelta(days=2)).timestamp()
    for path in (old, young, named):
        path.write_bytes(b"half")
    for path in (old, named):
        os.utime(path, (long_ago, long_ago))
    assert prune(snapshots, ["prod"], Rules(last=9), TODAY, really=True).freed == 4
    assert [path.exists() for path in (old, young, named)] == [False, True, True]
    assert snapshots.load("prod") == day(1)


def test_what_was_put_back_and_goes_again_has_its_day(tmp_path: Path) -> None:
    snapshots = filled(Folder(tmp_path), 2)
    prune(snapshots, ["prod"], ONE, TODAY, really=True)
    aside = tmp_path / ".pruned" / "prod" / "1.json"
    long_ago = (TODAY - timedelta(days=2)).timestamp()
    os.utime(aside, (long_ago, long_ago))
    shutil.copy2(aside, tmp_path / "prod" / "1.json")
    prune(snapshots, ["prod"], ONE, datetime.now(UTC), really=True)
    assert aside.exists()


def test_the_list_says_what_each_added(place_of_many: ObjectStore) -> None:
    snapshots = filled(place_of_many, 3)
    place_of_many.replace("prod/2.json", b"")
    answer = listed(snapshots, ["prod"])
    first, second, third = answer.snapshots
    assert (first.ref, first.records, first.layers) == ("prod#1", 42, 1)
    assert second.problem.endswith("scan again, or use another snapshot")
    assert third.layers == 3
    with pytest.raises(OptionError, match="no snapshot of the name 'x'; names here: other, prod"):
        listed(snapshots, ["x"])


def test_entries_are_named_below_their_folder(place: ObjectStore) -> None:
    place.create("a/b", b"12")
    place.create("a/c/d", b"1")
    (entry,) = place.entries("a")
    assert isinstance(entry, StoredObject)
    assert (entry.name, entry.size) == ("b", 2)
    assert abs((entry.written_at - datetime.now(UTC)).total_seconds()) < 3600
    assert place.folders() == ["a"]
    assert not place.create("a/b", b"other")
    assert place.read("a/b") == b"12"
    assert place.read("a") is None
    place.remove("a/nothing")
