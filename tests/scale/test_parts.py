"""To judge a dataset by its files, never read whole, gives what judging the inventory gives."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import msgspec
import pytest
from hypothesis import given

from jotgraph.analysis.usage import Options
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory
from jotgraph.scale.dataset.manifest import manifest_of
from jotgraph.scale.dataset.places import dataset
from jotgraph.scale.dataset.reading import load
from jotgraph.scale.dataset.writing import write, write_parts
from jotgraph.scale.judging import Question, together
from jotgraph.scale.parts import judge_part
from jotgraph.scale.slim import plan_parts
from jotgraph.scale.tallies import Tally, tally_on_processes
from tests.factories import inventory
from tests.oracle.worlds import world
from tests.scale.estates import OPTIONS, estate
from tests.scale.verdicts import tally_of, written_verdicts
from tests.strength import DICE, examples


def _by_files(folder: Path, whole: Inventory, options: Options, rows: int) -> object:
    place = dataset(str(folder))
    write(whole, place)
    planned = plan_parts(place, manifest_of(place), Question(options), rows=rows)
    return together(whole, [judge_part(planned.asked, part) for part in planned.parts])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dataset")


@examples(2, many=50, shrink=False)
@given(rng=DICE)
def test_estates_by_their_files_are_the_whole(folder: Path, rng: Random) -> None:
    whole, options = estate(rng), rng.choice(OPTIONS)
    expected = orphans(build(whole), options=options)
    assert _by_files(folder, whole, options, rng.choice((1, 5, 20))) == expected


@examples(3, many=50, shrink=False)
@given(rng=DICE)
def test_oracle_worlds_by_their_files_are_the_whole(folder: Path, rng: Random) -> None:
    whole = world(rng)
    assert _by_files(folder, whole, Options(), rng.choice((1, 10))) == orphans(build(whole))


def test_processes_write_every_verdict_and_count_them(tmp_path: Path) -> None:
    whole, place = estate(Random(4)), dataset(str(tmp_path))
    write(whole, place)
    fine = plan_parts(place, manifest_of(place), Question(), rows=10)
    tally_on_processes(fine, "verdicts/a", jobs=2)  # more files, of which none stays
    planned = plan_parts(place, manifest_of(place), Question(), rows=20)
    assert len(fine.parts) > len(planned.parts) > 2
    tally = tally_on_processes(planned, "verdicts/a", jobs=2)
    report = json.loads((tmp_path / "verdicts" / "a.json").read_text())
    assert report == {**tally._asdict(), "run": report["run"]}
    expected = orphans(build(whole))
    assert tally == tally_of(expected)
    assert written_verdicts(tmp_path, "a") == expected.all()


def test_nothing_is_no_shard(tmp_path: Path) -> None:
    place = dataset(str(tmp_path))
    write(inventory(), place)
    planned = plan_parts(place, manifest_of(place), Question())
    assert (planned.parts, tally_on_processes(planned, "verdicts/a")) == ((), Tally())


def test_an_inventory_written_in_parts_is_read_back_as_one(tmp_path: Path) -> None:
    whole, place = estate(Random(4)), dataset(str(tmp_path))
    first = msgspec.structs.replace(whole, ecr_images=whole.ecr_images[::2], roles=())
    second = msgspec.structs.replace(
        inventory(), ecr_images=whole.ecr_images[1::2], roles=whole.roles
    )
    write_parts(whole, [first, second], place)
    again = load(str(tmp_path))
    assert again.ecr_images == whole.ecr_images[::2] + whole.ecr_images[1::2]
    assert orphans(build(again)).all() == orphans(build(whole)).all()
