"""A Docker engine over HTTP that inspects, names and pushes one image: into the sandbox's ECR, if
whoever asks it shows the token that ECR gave out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import docker

from jotgraph.deploy.push import PackedImage
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.rig.small_server import SmallHandler, serving, small_server


def packed(
    text: str = "hello", revision: str = "", architecture: str = "amd64", handler: str = ""
) -> PackedImage:
    """An image of one layer, as bytes."""
    layer = text.encode()
    named = {"org.opencontainers.image.revision": revision, "jotgraph.handler": handler}
    labels = {label: value for label, value in named.items() if value}
    config = seed.image_config(labels, diff_ids=[seed.sha256_of(layer)], architecture=architecture)
    content = seed.manifest(config, [(seed.sha256_of(layer), len(layer))]).encode()
    blobs = {seed.sha256_of(blob): blob for blob in (config, layer)}
    return PackedImage(manifest=content, media_type=seed.MANIFEST, blobs=blobs)


@dataclass
class SmallEngine:
    """What the engine has and was told."""

    aws: Sandbox
    image: PackedImage
    names: list[str] = field(default_factory=list)
    pushes: int = 0
    index: bool = False
    """Whether it says that the image is an index."""
    fails: str = ""
    """What it answers to a push instead."""
    lies: bool = False
    """Whether it reports another digest than it pushes."""
    pushing: Callable[[bool], None] = lambda on: None
    """Told when it begins and ends to act in ECR, which it does by rights of its own."""
    client: Any = None
    address: str = ""
    """As ``DOCKER_HOST`` has it."""

    def detail(self) -> dict[str, Any]:
        described: dict[str, Any] = {
            "Id": self.image.id.removeprefix("local-image:"),
            "RepoTags": self.names,
            "Architecture": "amd64",
            "Config": {"Labels": dict(self.image.labels)},
        }
        if self.index:
            described["Descriptor"] = {"mediaType": seed.INDEX}
        return described

    def push(self, name: str, tag: str, auth: str) -> list[dict[str, Any]]:
        self.pushing(True)
        try:
            return self._push(name, tag, auth)
        finally:
            self.pushing(False)

    def _push(self, name: str, tag: str, auth: str) -> list[dict[str, Any]]:
        shown = json.loads(base64.urlsafe_b64decode(auth))
        account = name.partition(".")[0]
        ecr: Any = self.aws.client("ecr", account=account)
        given = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
        if f"{shown['username']}:{shown['password']}" != base64.b64decode(given).decode():
            return [{"error": "no basic auth credentials"}]
        if self.fails:
            return [{"status": "Preparing"}, {"error": self.fails}]
        repository = name.partition("/")[2]
        blobs = list(self.image.blobs.values())
        text = self.image.manifest.decode()
        digest = seed.image(self.aws, repository, tag, text=text, layers=blobs, account=account)
        self.pushes += 1
        pushed_digest = "sha256:" + "0" * 64 if self.lies else digest
        return [{"status": "Pushed"}, {"aux": {"Tag": tag, "Digest": pushed_digest, "Size": 1}}]


class _Handler(SmallHandler):
    protocol_version = "HTTP/1.1"
    engine: SmallEngine

    def do_GET(self) -> None:
        if urlsplit(self.path).path.endswith("/version"):
            self._json({"ApiVersion": "1.41"})
            return
        name = unquote(self.path.partition("/images/")[2]).rpartition("/")[0]
        known = {self.engine.detail()["Id"], *self.engine.names}
        if self.path.endswith("/json") and name in known:
            self._json(self.engine.detail())
        else:
            self._json({"message": f"No such image: {name}"}, 404)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        name = unquote(parts.path.partition("/images/")[2]).rpartition("/")[0]
        if parts.path.endswith("/tag"):
            self.engine.names.append(f"{asked['repo']}:{asked['tag']}")
            self._json({}, 201)
            return
        events = self.engine.push(name, asked["tag"], self.headers["X-Registry-Auth"])
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            line = json.dumps(event).encode() + b"\r\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.write(b"0\r\n\r\n")

    def do_DELETE(self) -> None:
        name = unquote(urlsplit(self.path).path.partition("/images/")[2])
        self.engine.names.remove(name)
        self._json([{"Untagged": name}])

    def _json(self, answer: Any, status: int = 200) -> None:
        self._send(json.dumps(answer).encode(), status)

    def _send(self, body: bytes, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def small_engine(aws: Sandbox, image: PackedImage, *names: str) -> Iterator[SmallEngine]:
    """A running one, with its client."""
    engine = SmallEngine(aws, image, list(names))
    handler = type("Handler", (_Handler,), {"engine": engine})
    with serving(server := small_server(handler)):
        engine.address = f"tcp://127.0.0.1:{server.server_port}"
        engine.client = docker.DockerClient(engine.address, version="1.41")
        with closing(engine.client):
            yield engine
