"""One sandbox for the tests of a file, put back before each: fixtures for the file, or the conftest
of its folder, to import. Making its clients is what takes time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jotgraph.sandbox.server import Sandbox


@pytest.fixture(scope="module")
def _sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def aws(_sandbox: Sandbox) -> Sandbox:
    """The embedded AWS of this file, empty again: its address stays, and clients with it."""
    _sandbox.reset()
    return _sandbox
