"""The table of docs/comparison.md is what ``python -m benchmarks.peers`` prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.peers import __main__ as peers
from benchmarks.peers.truth import DEAD, LIVE, OPEN
from jotgraph import clients
from tests.rig.unplugged import unplugged

PAGE = Path(__file__).parents[1] / "docs" / "comparison.md"


@pytest.fixture(scope="module")
def table() -> list[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peers, "Sandbox", unplugged(patch))
        patch.setattr(peers, "connect", lambda **how: clients.connect(**how))
        return peers.lines()


def test_the_page_has_the_table(table: list[str]) -> None:
    assert "\n".join(table) in PAGE.read_text(encoding="utf-8")


def test_ours_deletes_nothing_that_may_be_in_use(table: list[str]) -> None:
    totals = [line.strip("| ").split(" | ") for line in table[-3:]]
    assert [(total[0], total[-1]) for total in totals[:2]] == [
        (f"**live: deleted**, of {len(LIVE)}", "0"),
        (f"**open: deleted**, of {len(OPEN)}", "0"),
    ]
    assert {total[-2] for total in totals[:1]} != {"0"}


def test_every_image_has_one_fate() -> None:
    names = [*LIVE, *OPEN, *DEAD]
    assert len(names) == len(set(names))
