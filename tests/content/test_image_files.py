"""OCI layouts and archives, and archives of docker save, read as a folder, a file and a stream."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from jotgraph.cli import cli
from jotgraph.content import engine
from jotgraph.content.image.layer_cache import LayerCache
from jotgraph.content.named import source_of
from jotgraph.errors import OptionError
from jotgraph.records import ContentVerdict
from tests.content.images import OCI, Content, Layout, called, digest, layer, on, saved
from tests.content.opened import session_of
from tests.rig.git import Repository, new_repository

BASE = layer({"lib/libc.so": b"\x7fELF" * 50})
HISTORY = ("RUN apt-get install # buildkit", "COPY src /var/task # buildkit")
Keep = Callable[[Path, Mapping[str, bytes]], str]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Two commits: ``v1`` and ``v2`` are what a build of each copies."""
    repository = new_repository(tmp_path_factory.mktemp("shop") / "shop")
    for version in (1, 2):
        repository.commit({f"src/{name}": data for name, data in modules(version).items()})
    return repository


def modules(version: int) -> dict[str, bytes]:
    return {f"m{n}.py": f"value = {n + version}\n".encode() * 20 for n in range(3)}


def layers(version: int) -> list[bytes]:
    return [BASE, layer({f"var/task/{name}": data for name, data in modules(version).items()})]


@cache
def commit(shop: Repository, version: int) -> str:
    return shop.git("rev-parse", f"HEAD~{2 - version}")


def as_folder(path: Path, files: Mapping[str, bytes]) -> str:
    for name, data in files.items():
        target = path / "layout" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return str(path / "layout")


def as_tar(path: Path, files: Mapping[str, bytes]) -> str:
    (path / "image.tar").write_bytes(layer(dict(sorted(files.items()))))
    return str(path / "image.tar")


def as_stream(path: Path, files: Mapping[str, bytes]) -> str:
    (path / "image.tar.gz").write_bytes(gzip.compress(layer(dict(sorted(files.items())))))
    return str(path / "image.tar.gz")


@pytest.fixture(params=[as_folder, as_tar, as_stream], ids=["folder", "tar", "stream"])
def keep(request: pytest.FixtureRequest) -> Keep:
    keeper: Keep = request.param
    return keeper


def nobody(*_: object) -> Any:
    raise AssertionError("neither the engine nor ECR was to be asked")


def read(name: str, shop: Repository, cache: Path, platform: str = "") -> engine.Content:
    """What is said of an image by a history that is open, and a cache of its own."""
    named = source_of(name, nobody, nobody, platform)
    opened = session_of(shop, cache)
    with closing(LayerCache(cache)) as layers:
        session = msgspec.structs.replace(opened, cache=layers)
        return engine.Content(*engine.match_image(*named, session))


def commits(content: engine.Content) -> tuple[str, ...]:
    assert content.gaps == ()
    (match,) = content.matches
    assert match.verdict is ContentVerdict.EXACT
    assert (match.layers_read, match.layers_left) == (2, 0)
    return match.commits


def why_not(content: engine.Content) -> str:
    assert content.matches == ()
    (gap,) = content.gaps
    assert (gap.action, gap.reason) == ("read layers", "error")
    return gap.detail


def test_one_image(keep: Keep, shop: Repository, tmp_path: Path) -> None:
    layout = Layout()
    name = keep(tmp_path, layout.finish([called("v1", layout.image(layers(1), HISTORY))]))
    for wanted in (name, f"{name}:v1"):
        assert commits(read(wanted, shop, tmp_path / "cache")) == (commit(shop, 1),)
    assert "'v2'; it holds v1" in why_not(read(f"{name}:v2", shop, tmp_path / "cache"))


def test_several_images(keep: Keep, shop: Repository, tmp_path: Path) -> None:
    layout = Layout()
    made = [called(f"v{n}", layout.image(layers(n), HISTORY)) for n in (1, 2)]
    name = keep(tmp_path, layout.finish(made))
    for version in (1, 2):
        content = read(f"{name}:v{version}", shop, tmp_path / "cache")
        assert commits(content) == (commit(shop, version),)
    reason = why_not(read(name, shop, tmp_path / "cache"))
    assert reason.startswith("2 images; add a reference, as ")
    assert reason.endswith(":TAG (it holds v1, v2)")


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_an_index_by_platform(depth: int, keep: Keep, shop: Repository, tmp_path: Path) -> None:
    """As ``skopeo copy --all`` (depth 1) and ``docker buildx build`` write it."""
    layout = Layout()
    arm, amd = layout.image(layers(1), HISTORY, "arm64"), layout.image(layers(2), HISTORY)
    attestation = on("unknown/unknown", layout.image([layer({})]))
    children = [on("linux/arm64", arm), on("linux/amd64", amd), attestation]
    for _ in range(depth):
        children = [called("v1", layout.index(children))]
    name = keep(tmp_path, layout.finish(children))
    cache = tmp_path / "cache"
    assert commits(read(name, shop, cache)) == (commit(shop, 2),)
    assert commits(read(name, shop, cache, "linux/arm64")) == (commit(shop, 1),)
    reason = why_not(read(name, shop, cache, "linux/s390x"))
    assert reason.endswith("it holds linux/amd64, linux/arm64")


