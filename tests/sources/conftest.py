"""What tests of sources have at hand: clients of the embedded AWS, and places of their own to
keep secrets and blobs in."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from git import Actor, Repo

from jotgraph.clients import Clients, connect
from jotgraph.records import Inventory
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import REGION
from jotgraph.sources import ScanOptions, SoFar, collect
from jotgraph.sources.aws.rate_limit import TokenBucket
from tests.rig.file_sandbox import _sandbox as _sandbox
from tests.rig.wire import Wire, only

KEY = b"k" * 32

NOTHING_RUNS = (
    "apprunner:ListServices",
    "batch:DescribeJobDefinitions",
    "bedrock-agentcore-control:ListAgentRuntimes",
    "codebuild:ListProjects",
    "ecs:ListClusters",
    "ecs:ListTaskDefinitions",
    "eks:ListClusters",
    "emr-serverless:ListApplications",
    "gamelift:ListContainerGroupDefinitions",
    "sagemaker:ListEndpoints",
    "sagemaker:ListImages",
    "sagemaker:ListModels",
)
"""The calls that prove, in one region, that nothing beside Lambda runs an image."""

Scan = Callable[..., Inventory]


@pytest.fixture
def aws(_sandbox: Sandbox) -> Sandbox:
    """The embedded AWS of this module, empty again: its address stays, and clients with it."""
    _sandbox.reset()
    _sandbox.world.regions = frozenset({REGION})
    return _sandbox


Connected = dict[object, Clients]


@pytest.fixture(scope="module")
def _connected() -> Connected:
    return {}


@pytest.fixture
def scan(aws_environment: Sandbox, tmp_path: Path, _connected: Connected) -> Scan:
    """``scan(previous=…, regions=…, git=…, **options)``: a scan of the embedded AWS, unpaced and
    with a single attempt a call unless ``attempts`` says more. Clients are made once for each
    environment: making them takes longer than the scan. No sockets are in use where all calls
    go to the embedded AWS."""
    aws = aws_environment

    def run(
        previous: Inventory | None = None,
        *,
        regions: tuple[str, ...] = (),
        git: tuple[str, ...] = (),
        attempts: int = 1,
        rounds: int = 1,
        so_far: SoFar | None = None,
        **options: object,
    ) -> Inventory:
        environment = tuple(
            sorted(variable for variable in os.environ.items() if variable[0].startswith("AWS"))
        )
        key = (environment, regions, attempts, rounds)
        if key not in _connected:
            made = connect(
                use_docker=False,
                regions=regions,
                rates={},
                workers=4,
                attempts=attempts,
                rounds=rounds,
            )
            _connected[key] = Wire(aws).carry(made) if only(aws) else made
        chosen = ScanOptions(
            env_key=KEY,
            cache=tmp_path / "cache",
            **options,  # type: ignore[arg-type]  # each test names fields of ScanOptions
        )
        clients = replace(_connected[key], git=git)
        return collect(chosen, clients, previous, so_far=so_far)

    return run


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no back-off take any time, neither botocore's nor ours."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    defaults = TokenBucket.__init__.__kwdefaults__ or {}
    monkeypatch.setitem(defaults, "sleep", lambda seconds: None)


@pytest.fixture(scope="module")
def one_commit(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a real repository with one commit, that tests only read."""
    path = tmp_path_factory.mktemp("one-commit") / "repository"
    repo = Repo.init(path)
    (path / "file").write_text("text")
    repo.index.add(["file"])
    who = Actor("A", "a@example.org")
    repo.index.commit("first", author=who, committer=who)
    repo.close()
    return str(path)
