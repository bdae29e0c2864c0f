"""A Docker engine over HTTP that has two images without names: its ``save`` may break off, and its
``load`` takes only what it saved whole."""

from __future__ import annotations

import io
import socket
import struct
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import docker
import msgspec

from tests.factories import local_image
from tests.rig.small_server import SmallHandler, serving, small_server

BROKEN, SOUND = (local_image("sha256:" + letter * 64) for letter in "12")
WAYS = ("cut", "closed", "reset", "refused", "short")
"""How saving BROKEN breaks off."""


def archive_of(image: str) -> bytes:
    """What ``docker save`` gives of an image."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, size in (("manifest.json", 200), ("layer.tar", 100_000)):
            entry = tarfile.TarInfo(name)
            entry.size = size
            archive.addfile(entry, io.BytesIO(image.encode().ljust(size, b"x")))
    return packed.getvalue()


class Engine(SmallHandler):
    """What the engine answers. Saving BROKEN breaks in ``way``."""

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
            self._json({"Id": image, "RepoTags": [], "Size": 100_200})
        else:
            self._save(archive_of(image), self.way if image == BROKEN.image_id else "")

    def do_DELETE(self) -> None:
        self.gone.add(self.path.partition("?")[0].rpartition("/")[2].replace("%3A", ":"))
        self._json([{"Deleted": "it"}])

    def do_POST(self) -> None:
        content = self._body()
        loaded = [image for image in sorted(self.gone) if content == archive_of(image)]
        self.gone.difference_update(loaded)
        self._json({"stream": "Loaded"} if loaded else {"error": "unexpected EOF"})

    def _body(self) -> bytes:
        if "Content-Length" in self.headers:
            return self.rfile.read(int(self.headers["Content-Length"]))
        content = b""
        while size := int(self.rfile.readline(), 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return content

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


@contextmanager
def engine(way: str, gone: set[str]) -> Iterator[docker.DockerClient]:
    """A client of the engine; ``gone`` are the ids of images that it does not have."""
    handler = type("Handler", (Engine,), {"way": way, "gone": gone})
    with serving(server := small_server(handler)):
        client = docker.DockerClient(f"tcp://127.0.0.1:{server.server_port}", version="1.41")
        with closing(client):
            yield client
