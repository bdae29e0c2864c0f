"""A private Docker engine: a folder in, a running dockerd with its socket in that folder out."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from pathlib import Path

DOCKERD = Path("/usr/sbin/dockerd")
"""Debian's docker.io."""

DOCKER = Path("/usr/bin/docker")
"""Debian's client, named by its path: another one earlier on PATH may lack BuildKit."""


SMALL = {"GOGC": "400", "GOMAXPROCS": "1"}
"""How Go runs engine and registry. For each archive that it packs or unpacks the engine starts
itself again, which takes 50 ms; of these 15 go to looking for garbage, and 5 to threads for several
cores."""
PATIENCE = 180.0
"""Seconds until an engine or a registry is given up: one that hangs, not a busy machine."""


def docker_socket(folder: Path) -> Path:
    return folder / "docker.sock"


def start_engine(folder: Path, logs: Path) -> subprocess.Popen[bytes]:
    """Start dockerd with everything it owns under ``folder`` and its log in ``logs``; it touches
    neither bridges nor iptables, nor the machine's own daemon.json."""
    settings = folder / "daemon.json"
    settings.write_text("{}")
    with (logs / "dockerd.log").open("wb") as log:
        return subprocess.Popen(
            [
                str(DOCKERD),
                f"--config-file={settings}",
                f"--host=unix://{docker_socket(folder)}",
                f"--data-root={folder / 'data'}",
                f"--exec-root={folder / 'exec'}",
                f"--pidfile={folder / 'dockerd.pid'}",
                "--bridge=none",
                "--iptables=false",
                "--ip6tables=false",
            ],
            env=os.environ | SMALL,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path, timeout: float = PATIENCE) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def wait_until_up(
    process: subprocess.Popen[bytes], connection: http.client.HTTPConnection, path: str
) -> None:
    """Return once ``GET path`` answers 200. Raises RuntimeError when the process ends before, or
    within ``PATIENCE``."""
    deadline = time.monotonic() + PATIENCE
    name = Path(str(process.args[0] if isinstance(process.args, list) else process.args)).name
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with code {process.returncode}")
        try:
            connection.request("GET", path)
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.02)
    raise RuntimeError(f"{name} did not answer GET {path} within {PATIENCE:g} s")
