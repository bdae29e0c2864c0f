"""Run a program where the rig's engine is: in its network, which the tests are not part of."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import msgspec

from tests.rig.engine import docker_socket
from tests.rig.live import ROOT, Rig

Answer = TypeVar("Answer")
CLONE_NEWNET = 0x40000000
"""A network namespace, for setns(2)."""


def in_rig(rig: Rig, *words: str) -> list[str]:
    """The words that run Python with these arguments beside the engine."""
    return ["nsenter", f"--net=/proc/{_engine_pid(rig)}/ns/net", sys.executable, *words]


def environment_of(rig: Rig) -> dict[str, str]:
    """What such a program needs to find the engine and this package."""
    return os.environ | {"DOCKER_HOST": rig.docker_host, "PYTHONPATH": str(ROOT)}


def called_in_rig(rig: Rig, work: Callable[[], Answer]) -> Answer:
    """Call ``work`` beside the engine: in a thread which has the engine's network, as have all that
    it starts, so that no program and no library is started and loaded for it."""
    libc = ctypes.CDLL(None, use_errno=True)

    def called() -> Answer:
        with Path(f"/proc/{_engine_pid(rig)}/ns/net").open() as network:
            if libc.setns(network.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")
        return work()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(called).result()


class Order(msgspec.Struct, frozen=True):
    """What to run. The call of the place (from 0; -1 is none) is not made, or is made and its
    answer not seen."""

    words: tuple[str, ...]
    environment: dict[str, str]
    place: int = -1
    when: str = "before"
    at_once: int = 1
    """How many of it run at the same time."""


class Ending(msgspec.Struct, frozen=True):
    """How a command ended, what it printed, and how many calls it made."""

    status: int
    stdout: str
    stderr: str
    calls: int


class Beside:
    """A program beside the engine that runs one command line after another; a context manager."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._process = subprocess.Popen(
            in_rig(rig, "-m", "tests.live.killed_at"),
            env=environment_of(rig),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str, place: int = -1, when: str = "before") -> Ending:
        """Run ``jotgraph WORDS`` in the environment of the test, to its end or to that call."""
        (ending,) = self._ends(Order(words, environment_of(self._rig), place, when))
        return ending

    def run_at_once(self, count: int, *words: str) -> list[Ending]:
        """Run ``jotgraph WORDS`` so many times at the same time, each to its end."""
        return self._ends(Order(words, environment_of(self._rig), at_once=count))

    def _ends(self, order: Order) -> list[Ending]:
        assert self._process.stdin
        assert self._process.stdout
        print(msgspec.json.encode(order).decode(), file=self._process.stdin, flush=True)
        return msgspec.json.decode(self._process.stdout.readline(), type=list[Ending])

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def _engine_pid(rig: Rig) -> int:
    """The engine's process, by the credentials of its socket: its pidfile holds the number that it
    has in a namespace of its own."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(docker_socket(rig.folder)))
        size = struct.calcsize("3i")
        credentials = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    pid: int = struct.unpack("3i", credentials)[0]
    return pid
