"""Runs inside the rig's own namespaces: starts a Docker engine and a registry, says ``up`` on
stdout, and ends with its stdin.

As process 1 of its own pid namespace its end takes everything it started along, even when the
tests are killed: the kernel closes their pipe.

usage: supervisor.py FOLDER LOGS HOST..
The network namespace has a loopback and nothing else: each HOST is 127.0.0.1 there, and the
registry is on port 80, so that ``docker push <account>.dkr.ecr.<region>.amazonaws.com/name:tag``
lands in it (the engine allows plain HTTP to 127.0.0.0/8) and nothing can leave the machine.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.rig.engine import PATIENCE, UnixConnection, docker_socket, start_engine, wait_until_up
from tests.rig.registry import start_registry

HOST, PORT = "127.0.0.1", 80
UP = "up"


def registry_socket(folder: Path) -> Path:
    return folder / "registry.sock"


def be_alone(folder: Path, names: Sequence[str]) -> None:
    """Hide what belongs to the machine: /run, where another containerd may listen, /etc/hosts,
    and proxies."""
    _run("mount", "-t", "tmpfs", "tmpfs", "/run")
    _run("ip", "link", "set", "lo", "up")
    hosts = folder / "hosts"
    hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in ("localhost", *names)))
    _run("mount", "--bind", str(hosts), "/etc/hosts")
    for name in [key for key in os.environ if key.lower().endswith("_proxy")]:
        del os.environ[name]


def start(folder: Path, logs: Path, names: Sequence[str]) -> None:
    """Start both and wait for them."""
    be_alone(folder, names)
    engine = start_engine(folder, logs)
    registry = start_registry(folder, logs, f"{HOST}:{PORT}")
    wait_until_up(registry, http.client.HTTPConnection(HOST, PORT, timeout=PATIENCE), "/v2/")
    wait_until_up(engine, UnixConnection(docker_socket(folder)), "/_ping")


async def serve(folder: Path) -> None:
    """Relay a unix socket to the registry, which the tests cannot reach in its network
    namespace, until stdin ends."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, PORT)
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    server = await asyncio.start_unix_server(relay, registry_socket(folder))
    print(UP, flush=True)
    await asyncio.to_thread(sys.stdin.buffer.read)
    server.close()


def _run(*words: str) -> None:
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


def main(words: Sequence[str]) -> None:
    folder, logs, names = Path(words[0]), Path(words[1]), words[2:]
    start(folder, logs, names)
    asyncio.run(serve(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
