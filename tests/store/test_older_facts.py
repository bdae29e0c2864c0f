"""What a program of before did not read is a gap of its snapshots, in every form they are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory
from jotgraph.scale.dataset.places import dataset
from jotgraph.scale.dataset.reading import load as load_dataset
from jotgraph.scale.dataset.writing import write
from jotgraph.store import load, save
from jotgraph.store.older_facts import FACTS, gaps_of
from jotgraph.store.places import Folder
from jotgraph.store.snapshots import Snapshots
from tests.factories import LONG_AGO, ecr_image, ecr_repository, inventory

WORLD = inventory(ecr_repository(), ecr_image(1, pushed_at=LONG_AGO))
UNREAD_BY_EARLIER = (
    "ecr:DescribePullThroughCacheRules",
    "lambda:ListFunctions",
    "lambda:ListVersionsByFunction",
    "lambda:ListVersionsByFunction",
    "iam:GetAccountAuthorizationDetails",
)


def in_a_file(world: Inventory, folder: Path) -> Inventory:
    save(world, folder / "w.jsonl.zst")
    return load(folder / "w.jsonl.zst")


def in_layers(world: Inventory, folder: Path) -> Inventory:
    snapshots = Snapshots(Folder(folder / "snapshots"))
    snapshots.remember(world, "prod")
    return snapshots.load("prod")


def in_a_dataset(world: Inventory, folder: Path) -> Inventory:
    write(world, dataset(str(folder / "estate")))
    return load_dataset(str(folder / "estate"))


Kept: TypeAlias = Callable[[Inventory, Path], Inventory]
KEPT = pytest.mark.parametrize("kept", [in_a_file, in_layers, in_a_dataset])


def verdicts(world: Inventory) -> set[str]:
    """What is said of the image."""
    judged = [image for image in orphans(build(world)).all() if image.id.startswith("ecr-image:")]
    return {image.verdict for image in judged}


@KEPT
def test_a_snapshot_of_today_is_as_it_was_read(kept: Kept, tmp_path: Path) -> None:
    assert kept(WORLD, tmp_path) == WORLD
    assert verdicts(WORLD) == {"orphan"}


@KEPT
def test_one_of_an_earlier_program_has_a_gap_for_each_fact(
    kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("store.writing", "store.shared", "scale.dataset.writing"):
        monkeypatch.setattr(f"jotgraph.{module}.FACTS", ())
    world = kept(WORLD, tmp_path)
    assert tuple(gap.name for gap in world.gaps) == UNREAD_BY_EARLIER
    assert {gap.facts[0] for gap in world.gaps} == set(FACTS)
    assert verdicts(world) == {"unknown"}


@KEPT
def test_the_gaps_are_kept_once_where_it_is_saved_again(kept: Kept, tmp_path: Path) -> None:
    older = inventory(gaps=gaps_of(()))
    assert kept(older, tmp_path) == older


def test_what_was_read_leaves_no_gap() -> None:
    assert gaps_of(FACTS) == ()
    assert [gap.facts for gap in gaps_of(FACTS[1:])] == [(FACTS[0],)]


def test_a_file_of_before_facts_were_told_lacks_them_all() -> None:
    older = load(Path(__file__).parent / "old" / "prod" / "1.jsonl.zst")
    assert older.gaps[-len(FACTS) :] == gaps_of(())
