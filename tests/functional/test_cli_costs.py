"""``jotgraph costs`` on an estate that costs something."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from jotgraph import store
from tests.factories import NOW, REGION, deployment, ecr_image, ecr_repository, inventory, layer
from tests.functional.conftest import Run

GB = 1_000_000_000


@pytest.fixture
def dear(tmp_path: Path) -> str:
    """Two repositories, of which one has an image that nothing uses."""
    path = tmp_path / "dear.jsonl"
    found = inventory(
        *deployment(),
        ecr_image(9, "kept", pushed_at=NOW, size=12 * GB, manifest_read=False),
        ecr_repository("team/old"),
        ecr_image(2, repository="team/old", layers=(layer("o", 40 * GB),)),
    )
    store.save(found, path)
    return str(path)


def test_the_table_and_what_it_comes_to(run: Run, dear: str) -> None:
    result = run("costs", "--from", dear)
    assert result.exit_code == 0
    assert result.stdout == (
        "$ a month  Unused  Stored   Unused bytes  Images  Orphans  Repository\n"
        "    $4.00   $4.00    40 GB         40 GB       1        1  team/old\n"
        "  ≤ $1.20          ≤ 12 GB                     2           app\n"
    )
    assert result.stderr.splitlines()[:3] == [
        "2 repositories: ≤ $5.20 a month, $4.00 of it unused",
        f"Storage alone, at $0.10 a GB in us-east-1 as of 2026-03, assumed for {REGION}",
        "≤: layers may be shared with images whose manifests were not read",
    ]


def test_narrow_terminals_keep_the_money(
    run: Run, dear: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert run("costs", "--from", dear).stdout.splitlines()[:2] == [
        "$ a month  Unused  Stored   Repository",
        "    $4.00   $4.00    40 GB  team/old",
    ]


def test_csv_leaves_out_what_is_only_a_bound(run: Run, dear: str) -> None:
    text = run("costs", "--from", dear, "--format", "csv").stdout
    old, app = csv.DictReader(io.StringIO(text))
    assert (old["repository"], old["bytes"], old["dollars"]) == ("team/old", str(40 * GB), "4.0")
    assert (app["bytes"], app["bytes_upper_bound"]) == ("", str(12 * GB))


def test_orphans_that_are_kept_cost_all_the_same(run: Run, dear: str) -> None:
    kept = json.loads(
        run("costs", "--from", dear, "--keep-days", "10000", "--format", "json").stdout
    )
    assert (kept["unused"]["dollars"], kept["stored"]["dollars"]) == (0, 5.2)
