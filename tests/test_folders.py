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


Homes = dict[str, Path]


def homes_seen() -> Homes:
    return {"home": Path.home(), "cache": cache_folder(), "state": state_folder()}


@pytest.fixture(scope="session")
def shared() -> Homes:
    return homes_seen()


@pytest.mark.parametrize("whose", ["a fixture that tests share", "a test"])
def test_no_test_sees_the_home_of_whoever_runs_it(
    whose: str, shared: Homes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seen = homes_seen() if whose == "a test" else shared
    ours = tmp_path_factory.getbasetemp() / "homes"
    assert {name for name, path in seen.items() if not path.is_relative_to(ours)} == set()


def test_no_two_tests_have_one_home(shared: Homes) -> None:
    assert not set(homes_seen().values()) & set(shared.values())