def test_indexes_too_deep_to_be_an_image(keep: Keep, shop: Repository, tmp_path: Path) -> None:
    layout = Layout()
    child = layout.image(layers(1))
    for _ in range(4):
        child = layout.index([child])
    reason = why_not(read(keep(tmp_path, layout.finish([child])), shop, tmp_path / "cache"))
    assert reason.endswith("an index of indexes, too deep to be an image")


def docker_25(layout: Layout, *versions: int) -> dict[str, bytes]:
    """What docker save writes since Docker 25: both documents over one set of blobs."""
    manifests = []
    listed = []
    for version in versions:
        child = layout.image(layers(version), HISTORY)
        names = {"io.containerd.image.name": f"docker.io/library/shop:v{version}"}
        manifests.append({**child, "annotations": names})
        inner = json.loads(layout.files[f"blobs/sha256/{str(child['digest'])[7:]}"])
        listed.append(
            {
                "Config": f"blobs/sha256/{inner['config']['digest'][7:]}",
                "RepoTags": [f"shop:v{version}"],
                "Layers": [f"blobs/sha256/{layer['digest'][7:]}" for layer in inner["layers"]],
            }
        )
    layout.files["manifest.json"] = msgspec.json.encode(listed)
    return layout.finish(manifests)


def test_an_archive_with_both_documents(keep: Keep, shop: Repository, tmp_path: Path) -> None:
    name, cache = keep(tmp_path, docker_25(Layout(), 1)), tmp_path / "cache"
    assert commits(read(name, shop, cache)) == (commit(shop, 1),)
    assert commits(read(name, shop, cache, "linux/amd64")) == (commit(shop, 1),)


def test_an_archive_of_several_saved_images(keep: Keep, shop: Repository, tmp_path: Path) -> None:
    name, cache = keep(tmp_path, docker_25(Layout(), 1, 2)), tmp_path / "cache"
    assert commits(read(f"{name}:shop:v2", shop, cache)) == (commit(shop, 2),)
    assert commits(read(f"{name}:v1", shop, cache)) == (commit(shop, 1),)
    assert commits(read(f"{name}:shop:v1", shop, cache, "linux/amd64")) == (commit(shop, 1),)
    assert "it holds shop:v1, shop:v2" in why_not(read(name, shop, cache))
    assert "'v3'; it holds shop:v1, shop:v2" in why_not(read(f"{name}:v3", shop, cache))


def test_an_archive_of_docker_before_25(shop: Repository, tmp_path: Path) -> None:
    archive = tmp_path / "image.tar"
    archive.write_bytes(saved(layers(1), HISTORY))
    cache = tmp_path / "cache"
    assert commits(read(str(archive), shop, cache)) == (commit(shop, 1),)
    assert "holds linux/amd64" in why_not(read(str(archive), shop, cache, "linux/arm64"))


def test_a_layer_that_an_archive_has_twice_is_a_link(shop: Repository, tmp_path: Path) -> None:
    """As docker save wrote it once (docker/docker, image/tarexport/save.go)."""
    data = layers(1)[1]
    config = {"rootfs": {"type": "layers", "diff_ids": [digest(data), digest(data)]}}
    listed = [{"Config": "c.json", "Layers": ["one/layer.tar", "two/layer.tar"]}]
    archive = tmp_path / "image.tar"
    members: dict[str, Content] = {
        "one/layer.tar": data,
        "two/layer.tar": ("link", "../one/layer.tar"),
        "c.json": json.dumps(config).encode(),
        "manifest.json": json.dumps(listed).encode(),
    }
    archive.write_bytes(layer(members))
    assert commits(read(str(archive), shop, tmp_path / "cache")) == (commit(shop, 1),)


def test_cached_layers_are_not_read_again(shop: Repository, tmp_path: Path) -> None:
    layout = Layout()
    files = layout.finish([layout.image(layers(1), HISTORY)])
    folder, cache = as_folder(tmp_path, files), tmp_path / "cache"
    first = read(folder, shop, cache)
    for name, data in files.items():
        if data.startswith(b"\x1f\x8b"):
            (Path(folder) / name).unlink()
    assert read(folder, shop, cache) == first


