"""One bench for all tests of this directory, in the sandbox of all that deploys, put back before
each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.deploy.up.bench import Bench, made_bench, move_in


@pytest.fixture(scope="package")
def _bench(_sandbox: Sandbox) -> Iterator[Bench]:
    _sandbox.reset()
    with made_bench(_sandbox) as made:
        yield made


@pytest.fixture
def bench(_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The example with its first commit, and an empty world."""
    move_in(_bench.home, monkeypatch)
    for name, value in _bench.aws.environment().items():
        monkeypatch.setenv(name, value)
    _bench.begin()
    return _bench
