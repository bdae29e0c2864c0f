"""Why no Docker engine is reached: by what the system says, not by how docker-py words it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from jotgraph.clients import Clients, connect, with_engine
from jotgraph.clients.engine import NOT_ASKED, NoEngine, connect_docker, is_denied

WHY = "no Docker engine could be reached (No such file or directory); start the engine"


def reached(monkeypatch: pytest.MonkeyPatch, host: str) -> NoEngine:
    monkeypatch.setenv("DOCKER_HOST", host)
    engine = connect_docker()
    assert isinstance(engine, NoEngine)
    return engine


def test_a_socket_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    missing = reached(monkeypatch, f"unix://{tmp_path / 'none.sock'}")
    assert missing == NoEngine(denied=False, cause="No such file or directory")
    assert missing.why == f"{WHY} or set DOCKER_HOST"
    assert (missing.gap.reason, missing.gap.detail) == (
        "unreachable",
        f"{WHY}, set DOCKER_HOST, or pass --no-docker",
    )


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        assert reached(monkeypatch, host) == NoEngine(denied=False, cause="Connection refused")


def test_a_socket_for_others() -> None:
    """Root, as whom tests may run, is refused nothing."""
    missing = NoEngine(denied=True, cause="Permission denied")
    advice = "join the docker group or set DOCKER_HOST"
    assert missing.why == missing.gap.detail
    assert missing.why == f"no Docker engine could be reached (Permission denied); {advice}"
    assert missing.gap.reason == "denied"


def test_who_is_denied_is_known_by_the_error_and_not_by_its_text() -> None:
    wrapped = ConnectionError("Connection aborted.", PermissionError(13, "Permission denied"))
    assert is_denied(wrapped)
    assert not is_denied(ConnectionError("a container said: Permission denied"))
    assert not is_denied(ValueError())


def test_clients_say_why_they_have_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = reached(monkeypatch, "unix:///nonexistent.sock")
    clients = connect(use_aws=False)
    assert clients == with_engine(Clients(), missing)
    assert (clients.docker, clients.gaps) == (None, (missing.gap,))
    assert clients.why_no_engine == missing.why
    unasked = connect(use_aws=False, use_docker=False)
    assert (unasked, unasked.why_no_engine) == (Clients(), NOT_ASKED)
