"""`docker save` that breaks off in the middle: a failed step, and the others go on."""

from __future__ import annotations

import io
import socket
import struct
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import docker
import msgspec
import pytest

from jotgraph.apply import Receipt, apply
from jotgraph.clients import Clients
from jotgraph.folders import runs_folder
from jotgraph.plan import Plan, Step, fingerprint, seal
from jotgraph.plan.model import ACTIONS, LIFETIME
from jotgraph.records import Kind, LocalImage, Scope
from jotgraph.store.journal import read_entries

BROKEN, SOUND = (LocalImage(image_id="sha256:" + each * 64) for each in "12")
WAYS = ("cut", "closed", "reset", "refused", "short")


def _archive() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("manifest.json", "layer.tar"):
            entry = tarfile.TarInfo(name)
            entry.size = 100_000
            archive.addfile(entry, io.BytesIO(b"x" * entry.size))
    return packed.getvalue()


class _Engine(BaseHTTPRequestHandler):
    """Two images without names; saving the first one breaks in ``way``."""

    protocol_version = "HTTP/1.1"
    way: str
    gone: set[str]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].partition("/v1.41")[2]
        image = path.partition("/images/")[2].rpartition("/")[0]
        if path == "/info":
            self._json({"Name": "small"})
        elif path == "/containers/json":
            self._json([])
        elif image in self.gone:
            self._json({"message": "No such image"}, 404)
        elif path.endswith("/json"):
            self._json({"Id": image, "RepoTags": []})
        else:
            self._save(_archive(), self.way if image == BROKEN.image_id else "")

    def do_DELETE(self) -> None:
        self.gone.add(self.path.partition("?")[0].rpartition("/")[2].replace("%3A", ":"))
        self._json([{"Deleted": "it"}])

    def _json(self, answer: Any, status: int = 200) -> None:
        body = msgspec.json.encode(answer)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _save(self, archive: bytes, way: str) -> None:
        if way == "refused":
            self._json({"message": "layer does not exist"}, 500)
            return
        sent = archive[: len(archive) // 2] if way else archive
        self.send_response(200)
        if way == "closed":
            self.send_header("Connection", "close")
        else:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(sent if way == "closed" else b"%x\r\n%s\r\n" % (len(sent), sent))
        if way in ("", "short"):
            self.wfile.write(b"0\r\n\r\n")
            return
        self.wfile.flush()
        if way == "reset":  # close at once, with RST
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True

    def log_message(self, *_: object) -> None: ...


@contextmanager
def _engine(way: str, gone: set[str]) -> Iterator[docker.DockerClient]:
    handler = type("Handler", (_Engine,), {"way": way, "gone": gone})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    client = docker.DockerClient(f"tcp://127.0.0.1:{server.server_port}", version="1.41")
    try:
        yield client
    finally:
        client.close()
        server.shutdown()
        thread.join()
        server.server_close()


def _plan() -> Plan:
    now = datetime.now(UTC)
    steps = tuple(
        Step(
            id=each.id,
            action=ACTIONS[Kind.LOCAL_IMAGE],
            because="a test",
            fingerprint=fingerprint(each),
        )
        for each in (BROKEN, SOUND)
    )
    return seal(
        Plan(
            asked="test",
            made_at=now,
            expires_at=now + LIFETIME,
            taken_at=now,
            scope=Scope(engine="small"),
            complete=True,
            steps=steps,
        )
    )


def _applied(plan: Plan, way: str, gone: set[str]) -> Receipt:
    with _engine(way, gone) as client:
        return apply(plan, Clients(docker=client), now=plan.made_at, patience=1)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("way", WAYS)
def test_a_save_that_breaks_off_is_a_failed_step(way: str) -> None:
    plan, gone = _plan(), set[str]()
    receipt = _applied(plan, way, gone)
    assert [each.status for each in receipt.outcomes] == ["failed", "done"]
    because = receipt.outcomes[0].because
    assert "no backup: " in because
    assert "None" not in because
    assert gone == {SOUND.image_id}
    entries = read_entries(Path(receipt.journal))
    ends = {each.steps[0]: each.result for each in entries if each.what == "step"}
    assert ends == {BROKEN.id: "failed", SOUND.id: "done"}
    kept = [
        each.name
        for each in (runs_folder() / receipt.run / "backup").iterdir()
        if ".tar" in each.name
    ]
    assert kept == [f"sha256-{'2' * 64}.tar"]
    again = _applied(plan, "", gone)  # the same command goes on
    assert again.proven
    assert gone == {BROKEN.image_id, SOUND.image_id}


def test_a_whole_save_is_kept() -> None:
    receipt = _applied(_plan(), "", set())
    assert receipt.proven
    kept = runs_folder() / receipt.run / "backup" / f"sha256-{'1' * 64}.tar"
    assert kept.read_bytes() == _archive()
