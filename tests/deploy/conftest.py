"""One sandbox for all tests of this directory that ask for AWS, put back before each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apply.one_sandbox import _sandbox as _sandbox
from tests.apply.one_sandbox import aws as aws


@pytest.fixture(autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of the test's own, and a cache."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    return home / "state"
