"""One sandbox for all tests of this directory that ask for AWS, put back before each, and called
without sockets: what is real here is the engine and the registry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.rig.wire import Connected, connect_by_wire, without_sockets

ELSEWHERE = "eu-west-1"


@pytest.fixture(scope="package")
def _sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        without_sockets(sandbox)
        yield sandbox


@pytest.fixture(scope="package")
def _connected() -> Connected:
    return {}


@pytest.fixture
def aws(_sandbox: Sandbox, _connected: Connected, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """An empty world of two regions, for whoever calls ``jotgraph.clients.connect``."""
    _sandbox.reset()
    _sandbox.world.regions = frozenset({_sandbox.region, ELSEWHERE})
    connect_by_wire(_sandbox, _connected, monkeypatch)
    return _sandbox
