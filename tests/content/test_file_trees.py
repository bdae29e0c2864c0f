"""Files that are no image: folders, wheels, npm packages, tars of files."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from jotgraph.cli import cli
from jotgraph.content.image.file_trees import holds_image
from jotgraph.records import ContentMatch, ContentVerdict
from tests.content.images import Content, layer
from tests.content.test_image_files import read
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository
from tests.strength import MANY_PLACES

MODULES = {f"m{n}.py": f"value = {n}\n" * 20 for n in range(3)}
PACKAGE = '{"name": "shop", "version": "1.2.0", "files": ["lib"]}\n'


@pytest.fixture
def shop(git_repository: NewRepository) -> tuple[Repository, str]:
    """An older commit, and the one whose files are looked at."""
    repository = git_repository("shop")
    repository.commit({"lib/m0.py": "value = 9\n" * 20, "package.json": PACKAGE})
    return repository, repository.commit({f"lib/{name}": text for name, text in MODULES.items()})


def one(name: str, shop: Repository, cache: Path) -> ContentMatch:
    content = read(name, shop, cache)
    assert content.gaps == ()
    (match,) = content.matches
    return match


def test_a_folder(shop: tuple[Repository, str], tmp_path: Path) -> None:
    repository, sha = shop
    folder = tmp_path / "built"
    shutil.copytree(repository.path / "lib", folder / "app")
    (folder / "app" / "link").symlink_to("m0.py")
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text(f"{'0' * 40}\n")
    os.mkfifo(folder / "pipe")
    match = one(f"{folder}/", repository, tmp_path / "cache")
    assert (match.resource, match.commits) == (f"package:{folder}/", (sha,))
    assert (match.matched, match.unexplained) == (3, ("app/link",))
    assert match.facts == ()


def test_a_tar_of_files_compressed_or_not(shop: tuple[Repository, str], tmp_path: Path) -> None:
    repository, sha = shop
    files: dict[str, Content] = {f"app/{name}": text.encode() for name, text in MODULES.items()}
    for name, pack in (("files.tar", bytes), ("files.tar.gz", gzip.compress)):
        (tmp_path / name).write_bytes(pack(layer(files)))
        match = one(str(tmp_path / name), repository, tmp_path / "cache")
        assert (match.verdict, match.commits) == (ContentVerdict.EXACT, (sha,))


def test_a_package_that_npm_packed(shop: tuple[Repository, str], tmp_path: Path) -> None:
    repository, sha = shop
    if MANY_PLACES and shutil.which("npm"):  # to start it takes half a second
        command = ["npm", "pack", "--offline", f"--pack-destination={tmp_path}"]
        environment = os.environ | {"HOME": str(tmp_path), "npm_config_update_notifier": "false"}
        subprocess.run(
            command, cwd=repository.path, env=environment, check=True, capture_output=True
        )
    else:
        files = {f"package/lib/{name}": text.encode() for name, text in MODULES.items()}
        files["package/package.json"] = PACKAGE.encode()
        (tmp_path / "shop-1.2.0.tgz").write_bytes(gzip.compress(layer(files)))
    match = one(str(tmp_path / "shop-1.2.0.tgz"), repository, tmp_path / "cache")
    assert (match.verdict, match.commits, match.matched) == (ContentVerdict.EXACT, (sha,), 4)


def test_a_wheel(shop: tuple[Repository, str], tmp_path: Path) -> None:
    repository, sha = shop
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, text in MODULES.items():
            wheel.writestr(f"lib/{name}", text)
        wheel.writestr("lib-1.0.dist-info/METADATA", "Name: lib\nVersion: 1.0\n")
        wheel.writestr("lib-1.0.dist-info/RECORD", "lib/m0.py,,\n")
    (tmp_path / "lib-1.0-py3-none-any.whl").write_bytes(out.getvalue())
    match = one(str(tmp_path / "lib-1.0-py3-none-any.whl"), repository, tmp_path / "cache")
    assert (match.verdict, match.commits, match.matched) == (ContentVerdict.EXACT, (sha,), 3)
    assert match.unexplained == ("lib-1.0.dist-info/METADATA", "lib-1.0.dist-info/RECORD")


@pytest.mark.parametrize(
    ("name", "data", "image"),
    [
        ("saved.tar", layer({"a" * 64 + "/layer.tar": b"x"}), True),
        ("oci.tar", layer({"blobs/sha256/" + "a" * 64: b"x"}), True),
        ("late.tar", layer({**{f"{n:064x}": b"" for n in range(9)}, "manifest.json": b"[]"}), True),
        ("files.tar", layer({"app/manifest.json": b"[]", "blobs.py": b"x"}), False),
        ("broken.tar", b"no tar at all" * 99, True),
    ],
)
def test_what_is_an_image(name: str, data: bytes, image: bool, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert holds_image(tmp_path / name) is image


def test_what_cannot_be_read_is_an_error(shop: tuple[Repository, str], tmp_path: Path) -> None:
    """Nothing at all, a tar cut short, a package that is none: never an empty answer."""
    whole = layer({"app/m0.py": MODULES["m0.py"].encode() * 90, "app/m1.py": b"x" * 999})
    (tmp_path / "cut.tar").write_bytes(whole[:3000])
    (tmp_path / "cut.tgz").write_bytes(gzip.compress(whole)[:60])
    (tmp_path / "none.whl").write_bytes(b"PK\x03\x04 no more")
    (tmp_path / "nothing.tar").write_bytes(layer({}))
    (tmp_path / "empty").mkdir()
    (tmp_path / "leaving.tar").write_bytes(layer({"../../etc/passwd": b"root"}))
    names = [str(path) for path in sorted(tmp_path.iterdir()) if path.name != "shop"]
    words = ["--git", str(shop[0].path), "--cache", str(tmp_path / "cache"), "--format=json"]
    done = CliRunner().invoke(cli, ["content", *names, *words])
    assert done.exit_code == 4
    answer = json.loads(done.stdout)
    assert answer["content"] == []
    assert len(answer["gaps"]) == len(names) == 6