@pytest.mark.parametrize("altered", ["manifest", "config", "layer"])
def test_altered_bytes_are_no_image(
    altered: str, keep: Keep, shop: Repository, tmp_path: Path
) -> None:
    layout = Layout()
    child = layout.image(layers(1), HISTORY)
    files = layout.finish([child])
    manifest = json.loads(files[f"blobs/sha256/{str(child['digest'])[7:]}"])
    digest = {
        "manifest": str(child["digest"]),
        "config": manifest["config"]["digest"],
        "layer": manifest["layers"][1]["digest"],
    }[altered]
    path = f"blobs/sha256/{digest[7:]}"
    foreign = gzip.compress(layers(2)[1], mtime=0)
    files[path] = foreign if altered == "layer" else files[path] + b" "
    assert "wrong digest" in why_not(read(keep(tmp_path, files), shop, tmp_path / "cache"))


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, "no index.json and no manifest.json"),
        ({"index.json": b"{}"}, "lists no image"),
        ({"index.json": b"nonsense"}, "index.json cannot be read: "),
        ({"index.json": b"[1]"}, "not a JSON object"),
        ({"manifest.json": b"[]"}, "lists no image"),
        ({"manifest.json": b'[{"Config": "../../c"}]'}, "c"),
        ({"manifest.json": b'[{"Config": 5}]'}, "5 is not there"),
        ({"index.json": b'{"manifests": [{"digest": "sha256:no"}]}'}, "not a sha256 digest"),
        ({"index.json": b'{"manifests": [{"digest": "md5:../../x"}]}'}, "not a sha256 digest"),
        ({"index.json": b'{"manifests": [{"digest": "sha256:%s"}]}' % (b"a" * 64)}, "not there"),
    ],
)
def test_what_is_no_image(
    files: dict[str, bytes], why: str, keep: Keep, shop: Repository, tmp_path: Path
) -> None:
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', **files}
    assert why in why_not(read(keep(tmp_path, files), shop, tmp_path / "cache"))


def test_what_no_image_needs_does_not_hinder(keep: Keep, shop: Repository, tmp_path: Path) -> None:
    """A list of packages above any bound, a chart, and bytes of no kind at all."""
    layout = Layout()
    child = layout.image(layers(1), HISTORY)
    layout.blob(b'{"packages": "' + b"x" * (5 << 20) + b'"}')
    layout.blob(b"\x00asm" + os.urandom(2000))
    layout.blob(gzip.compress(b"no tar at all" * 99))
    name = keep(tmp_path, layout.finish([child]))
    assert commits(read(name, shop, tmp_path / "cache")) == (commit(shop, 1),)


def test_a_chart_is_no_image(keep: Keep, shop: Repository, tmp_path: Path) -> None:
    layout = Layout()
    config = {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": layout.blob(b"{}")}
    child = layout.document(f"{OCI}.manifest.v1+json", config=config, layers=[])
    reason = why_not(read(keep(tmp_path, layout.finish([child])), shop, tmp_path / "cache"))
    assert reason == "the image configuration names no layers"


def test_a_pipe_or_a_link_out_of_the_folder_is_not_waited_for(
    shop: Repository, tmp_path: Path
) -> None:
    layout = Layout()
    folder = Path(as_folder(tmp_path, layout.finish([layout.image(layers(1))])))
    (folder / "index.json").unlink()
    os.mkfifo(folder / "index.json")
    assert "not a regular file" in why_not(read(str(folder), shop, tmp_path / "cache"))


def test_a_name_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    for name in ("image.tar", "layout.tgz:v1", "./shop", str(tmp_path / "none")):
        with pytest.raises(OptionError, match="there is no such file"):
            source_of(name, nobody, nobody)


def test_the_command_fails_for_what_it_cannot_read(shop: Repository, tmp_path: Path) -> None:
    layout = Layout()
    good = as_tar(tmp_path, layout.finish([layout.image(layers(1), HISTORY)]))
    bad = tmp_path / "bad.tar"
    bad.write_bytes(layer({"blobs/a": b"b"}))
    words = ["--git", str(shop.path), "--cache", str(tmp_path / "cache")]

    done = CliRunner().invoke(cli, ["content", str(bad), *words])
    assert (done.exit_code, done.stdout) == (4, "")
    assert done.stderr.splitlines()[1:] == [
        f"  content read layers in local-image:{bad}: error: it has no index.json and no "
        "manifest.json: no image that can be read",
        "jotgraph: it could not be compared",
    ]

    done = CliRunner().invoke(cli, ["content", str(bad), good, *words, "--format=json"])
    assert done.exit_code == 4
    answer = json.loads(done.stdout)
    assert [match["commits"] for match in answer["content"]] == [[commit(shop, 1)]]
    assert [gap["resource"] for gap in answer["gaps"]] == [f"local-image:{bad}"]
    assert done.stderr.splitlines()[-1] == "jotgraph: 1 of 2 images could not be compared"

    done = CliRunner().invoke(cli, ["content", good, *words])
    assert (done.exit_code, done.stderr) == (0, "")
