"""One sandbox for all tests of this directory, put back before each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from jotgraph.apply import Receipt
from jotgraph.plan import Plan
from jotgraph.sandbox.server import Sandbox
from tests.apply.aside import Aside, made_aside
from tests.apply.bench import Bench, made_bench, move_in
from tests.apply.estate import Estate
from tests.apply.one_sandbox import _sandbox as _sandbox
from tests.apply.one_sandbox import aws as aws
from tests.apply.prepared import Once, Prepared, prepared

T = TypeVar("T")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of the test's own, and a cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture(scope="package")
def _prepared(_sandbox: Sandbox) -> Iterator[Prepared]:
    with prepared(_sandbox) as made:
        yield made


@pytest.fixture
def estate(aws_environment: Sandbox, _prepared: Prepared) -> Estate:
    """The sandbox holds the estate."""
    _prepared.fill()
    return _prepared.estate


@pytest.fixture
def plan(estate: Estate, _prepared: Prepared) -> Plan:
    """The plan to delete the function ``app`` of the estate, which is as its scan left it."""
    _prepared.scanned()
    return _prepared.plan


@pytest.fixture
def deleted(aws_environment: Sandbox, _prepared: Prepared, state: Path) -> Receipt:
    """The receipt of that plan, applied with backup: the sandbox and the state directory are as
    the run left them."""
    return _prepared.delete(state)


@pytest.fixture(scope="package")
def _once(_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Once:
    return Once(_sandbox, tmp_path_factory.mktemp("once"))


@pytest.fixture
def once(
    aws_environment: Sandbox, _once: Once, tmp_path: Path
) -> Callable[[Callable[[Sandbox], T]], T]:
    """Gives what a function makes of the empty sandbox: the world is as it was then left."""
    return lambda make: _once.ask(make, tmp_path)


@pytest.fixture(scope="package")
def _aside(_sandbox: Sandbox) -> Iterator[Aside]:
    with made_aside(_sandbox) as made:
        yield made


@pytest.fixture(scope="package")
def _bench(_sandbox: Sandbox) -> Iterator[Bench]:
    with made_bench(_sandbox) as made:
        yield made


@pytest.fixture
def bench(aws_environment: Sandbox, _bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """One for all tests, started anew."""
    move_in(_bench.home, monkeypatch)
    _bench.start()
    return _bench
