"""``jotgraph content`` of images in a real registry that wants to know who asks."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jotgraph.cli import cli
from jotgraph.content.engine import content_of
from jotgraph.content.named import Named, source_of
from jotgraph.content.registry import Address, address_of
from jotgraph.errors import SourceError, UnknownNameError
from jotgraph.records import ContentVerdict
from tests.content.images import layer
from tests.rig.engine import UnixConnection
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository
from tests.rig.live import Rig
from tests.rig.supervisor import registry_socket

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
LOGIN = base64.b64encode(b"me:secret").decode()


@contextmanager
def door(rig: Rig, wants: str = "", spoil: str = "") -> Iterator[str]:
    """A loopback port before the rig's registry, which lives in a namespace of its own: yields
    ``localhost:port``. It wants nothing, ``basic`` credentials or a ``bearer`` token, and alters
    what has ``spoil`` in its path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host, told = self.headers["Host"], self.headers.get("Authorization", "")
            if self.path.startswith("/token?"):
                known = told == f"Basic {LOGIN}" and "scope=repository%3Ashop%3Apull" in self.path
                self._say(200 if known else 401, json.dumps({"token": "t0k"}).encode(), {})
            elif wants == "bearer" and told != "Bearer t0k":
                realm = f'realm="http://{host}/token",service="rig",scope="repository:shop:pull"'
                self._say(401, b"", {"WWW-Authenticate": f"Bearer {realm}"})
            elif wants == "basic" and told != f"Basic {LOGIN}":
                self._say(401, b"", {"WWW-Authenticate": 'Basic realm="rig"'})
            elif wants == "elsewhere":
                realm = 'realm="http://tokens.example.com/token"'
                self._say(401, b"", {"WWW-Authenticate": f"Bearer {realm}"})
            else:
                self._pass_on()

        def _pass_on(self) -> None:
            connection = UnixConnection(registry_socket(rig.folder))
            connection.request("GET", self.path, headers={"Accept": self.headers["Accept"]})
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            if spoil and spoil in self.path:
                body += b" "
            kind = {"Content-Type": answer.getheader("Content-Type") or "text/plain"}
            self._say(answer.status, body, kind)

        def _say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def no_engine() -> Any:
    raise SourceError("there is no engine")


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def put(rig: Rig, content: bytes) -> dict[str, Any]:
    rig.registry.put_blob("shop", content, digest_of(content))
    return {"digest": digest_of(content), "size": len(content)}


def put_image(rig: Rig, files: dict[str, str]) -> tuple[str, int, str]:
    """Push an image of these files; its digest, its size, the digest of its layer."""
    data = layer({f"var/task/{name}": text.encode() for name, text in files.items()})
    packed = gzip.compress(data, mtime=0)
    config = {
        "rootfs": {"type": "layers", "diff_ids": [digest_of(data)]},
        "history": [{"created_by": "COPY src /var/task # buildkit"}],
    }
    parts = put(rig, json.dumps(config).encode()), put(rig, packed)
    kinds = ("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar")
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": kinds[0], **parts[0]},
            "layers": [{"mediaType": kinds[1] + "+gzip", **parts[1]}],
        }
    ).encode()
    digest = rig.registry.put_manifest("shop", digest_of(manifest), manifest, MANIFEST)
    return digest, len(manifest), digest_of(packed)


class Shop:
    """A repository of two commits, and an index with an image of each for its own platform."""

    def __init__(self, rig: Rig, repository: Repository) -> None:
        self.repository = repository
        files = [{f"m{n}.py": f"value = {n + k}\n" * 20 for n in range(3)} for k in range(2)]
        self.shas = [
            repository.commit({f"src/{name}": text for name, text in each.items()})
            for each in files
        ]
        made = [put_image(rig, each) for each in files]
        self.images, self.layers = [each[0] for each in made], [each[2] for each in made]
        platforms = ("arm64", "amd64")
        manifests = [
            {
                "mediaType": MANIFEST, "digest": digest, "size": size,
                "platform": {"os": "linux", "architecture": platform},
            }
            for (digest, size, _), platform in zip(made, platforms, strict=True)
        ]  # fmt: skip
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}
        rig.registry.put_manifest("shop", "v1", json.dumps(index).encode(), INDEX)

    def commits(self, named: Named, cache: Path) -> Sequence[str]:
        found = content_of([named], [("shop", self.repository.path)], cache)
        assert found.gaps == ()
        (match,) = found.matches
        assert match.verdict is ContentVerdict.EXACT
        return match.commits


