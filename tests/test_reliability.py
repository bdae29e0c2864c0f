"""The report of what was tried and what was lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability import FILES, table
from tests.tally import KILLS, ROWS, TRIED, tried

ROOT = Path(__file__).parents[1]


def test_every_file_is_there_and_counts_or_is_of_a_real_engine() -> None:
    counting = [file for file in FILES if "tried(" in (ROOT / file).read_text("utf-8")]
    silent = {"tests/apply/test_broken_engine.py"}
    assert {file for file in FILES if "/live/" not in file} - {*counting} == silent


def test_the_report_has_a_line_for_each_kind_and_one_for_losses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(TRIED, KILLS, 1999)
    tried(KILLS)
    lines = table(3)
    assert lines[1].split() == ["kills", "2,000"]
    assert len(lines) == 1 + len(ROWS) + 1
    assert lines[-1].split() == ["data", "lost,", "or", "a", "wrong", "report", "3"]
