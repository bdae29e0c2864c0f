"""Whole runs with backup, disturbed at each operation on the files of their copies: whatever is
deleted by the same command afterwards comes back by an undo.

``JOTGRAPH_THOROUGH=1`` takes every place in every way; the plain suite some.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from jotgraph.apply import apply
from jotgraph.apply.undo import undo
from jotgraph.clients import Clients
from jotgraph.plan.outcome import UndoStatus
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import run_name
from tests.apply.bench import Bench, Killed, made_bench
from tests.apply.estate import OLD
from tests.apply.file_ops import WAYS, FileOperations
from tests.apply.small_engine import engine
from tests.apply.test_broken_engine import plan_of_both
from tests.apply.test_undo_functions import package
from tests.rig.kept import State, state
from tests.strength import one_in, spread
from tests.tally import DISK, tried


def add_package(aws: Sandbox) -> str:
    """A function of a zip package."""
    role = seed.role(aws, "zip-role", created=OLD)
    aws.client("lambda").create_function(
        FunctionName="zip", Runtime="python3.13", Handler="app.handler", Role=role,
        Code={"ZipFile": package()},
    )  # fmt: skip
    return "function:zip"


@pytest.fixture(scope="module")
def _bench(_sandbox: Sandbox) -> Iterator[Bench]:
    with made_bench(_sandbox, more=add_package) as made:
        yield made


@pytest.fixture(scope="module")
def _operations() -> list[str]:
    return []


@pytest.fixture
def operations(bench: Bench, _operations: list[str]) -> list[str]:
    """The operations on files of an undisturbed run, which is made once."""
    if not _operations:
        with FileOperations() as undisturbed:
            bench.apply()
        _operations += undisturbed.names
        assert {"open", "write", "fsync", "replace", "mkdir"} <= set(_operations)
    return _operations


def places(count: int, way: str) -> range:
    step = one_in(281, 8)
    return spread(count, step, first=WAYS.index(way) * step // len(WAYS))


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("way", WAYS)
def test_what_goes_after_a_disturbed_backup_comes_back(
    bench: Bench, operations: list[str], way: str
) -> None:
    for place in places(len(operations), way):
        bench.start()
        tried(DISK)
        disturb(bench, way, place)
        bench.only_planned_was_touched()
        bench.ends_well()  # the same command goes on until all is gone
        comes_back(bench)


def disturb(bench: Bench, way: str, place: int) -> None:
    if way in ("fail", "full"):
        with FileOperations(way, place):
            bench.apply()
        return
    with FileOperations(way, place, bench.killed()) as operations:
        bench.die()
    if way == "power":
        operations.lose_what_was_not_flushed()


def comes_back(bench: Bench) -> None:
    receipt = undo(run_name(bench.plan.digest), bench.wire.clients, patience=0.3)
    lost = [outcome for outcome in receipt.outcomes if outcome.status is UndoStatus.FAILED]
    assert lost == []
    for outcome in receipt.outcomes:
        # numbers of versions are never given twice; nothing else may be lost
        assert outcome.status is not UndoStatus.CANNOT or outcome.id.startswith("version:"), outcome
    assert comparable(state(bench.aws)) == comparable(bench.before)


def comparable(now: State) -> State:
    """The world without what is new by nature: numbers of versions, ids of roles and triggers."""
    lasting: State = {}
    for resource, value in now.items():
        kind = resource.partition(":")[0]
        if kind == "role":
            lasting[resource] = value[1:]
        elif kind == "trigger":
            lasting["trigger"] = value["EventSourceArn"]
        elif kind == "function":
            lasting[resource] = {
                key: value[0].get(key) for key in ("CodeSha256", "Role", "Handler")
            }
        elif kind == "alias":
            lasting[resource] = value["Name"]
        elif kind != "version":
            lasting[resource] = value
    return lasting


@cache
def engine_places() -> int:
    with engine("", set()) as client, FileOperations() as operations:
        apply(plan := plan_of_both(), Clients(docker=client), now=plan.made_at, patience=1)
    return len(operations.names)


@pytest.fixture
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.usefixtures("own_state")
def test_local_images_come_back_after_a_disturbed_backup(way: str) -> None:
    for place in range(WAYS.index(way), engine_places(), one_in(45)):
        gone: set[str] = set()
        shutil.rmtree(runs_folder(), ignore_errors=True)
        plan, dead = plan_of_both(), False

        def kill() -> None:
            nonlocal dead
            dead = True
            raise Killed

        with engine("", gone) as client:
            clients: Any = Clients(docker=client)
            with FileOperations(way, place, kill) as operations, suppress(Killed):
                apply(plan, clients, now=plan.made_at, patience=1)
            assert dead == (way in ("kill", "torn", "power"))
            if way == "power":
                operations.lose_what_was_not_flushed()
            again = apply(plan, clients, now=plan.made_at, patience=1)
            assert again.proven, again.outcomes
            assert len(gone) == 2
            assert undo(again.run, clients).whole
        assert gone == set(), (way, place)
