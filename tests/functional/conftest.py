"""A stored inventory of the small estate, and a way to run the command line on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner, Result

from jotgraph import store
from jotgraph.cli import cli
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.aws import rate_limit
from jotgraph.sources.aws.rate_limit import TokenBucket
from tests.functional.estate import DENIED, estate
from tests.rig.file_sandbox import _sandbox as _sandbox
from tests.rig.file_sandbox import aws as aws
from tests.rig.wire import Connected, connect_by_wire

Run: TypeAlias = Callable[..., Result]


@pytest.fixture(autouse=True)
def unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded AWS has no quotas to respect. An estimate counts by those of AWS, whichever test
    is the first to make one."""
    import_module("jotgraph.sources.estimate")
    monkeypatch.setattr(rate_limit, "TokenBucket", lambda *_: TokenBucket(math.inf))


@pytest.fixture(scope="module")
def _connected() -> Connected:
    return {}


@pytest.fixture
def aws_environment(
    aws_environment: Sandbox, _connected: Connected, monkeypatch: pytest.MonkeyPatch
) -> Sandbox:
    """The embedded AWS in the environment; commands call it without sockets."""
    connect_by_wire(aws_environment, _connected, monkeypatch)
    return aws_environment


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command line in an empty directory, 100 columns wide, with no settings of ours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return lambda *arguments: CliRunner().invoke(cli, arguments, prog_name="jotgraph")


@pytest.fixture
def stored(tmp_path: Path) -> str:
    """The file of the estate, with one gap."""
    path = tmp_path / "estate.jsonl"
    store.save(estate(DENIED), path)
    return str(path)


@pytest.fixture
def whole(tmp_path: Path) -> str:
    """The file of the estate without a gap."""
    path = tmp_path / "whole.jsonl"
    store.save(estate(), path)
    return str(path)


def expected(name: str) -> str:
    """The whole output that a command must give: ``expected/<name>.txt``."""
    return (Path(__file__).parent / "expected" / f"{name}.txt").read_text()
