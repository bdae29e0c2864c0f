"""What a killed test leaves in the engine, and how the next test removes it.

Containers and networks of a test have labels with the run and this machine's state folder. The run
holds a lock while it lives, so that parallel tests leave one another alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from jotgraph.errors import CallFailedError
from jotgraph.sources.connections import ask_engine, is_gone
from jotgraph.store.durable import make_folder
from jotgraph.store.folders import state_folder

RUN, HOME = "jotgraph.test", "jotgraph.test.home"
"""Labels: the name of the run, and its state folder."""


def labels_of(run: str) -> Mapping[str, str]:
    """Return the labels for everything that a run creates."""
    return {RUN: run, HOME: _home()}


@contextmanager
def living() -> Iterator[str]:
    """Yield the name of a new run, whose containers are not leftovers until this ends."""
    make_folder(_locks())
    path, number = _locked()
    try:
        yield path.name
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(number)


def _locked() -> tuple[Path, int]:
    """Create and lock a file. Another process may take it for a leftover before it is locked, and
    remove it: then another one is created."""
    while True:
        path = _locks() / secrets.token_hex(6)
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        fcntl.flock(number, fcntl.LOCK_EX)
        if path.exists():
            return path, number
        os.close(number)


def remove_leftovers(api: Any) -> tuple[str, ...]:
    """Remove the containers and networks of ended runs of this machine; return the ids of the
    containers. Raises CallFailedError."""
    filters = {"label": [f"{HOME}={_home()}"]}
    removed: list[str] = []
    for container in ask_engine(api.containers, all=True, filters=filters):
        if not _lives(str((container.get("Labels") or {}).get(RUN, ""))):
            remove_container(api, container["Id"])
            removed.append(container["Id"])
    for network in ask_engine(api.networks, filters=filters):
        if not _lives(str((network.get("Labels") or {}).get(RUN, ""))):
            remove_network(api, network["Id"])
    for path in _locks().glob("*"):
        _lives(path.name, forget=True)
    return tuple(removed)


def remove_container(api: Any, container: str) -> None:
    """Remove a container that this program created, running or not. Raises CallFailedError."""
    _unless_gone(api.remove_container, container, v=True, force=True)


def remove_network(api: Any, network: str) -> None:
    """Remove a network that this program created. Raises CallFailedError."""
    _unless_gone(api.remove_network, network)


def _unless_gone(call: Any, *args: Any, **words: Any) -> None:
    try:
        ask_engine(call, *args, **words)
    except CallFailedError as error:
        if not is_gone(error):
            raise


def _lives(run: str, *, forget: bool = False) -> bool:
    """Whether the process of a run still holds its lock; removes the lock file otherwise."""
    if not run or not run.isalnum():
        return False
    path = _locks() / run
    try:
        number = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if forget:
            path.unlink(missing_ok=True)
    except OSError:
        return True
    finally:
        os.close(number)
    return False


def _locks() -> Path:
    return state_folder() / "tests" / "running"


def _home() -> str:
    """Return an identifier for this state folder, as several may share one engine."""
    whole = f"{platform.node()}\0{os.path.realpath(state_folder())}"
    return hashlib.sha256(whole.encode()).hexdigest()[:16]
