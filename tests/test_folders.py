"""One place says where files are kept; it follows the XDG base directory specification."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jotgraph.store.folders import cache_folder, runs_folder, snapshots_folder, state_folder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="XDG folders are Linux's")


def test_absolute_folders_of_the_environment_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    assert cache_folder() == tmp_path / "c/jotgraph"
    assert state_folder() == tmp_path / "s/jotgraph"
    assert snapshots_folder() == tmp_path / "s/jotgraph/snapshots"
    assert runs_folder() == tmp_path / "s/jotgraph/runs"


@pytest.mark.parametrize("value", [None, "", "relative/folder"])
def test_a_relative_folder_is_ignored_as_if_it_were_unset(
    value: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME"):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert cache_folder() == tmp_path / ".cache/jotgraph"
    assert state_folder() == tmp_path / ".local/state/jotgraph"
