"""One sandbox for all tests of a directory that ask for AWS, put back before each: fixtures for
its conftest to import."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.apply.runs import reachable
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
    _sandbox.reset()
    return _sandbox
