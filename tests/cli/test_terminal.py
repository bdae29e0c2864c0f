"""The width of help and of tables."""

from __future__ import annotations

import shutil

import pytest

from jotgraph.cli.terminal import columns_of_terminal


@pytest.mark.parametrize("columns", [None, "", "0", "-3", "72", "wide", "250"])
def test_it_is_as_wide_as_python_says(columns: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    assert columns_of_terminal() == shutil.get_terminal_size().columns
