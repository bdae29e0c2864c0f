"""What a test leaves in the engine when it is killed, and how the next one finds it.

Containers and networks of a test have labels: the run, and the state folder of this machine it is
of. The run holds a lock as long as it lives, so that tests at the same time spare one another.
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
"""Labels: the name of the run, and whose it is."""


def labels_of(run: str) -> Mapping[str, str]:
    """The labels of all that a run makes."""
    return {RUN: run, HOME: _home()}


@contextmanager
def living() -> Iterator[str]:
    """The name of a new run, whose containers nobody takes for left over until this ends."""
    make_folder(_locks())
    path, number = _locked()
    try:
        yield path.name
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(number)


def _locked() -> tuple[Path, int]:
    """A new lock file, and the number it is open by. Another process may have taken it for left
    over before it was locked, and removed it: then one more is made."""
    while True:
        path = _locks() / secrets.token_hex(6)
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        fcntl.flock(number, fcntl.LOCK_EX)
        if path.exists():
            return path, number
        os.close(number)


def remove_leftovers(api: Any) -> tuple[str, ...]:
    """Remove the containers and networks of runs of this machine that have ended. Returns the ids
    of the containers. Raises CallFailedError."""
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
    """Remove a container that this program made, running or not. Raises CallFailedError."""
    _unless_gone(api.remove_container, container, v=True, force=True)


def remove_network(api: Any, network: str) -> None:
    """Remove a network that this program made. Raises CallFailedError."""
    _unless_gone(api.remove_network, network)


def _unless_gone(call: Any, *args: Any, **words: Any) -> None:
    try:
        ask_engine(call, *args, **words)
    except CallFailedError as error:
        if not is_gone(error):
            raise


def _lives(run: str, *, forget: bool = False) -> bool:
    """Whether the process of a run still holds its lock; removes the file of one that does not."""
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
    """Tells the state folders that use one engine apart."""
    whole = f"{platform.node()}\0{os.path.realpath(state_folder())}"
    return hashlib.sha256(whole.encode()).hexdigest()[:16]
