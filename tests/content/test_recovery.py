"""Images of histories that mislead lead back to their commits: the benchmark, small."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.recovery.histories import world
from benchmarks.recovery.judging import archive, builds, judge
from benchmarks.recovery.table import table, total
from jotgraph.records import ContentVerdict
from tests.strength import MANY_PLACES, some

BUILDS = 155 if MANY_PLACES else 31
"""Each recipe once, or five times."""


@pytest.mark.parametrize("seed", some("histories that mislead", [21, 22], 2))
def test_no_proof_is_false_and_no_commit_is_wrong(seed: int, tmp_path: Path) -> None:
    shop = world(tmp_path / "shop", seed)
    outcomes = [
        judge(build, shop, archive(build), tmp_path / "cache")
        for build in builds(shop, BUILDS, random.Random(seed))
    ]
    count = total(outcomes)
    assert (count.false_proof, count.wrong) == (0, 0), table(outcomes)
    assert count.found == count.known > BUILDS // 2, table(outcomes)
    silent = [outcome for outcome in outcomes if not (outcome.expected or outcome.told)]
    # A file that is not in the image may have been left out on purpose: the answer is a subset.
    assert {outcome.build.recipe for outcome in silent} <= {"dirty: delete"}, table(outcomes)
    assert {outcome.match.verdict for outcome in silent} <= {ContentVerdict.SUBSET}
