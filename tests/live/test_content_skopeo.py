"""Images of any registry by ``skopeo copy``, and what a real engine saves, compared from a file."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jotgraph.cli import cli
from tests.content.images import OCI, digest, layer
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository
from tests.rig.live import Rig
from tests.rig.supervisor import registry_socket

Skopeo = Callable[..., bytes]


@contextmanager
def door(rig: Rig) -> Iterator[str]:
    """A loopback port to the rig's registry, which lives in a namespace of its own."""
    server = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, target: socket.socket) -> None:
        with source, target:
            while piece := source.recv(1 << 16):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    def answer() -> None:
        while True:
            try:
                caller, _ = server.accept()
            except OSError:
                return
            registry = socket.socket(socket.AF_UNIX)
            registry.connect(str(registry_socket(rig.folder)))
            for pair in ((caller.dup(), registry.dup()), (registry, caller)):
                threading.Thread(target=pump, args=pair, daemon=True).start()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield f"localhost:{server.getsockname()[1]}"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def put(rig: Rig, content: bytes, media_type: str) -> dict[str, Any]:
    rig.registry.put_blob("shop", content, digest(content))
    return {"mediaType": media_type, "digest": digest(content), "size": len(content)}


def put_image(rig: Rig, files: dict[str, str], architecture: str) -> dict[str, Any]:
    """Push an image of these files for a platform; its descriptor."""
    data = layer({f"var/task/{name}": text.encode() for name, text in files.items()})
    platform = {"os": "linux", "architecture": architecture}
    config = {
        **platform,
        "rootfs": {"type": "layers", "diff_ids": [digest(data)]},
        "history": [{"created_by": "COPY src /var/task # buildkit"}],
    }
    kind = f"{OCI}.manifest.v1+json"
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": kind,
            "config": put(rig, json.dumps(config).encode(), f"{OCI}.config.v1+json"),
            "layers": [put(rig, gzip.compress(data, mtime=0), f"{OCI}.layer.v1.tar+gzip")],
        }
    ).encode()
    rig.registry.put_manifest("shop", digest(manifest), manifest, kind)
    return {
        "mediaType": kind,
        "digest": digest(manifest),
        "size": len(manifest),
        "platform": platform,
    }


class Shop:
    """A repository of two commits, and an index with an image of each for its own platform."""

    def __init__(self, rig: Rig, repository: Repository) -> None:
        self.repository = repository
        files = [{f"m{n}.py": f"value = {n + k}\n" * 20 for n in range(3)} for k in range(2)]
        self.arm64, self.amd64 = (
            repository.commit({f"src/{name}": text for name, text in modules.items()})
            for modules in files
        )
        images = [put_image(rig, files[0], "arm64"), put_image(rig, files[1], "amd64")]
        kind = f"{OCI}.index.v1+json"
        index = {"schemaVersion": 2, "mediaType": kind, "manifests": images}
        rig.registry.put_manifest("shop", "v1", json.dumps(index).encode(), kind)


@pytest.fixture
def shop(engine: Rig, git_repository: NewRepository) -> Shop:
    return Shop(engine, git_repository("shop"))


def commits(name: str, repository: Repository, cache: Path, *words: str) -> list[str]:
    options = ["--git", str(repository.path), "--cache", str(cache), "--format=json"]
    done = CliRunner().invoke(cli, ["content", name, *options, *words])
    assert done.exit_code == 0, done.output
    (match,) = json.loads(done.stdout)["content"]
    assert match["verdict"] == "exact"
    commits: list[str] = match["commits"]
    return commits


@pytest.mark.live_skopeo
def test_any_registry_by_skopeo(engine: Rig, shop: Shop, skopeo: Skopeo, tmp_path: Path) -> None:
    with door(engine) as host:
        source = f"docker://{host}/shop:v1"
        words = ("copy", "--quiet", "--src-tls-verify=false")
        skopeo(*words, source, f"docker-archive:{tmp_path}/docker.tar:shop:v1")
        skopeo(*words, source, f"oci-archive:{tmp_path}/one.tar:v1")
        skopeo(*words, "--all", source, f"oci-archive:{tmp_path}/all.tar:v1")
        skopeo(*words, "--all", source, f"oci:{tmp_path}/layout:v1")
    cache = tmp_path / "cache"
    for name in ("docker.tar", "one.tar", "all.tar", "layout", "layout:v1", "docker.tar:shop:v1"):
        assert commits(f"{tmp_path}/{name}", shop.repository, cache) == [shop.amd64]
    for name in ("all.tar", "layout"):
        arm = ("--platform", "linux/arm64")
        assert commits(f"{tmp_path}/{name}", shop.repository, cache, *arm) == [shop.arm64]


def test_what_an_engine_saves(engine: Rig, git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository("shop")
    context = tmp_path / "context"
    (context / "src").mkdir(parents=True)
    for number in range(3):
        (context / f"src/m{number}.py").write_text(f"value = {number}\n" * 20)
    (context / "Dockerfile").write_text("FROM scratch\nCOPY src /var/task/\n")
    sha = repository.commit(
        {f"src/m{number}.py": f"value = {number}\n" * 20 for number in range(3)}
    )
    image = engine.build(context, "shop:v1", buildkit=True)
    engine.docker.api.tag(image, "other:v1")
    file = tmp_path / "image.tar"
    with file.open("wb") as out:
        out.writelines(engine.docker.api.get_image("shop:v1"))
    packed = tmp_path / "image.tar.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    for name in (file, packed, f"{file}:shop:v1"):
        assert commits(str(name), repository, tmp_path / "cache") == [sha]
