"""What an export that was killed leaves goes with a later one, and nothing else does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from jotgraph.errors import DatasetError
from jotgraph.records import Inventory
from jotgraph.scale.dataset import leftovers, writing
from jotgraph.scale.dataset.export import export_to
from jotgraph.scale.dataset.manifest import files_of, scans
from jotgraph.scale.dataset.places import Dataset, dataset
from jotgraph.scale.dataset.reading import load
from jotgraph.scale.dataset.tables import TABLES
from tests.factories import days_ago
from tests.factories import estate as small

NEWER = replace(small(), taken_at=days_ago(-1))
OLDER = replace(small(), taken_at=days_ago(3))


class Killed(BaseException):
    """Nothing is done after it."""


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there before the newest manifest is old."""
    monkeypatch.setattr(leftovers, "GRACE", timedelta())


def killed(location: str, whole: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export that ends before its manifest is written."""

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(writing, "write_manifest", kill)
        patch.setattr(writing, "_take_back", lambda *_: None)
        with pytest.raises(Killed):
            export_to(location, whole)


def files(location: str) -> set[str]:
    place = dataset(location)
    return {path for table in TABLES for path, _ in place.beneath(table.name)}


def named(location: str) -> int:
    place = dataset(location)
    return sum(len(files_of(place, scan)) for scan in scans(place))


@pytest.mark.parametrize("first", [OLDER, NEWER])
def test_a_scan_that_was_never_whole_goes_with_the_next_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: None, first: Inventory
) -> None:
    killed(str(tmp_path), first, monkeypatch)
    assert files(str(tmp_path))
    export_to(str(tmp_path), small())
    assert len(files(str(tmp_path))) == named(str(tmp_path))
    assert load(str(tmp_path)) == small()


def test_what_a_second_export_of_a_scan_left_goes_with_the_third(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    export_to(str(tmp_path), small())
    killed(str(tmp_path), small(), monkeypatch)
    export_to(str(tmp_path), OLDER)
    assert len(files(str(tmp_path))) > named(str(tmp_path))
    export_to(str(tmp_path), small())
    assert len(files(str(tmp_path))) == named(str(tmp_path))
    assert [load(f"{tmp_path}#{scan}") for scan in scans(dataset(str(tmp_path)))] == [
        OLDER,
        small(),
    ]


def test_what_is_a_day_old_alone_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be of an export that is under way."""
    killed(str(tmp_path), OLDER, monkeypatch)
    left = files(str(tmp_path))
    export_to(str(tmp_path), small())
    assert left < files(str(tmp_path))


def test_files_of_others_stay(tmp_path: Path, at_once: None) -> None:
    home = "images/scan=2026-01-01T00-00-00Z/account=111122223333/region=us-east-1"
    mine = (
        f"{home}/notes.txt", f"{home}/part-0.parquet", "images/mine.parquet", "scans/mine.part",
        "other/scan=x/account=y/region=z/0123456789ab-0-0.parquet", "README",
    )  # fmt: skip
    ours = (f"{home}/0123456789ab-0-0.parquet", f"scans/x.json.{'0' * 32}.part")
    for name in (*mine, *ours):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    export_to(str(tmp_path), small())
    assert [name for name in (*mine, *ours) if (tmp_path / name).exists()] == [*mine]


def test_a_bucket_is_cleared_as_a_folder_is(
    bucket: str, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    monkeypatch.setattr(leftovers, "GRACE", timedelta(seconds=-5))  # its times are whole seconds
    killed(bucket, OLDER, monkeypatch)
    assert files(bucket)
    export_to(bucket, small())
    assert len(files(bucket)) == named(bucket)
    assert load(bucket) == small()


def test_an_export_is_whole_though_nothing_can_be_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    killed(str(tmp_path), OLDER, monkeypatch)

    def refused(self: Dataset, name: str) -> None:
        raise DatasetError(f"{name} cannot be deleted")

    monkeypatch.setattr(Dataset, "remove", refused)
    left = files(str(tmp_path))
    export_to(str(tmp_path), small())
    assert left < files(str(tmp_path))
    assert load(str(tmp_path)) == small()
