"""One sandbox for all tests of this directory that ask for AWS, put back before each."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.apply.one_sandbox import _sandbox as _sandbox
from tests.deploy.bench import ELSEWHERE


@pytest.fixture
def aws(_sandbox: Sandbox) -> Sandbox:
    """An empty world of two regions: what is removed asks each of them for users."""
    _sandbox.reset()
    _sandbox.world.regions = frozenset({_sandbox.region, ELSEWHERE})
    return _sandbox


@pytest.fixture(autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of the test's own, and a cache."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
    return home / "state"
