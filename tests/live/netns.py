"""Run a program where the rig's engine is: in its network, which the tests are not part of."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys

from tests.rig.engine import docker_socket
from tests.rig.live import ROOT, Rig


def in_rig(rig: Rig, *words: str) -> list[str]:
    """The words that run Python with these arguments beside the engine."""
    return ["nsenter", f"--net=/proc/{_engine_pid(rig)}/ns/net", sys.executable, *words]


def environment_of(rig: Rig) -> dict[str, str]:
    """What such a program needs to find the engine and this package."""
    return os.environ | {"DOCKER_HOST": rig.docker_host, "PYTHONPATH": str(ROOT)}


def run_in_rig(rig: Rig, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``python WORDS`` beside the engine to its end."""
    return subprocess.run(
        in_rig(rig, *words),
        env=environment_of(rig),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _engine_pid(rig: Rig) -> int:
    """The engine's process, by the credentials of its socket: its pidfile holds the number that it
    has in a namespace of its own."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(docker_socket(rig.folder)))
        size = struct.calcsize("3i")
        credentials = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    pid: int = struct.unpack("3i", credentials)[0]
    return pid
