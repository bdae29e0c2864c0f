"""Named, numbered snapshots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jotgraph.errors import OptionError, SnapshotError
from jotgraph.records import Inventory
from jotgraph.store import Snapshot, Snapshots
from jotgraph.store.chronology import by_time, moment
from jotgraph.store.places import Folder
from tests.factories import inventory, role

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def world(days_ago: float) -> Inventory:
    return inventory(role(), places=(), taken_at=NOW - timedelta(days=days_ago))


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "jotgraph" / "snapshots"


@pytest.fixture
def prod(state: Path) -> Path:
    for days in (30, 15, 1):
        Snapshots().remember(world(days), "prod")
    return state / "prod"


def test_snapshots_are_numbered(prod: Path) -> None:
    assert Snapshots().remember(world(0), "prod") == "prod#4"
    assert Snapshots().remember(world(0), "dev.eu-1") == "dev.eu-1#1"
    assert Snapshots().names() == ("dev.eu-1", "prod")
    assert sorted(path.name for path in prod.iterdir()) == [f"{n}.json" for n in (1, 2, 3, 4)]
    assert Snapshots().load("prod") == world(0)


def test_numbers_of_lost_snapshots_are_not_given_again(prod: Path) -> None:
    (prod / "1.json").unlink()
    assert Snapshots().remember(world(0), "prod") == "prod#4"


def test_history_reads_headers(prod: Path) -> None:
    history = Snapshots().history("prod")
    assert [(snapshot.ref, snapshot.taken_at, snapshot.counts) for snapshot in history] == [
        (f"prod#{number}", NOW - timedelta(days=days), (("role", 1),))
        for number, days in ((1, 30), (2, 15), (3, 1))
    ]
    assert history[0].size == sum(
        file.stat().st_size for file in (prod.parent / ".objects").iterdir()
    )
    assert Snapshots().history("other") == ()


@pytest.mark.parametrize(
    ("ref", "number"),
    [
        ("prod", 3),
        ("prod~0", 3),
        ("prod~", 2),
        ("prod~2", 1),
        ("prod#2", 2),
        ("prod@{now}", 3),
        ("prod@{yesterday}", 3),
        ("prod@{2.weeks.ago}", 2),
        ("prod@{1 month ago}", 1),
        ("prod@{2026-03-16}", 2),
        ("prod@{2026-03-16T11:00:00}", 1),
    ],
)
def test_references(prod: Path, ref: str, number: int) -> None:
    snapshot = Snapshots().resolve(ref, NOW)
    assert isinstance(snapshot, Snapshot)
    assert snapshot.object == f"prod/{number}.json"


def test_the_newest_by_then_is_told_by_times_and_not_by_numbers(prod: Path) -> None:
    Snapshots().remember(world(20), "prod")  # an old scan, imported later
    snapshot = Snapshots().resolve("prod@{2.weeks.ago}", NOW)
    assert isinstance(snapshot, Snapshot)
    assert snapshot.ref == "prod#2"
    every = Snapshots().of("prod")
    assert [snapshot.number for snapshot in by_time(every)] == [1, 4, 2, 3]
    (prod / "2.json").write_text("cut off")
    assert [snapshot.number for snapshot in by_time(every)] == [1, 2, 4, 3]


def test_a_damaged_snapshot_is_in_the_way_of_nobody_who_does_not_need_it(prod: Path) -> None:
    (prod / "2.json").write_text("cut off")
    snapshot = Snapshots().resolve("prod@{now}", NOW)
    assert isinstance(snapshot, Snapshot)
    assert snapshot.number == 3
    with pytest.raises(SnapshotError, match=r"prod/2\.json is damaged"):
        Snapshots().resolve("prod@{2.weeks.ago}", NOW)  # perhaps that is the one


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-29", "2026-03-29T23:59:59.999999"),
        ("20260329", "2026-03-29T23:59:59.999999"),
        ("2026-03-31", "2026-03-31T12:00:00"),  # today ends now
        ("2026-04-02", "2026-04-02T23:59:59.999999"),
        ("2026-03-29T02:30", "2026-03-29T02:30:00"),  # where clocks go forward it is never so
        ("2026-03-29T03:30+02:00", "2026-03-29T01:30:00"),
        ("2026-10-25T02:30+02:00", "2026-10-25T00:30:00"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30:00"),
    ],
)
def test_times_are_utc_without_an_offset(text: str, utc: str) -> None:
    assert moment(text, NOW).astimezone(UTC) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("prod#9", "no snapshot prod#9; prod has 1 to 3"),
        ("prod~3", "no snapshot prod~3; prod has 3"),
        ("prod@{1.year.ago}", "no snapshot of prod was taken by 2025-03-31"),
        ("prod@{99999999.years.ago}", "no snapshot of prod was taken by"),
        ("prod@{soon}", "'soon' is not a time"),
        ("dev", "no file or snapshot 'dev'; snapshots here: prod"),
        ("pr od", "is neither a file nor a snapshot; write NAME"),
    ],
)
def test_references_that_lead_nowhere(prod: Path, ref: str, message: str) -> None:
    with pytest.raises(SnapshotError, match=message):
        Snapshots().resolve(ref, NOW)


def test_where_nothing_is_stored_a_reference_says_how_to_store(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="'dev'; make one: jotgraph scan --name dev"):
        Snapshots(Folder(tmp_path)).resolve("dev~2", NOW)


@pytest.mark.parametrize(("ref", "name"), [("prod", "prod#3"), ("prod~1", "prod#2")])
def test_the_file_of_a_snapshot_has_its_name(prod: Path, ref: str, name: str) -> None:
    assert Snapshots().name_of(ref) == name


@pytest.mark.parametrize("path", ["4.json", "elsewhere/prod/3.json", "prod.jsonl.zst"])
def test_another_file_has_no_name(prod: Path, path: str) -> None:
    assert Snapshots().name_of(path) == ""


def test_paths_are_themselves(prod: Path, tmp_path: Path) -> None:
    (tmp_path / "prod-file").write_text("")
    assert Snapshots().resolve("prod-file") == Path("prod-file")
    assert Snapshots().resolve("x.json") == Path("x.json")
    assert Snapshots().resolve(tmp_path / "away") == tmp_path / "away"


@pytest.mark.parametrize("name", ["", ".x", "a/b", "a#1", "a~", "a@{b}", "a b", "a.json"])
def test_names_that_would_be_misread_are_refused(name: str) -> None:
    with pytest.raises(OptionError, match="is not a name for snapshots"):
        Snapshots().remember(world(0), name)
