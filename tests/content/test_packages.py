"""The name of a package by its manifest, and which one a folder of a repository is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.content.engine import Archive, content_of
from jotgraph.content.history.package_names import LARGEST, name_in
from jotgraph.records import Pairs, local_image_id
from tests.content.images import layer, saved
from tests.rig.fixtures import NewRepository

POETRY = '[tool.poetry]\nname = "pay"\n'


@pytest.mark.parametrize(
    ("manifest", "text", "name"),
    [
        ("pyproject.toml", '[project]\nname = "pay"\n', "pay"),
        ("pyproject.toml", POETRY, "pay"),
        ("pyproject.toml", "[tool.ruff]\n", ""),
        ("pyproject.toml", "[project\n", ""),
        ("pyproject.toml", 'project = "pay"\n', ""),
        ("setup.cfg", "[metadata]\nname = pay\n", "pay"),
        ("setup.cfg", "[tool]\nname = pay\n", ""),
        ("setup.cfg", "name = pay\n", ""),
        ("package.json", '{"name": "@shop/pay"}', "@shop/pay"),
        ("package.json", '{"name": ["pay"]}', ""),
        ("package.json", '["name"]', ""),
        ("package.json", "{", ""),
        ("package.json", "[" * 100_000, ""),
        ("go.mod", "// x\nmodule shop.example/pay\n\ngo 1.23\n", "shop.example/pay"),
        ("go.mod", 'module "shop.example/pay"\n', "shop.example/pay"),
        ("go.mod", "go 1.23\n", ""),
        ("Cargo.toml", '[package]\nname = "pay"\n', "pay"),
        ("Cargo.toml", "[workspace]\n", ""),
        ("composer.json", '{"name": "shop/pay"}', "shop/pay"),
        ("package.json", '{"name": "%s"}' % ("x" * 300), "x" * 214),
    ],
)
def test_the_name_in_a_manifest(manifest: str, text: str, name: str) -> None:
    assert name_in(manifest, text.encode()) == name


def test_what_is_too_large_or_no_text_has_no_name() -> None:
    assert name_in("package.json", b'{"name": "pay"}'.ljust(LARGEST + 1)) == ""
    assert name_in("package.json", b'{"name": "pay"}'.ljust(LARGEST)) == "pay"
    assert name_in("pyproject.toml", b"\xff\xfe") == ""


MODULES = {f"fn/m{n}.py": f"value = {n}\n" * 20 for n in range(3)}
COPIED = {f"srv/m{n}.py": f"value = {n}\n".encode() * 20 for n in range(3)}


@pytest.mark.parametrize(
    ("manifests", "packages"),
    [
        ({"fn/pyproject.toml": POETRY, "package.json": '{"name": "all"}'}, (("fn", "pay"),)),
        ({"package.json": '{"name": "all"}'}, (("fn", "all"),)),
        ({"fn/pyproject.toml": "", "package.json": '{"name": "all"}'}, (("fn", "all"),)),
        ({"fn/package.json": "{}", "fn/go.mod": "module a/b\n"}, (("fn", "a/b"),)),
        ({"fn/inner/package.json": '{"name": "inner"}', "lib/go.mod": "module lib\n"}, ()),
        ({}, ()),
    ],
)
def test_the_nearest_manifest_that_names_it(
    git_repository: NewRepository, tmp_path: Path, manifests: dict[str, str], packages: Pairs
) -> None:
    repository = git_repository()
    repository.commit({**MODULES, **manifests})
    image = local_image_id("sha256:" + "b" * 64)
    archive = saved([layer(COPIED)], ())
    matched = content_of(
        [(image, Archive(lambda: [archive]))], [("shop", repository.path)], tmp_path / "cache"
    )
    (match,) = matched.matches
    assert (match.maps, match.packages) == ((("srv", "fn"),), packages)
