"""What tests of sources have at hand: clients of the embedded AWS, and places of their own to
keep secrets and blobs in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from git import Actor, Repo

from jotgraph.clients import connect
from jotgraph.records import Inventory
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import ScanOptions, collect

KEY = b"k" * 32

Scan = Callable[..., Inventory]


@pytest.fixture
def scan(aws_environment: Sandbox, tmp_path: Path) -> Scan:
    """``scan(previous=…, regions=…, git=…, **options)``: a scan of the embedded AWS, unpaced and
    with a single attempt a call unless ``attempts`` says more."""

    def run(
        previous: Inventory | None = None,
        *,
        regions: tuple[str, ...] = (),
        git: tuple[str, ...] = (),
        attempts: int = 1,
        rounds: int = 1,
        **options: object,
    ) -> Inventory:
        clients = connect(
            use_docker=False,
            regions=regions,
            git=git,
            rates={},
            workers=4,
            attempts=attempts,
            rounds=rounds,
        )
        chosen = ScanOptions(
            env_key=KEY,
            cache=tmp_path / "cache",
            **options,  # type: ignore[arg-type]  # each test names fields of ScanOptions
        )
        return collect(chosen, clients, previous)

    return run


@pytest.fixture
def one_commit(tmp_path: Path) -> str:
    """The path of a real repository with one commit."""
    path = tmp_path / "repository"
    repo = Repo.init(path)
    (path / "file").write_text("text")
    repo.index.add(["file"])
    who = Actor("A", "a@example.org")
    repo.index.commit("first", author=who, committer=who)
    repo.close()
    return str(path)
