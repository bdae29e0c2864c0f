"""One sandbox for all tests of this directory that ask for AWS, put back before each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.apply.runs import reachable
from tests.deploy.bench import ELSEWHERE
from tests.rig.wire import without_sockets


@pytest.fixture(scope="package")
def _sandbox() -> Iterator[Sandbox]:
    """Making clients is what takes time."""
    with Sandbox() as sandbox:
        reachable(sandbox)
        without_sockets(sandbox)
        yield sandbox


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