@pytest.fixture
def shop(engine: Rig, git_repository: NewRepository) -> Shop:
    return Shop(engine, git_repository("shop"))


def login(folder: Path, host: str, monkeypatch: pytest.MonkeyPatch, auth: str = LOGIN) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))


@pytest.mark.parametrize("wants", ["", "basic", "bearer"])
def test_an_image_of_a_registry(
    engine: Rig, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wants: str
) -> None:
    cache = tmp_path / "cache"
    with door(engine, wants) as host:
        login(tmp_path / "docker", host, monkeypatch)
        for number, (name, platform) in enumerate(
            [
                ("shop:v1", "linux/arm64"),
                ("shop:v1", ""),
                (f"shop@{shop.images[0]}", ""),
                (f"shop:v1@{shop.images[1]}", "linux/amd64"),
            ]
        ):
            named = source_of(f"{host}/{name}", no_engine, no_ecr, platform)
            assert named[0] == f"image:{host}/shop@{shop.images[number % 2]}"
            assert shop.commits(named, cache) == (shop.shas[number % 2],)
        with pytest.raises(UnknownNameError, match="linux/amd64, linux/arm64"):
            source_of(f"{host}/shop:v1", no_engine, no_ecr, "linux/arm")
        with pytest.raises(UnknownNameError):
            source_of(f"{host}/shop:v2", no_engine, no_ecr)


def no_ecr(region: str) -> Any:
    raise AssertionError(f"no one asked for ECR in {region}")


@pytest.mark.parametrize("wants", ["basic", "bearer"])
def test_without_the_right_credentials_the_advice_is_to_log_in(
    engine: Rig, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wants: str
) -> None:
    with door(engine, wants) as host:
        for auth in (base64.b64encode(b"me:wrong").decode(), ""):
            login(tmp_path / "docker", host, monkeypatch, auth)
            with pytest.raises(SourceError, match=f"docker login {host}"):
                source_of(f"{host}/shop:v1", no_engine, no_ecr)


def test_credentials_go_nowhere_in_the_clear(
    engine: Rig, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with door(engine, "elsewhere") as host:
        login(tmp_path / "docker", host, monkeypatch)
        with pytest.raises(SourceError, match="not https"):
            source_of(f"{host}/shop:v1", no_engine, no_ecr)


def test_altered_bytes_are_an_error_or_a_gap(engine: Rig, shop: Shop, tmp_path: Path) -> None:
    name = f"shop@{shop.images[0]}"
    with door(engine, spoil=shop.images[0]) as host, pytest.raises(SourceError, match="came"):
        source_of(f"{host}/{name}", no_engine, no_ecr)
    with door(engine, spoil=shop.layers[0]) as host:
        named = source_of(f"{host}/{name}", no_engine, no_ecr)
        found = content_of([named], [("shop", shop.repository.path)], tmp_path / "cache")
    assert found.matches == ()
    assert "wrong digest" in found.gaps[0].detail


def test_on_the_command_line(
    engine: Rig, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    words = ["--git", str(shop.repository.path), "--cache", str(tmp_path / "cache")]
    with door(engine) as host:
        done = CliRunner().invoke(
            cli,
            ["content", f"{host}/shop:v1", "--platform", "linux/arm64", *words, "--format=json"],
        )
    assert done.exit_code == 0, done.output
    (match,) = json.loads(done.stdout)["content"]
    assert (match["verdict"], match["commits"]) == ("exact", [shop.shas[0]])


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("shop:v1", None),
        ("team/shop", None),
        ("docker.io/python:3.12", Address("docker.io", "library/python", "3.12")),
        ("ghcr.io/team/shop", Address("ghcr.io", "team/shop", "latest")),
        ("localhost:5000/shop@sha256:ab", Address("localhost:5000", "shop", "sha256:ab")),
        ("localhost/a/b:c", Address("localhost", "a/b", "c")),
    ],
)
def test_which_names_have_a_registry(name: str, address: Address | None) -> None:
    assert address_of(name) == address
