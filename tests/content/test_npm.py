"""Packages as npm packs and installs them lead to the commit that they were packed from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jotgraph.content.engine import Files, content_of
from jotgraph.content.history.npm_package import is_package, not_packed
from jotgraph.content.image.file_trees import read_tar
from jotgraph.content.image.npm_document import published, without_additions
from jotgraph.links.content import grade_of
from jotgraph.links.model import Grade
from jotgraph.records import ContentMatch, ContentVerdict, ResourceId
from tests.content.artefacts import FOLDER
from tests.content.images import Content
from tests.content.test_dependencies import match
from tests.content.test_held_files import Shop, _shop, shop, unpacked
from tests.rig.git import Repository

SHA = "5a" * 20
NODE = "usr/local/lib/node_modules/@acme/web"
__all__ = ["_shop", "shop"]  # fixtures


def packed(repository: Repository, cache: Path) -> ContentMatch:
    """The answer on what ``npm pack`` made."""
    archive = FOLDER / "npm.tgz"
    source = Files(lambda object_format, limits: read_tar(archive, object_format, limits))
    content = content_of(
        [(ResourceId("package:npm.tgz"), source)], [("shop", repository.path)], cache
    )
    (match,) = content.matches
    return match


def package(**changes: Content) -> dict[str, Content]:
    """The package at the root of an image's ``node_modules``, with other or no files."""
    files = unpacked("npm.tgz", "")
    renamed = {f"{NODE}/{path.removeprefix('/package/')}": data for path, data in files.items()}
    for name, data in changes.items():
        path = f"{NODE}/{name.replace('__', '/').replace('_', '.')}"
        renamed.pop(path, None)
        if data is not None:
            renamed[path] = data
    return renamed


def with_git_head(files: dict[str, Content], **fields: object) -> dict[str, Content]:
    """As a tool that publishes writes ``package.json`` anew."""
    text = files[f"{NODE}/package.json"]
    assert isinstance(text, bytes)
    document = {**json.loads(text), "gitHead": SHA, **fields}
    return {**files, f"{NODE}/package.json": json.dumps(document, indent=2).encode()}


def test_files_of_package_json_say_what_is_packed(shop: Shop, tmp_path: Path) -> None:
    """Of the directory its sources and tests are not packed: all that is to be packed is there."""
    repository, shas = shop
    answer = packed(repository, tmp_path)
    assert (answer.verdict, set(answer.commits)) == (ContentVerdict.EXACT, set(shas[1:4]))
    assert (answer.matched, answer.unexplained, answer.lacking) == (4, (), ())
    assert grade_of(answer) is Grade.PROOF


def test_a_packed_file_that_another_commit_adds_tells_them_apart(
    shop: Shop, tmp_path: Path
) -> None:
    repository, _ = shop
    repository.commit({"web/lib/prices.js": (FOLDER / "shop/web/lib/prices.js").read_text()})
    same = repository.commit({"web/test/more.js": "// a test that is not packed\n" * 9})
    repository.commit({"web/lib/more.js": "// packed\n" * 9})
    answer = packed(repository, tmp_path)
    assert answer.newest == same
    assert len(answer.commits) == 5


def test_a_package_that_lacks_a_packed_file_is_a_part(shop: Shop, tmp_path: Path) -> None:
    repository, _ = shop
    answer = match([package(lib__prices_js=None)], [], repository, tmp_path)
    assert answer.verdict is ContentVerdict.SUBSET
    assert answer.lacking == (f"{NODE}/lib/prices.js",)


def test_the_same_files_elsewhere_are_no_package(shop: Shop, tmp_path: Path) -> None:
    repository, shas = shop
    files = {path.replace(NODE, "srv"): data for path, data in package().items()}
    answer = match([files], [], repository, tmp_path)
    assert (answer.verdict, set(answer.commits)) == (ContentVerdict.SUBSET, set(shas[1:4]))


@pytest.mark.parametrize("added", [{}, {"_resolved": "https://registry.example.com/web.tgz"}])
def test_what_publishing_added_is_no_change(
    added: dict[str, object], shop: Shop, tmp_path: Path
) -> None:
    repository, shas = shop
    answer = match([with_git_head(package(), **added)], [], repository, tmp_path)
    assert (answer.verdict, set(answer.commits)) == (ContentVerdict.EXACT, set(shas[1:4]))
    assert (answer.modified, answer.published) == ((), (f"{NODE}/package.json",))
    assert grade_of(answer) is Grade.STRONG
    assert [(fact.kind, fact.revision) for fact in answer.facts] == []


def test_another_version_beside_what_publishing_added_is_a_change(
    shop: Shop, tmp_path: Path
) -> None:
    repository, _ = shop
    files = with_git_head(package(), version="1.3.0")
    answer = match([files], [], repository, tmp_path)
    assert (answer.verdict, answer.modified) == (
        ContentVerdict.NEAREST,
        (f"{NODE}/package.json",),
    )
    assert answer.published == ()


def test_a_package_as_npm_installed_it(shop: Shop, tmp_path: Path) -> None:
    """npm 6 sorts the keys of ``package.json`` and adds its own."""
    repository, shas = shop
    answer = match([unpacked("npm-installed.tar.gz", "srv")], [], repository, tmp_path)
    assert (answer.verdict, set(answer.commits)) == (ContentVerdict.EXACT, set(shas[1:4]))
    assert answer.published == ("srv/node_modules/@acme/web/package.json",)
    assert (answer.modified, answer.matched) == ((), 4)


@pytest.mark.parametrize(
    ("files", "packs", "leaves"),
    [
        (["lib"], ["lib", "lib/a.js", "lib/sub/a.js", "package.json"], ["src/a.js", "library"]),
        (["./lib/", "/bin"], ["lib/a.js", "bin/x"], ["src"]),
        (["lib/*.js"], ["lib", "lib/a.js"], ["lib/a.ts", "lib/sub/a.js"]),
        (["lib/**/a.js"], ["lib", "lib/sub/a.js", "lib/sub"], ["src/sub/a.js"]),
        (["lib/deep/a.js"], ["lib", "lib/deep", "lib/deep/a.js"], ["lib/deep/b.js", "lib/b"]),
        (["*.js"], ["a.js"], ["a.ts", "src"]),
        (["lib", "!lib/test"], ["lib/a.js"], ["lib/test", "lib/test/a.js"]),
        (["lib"], [], ["README.md", "CHANGELOG", ".npmignore", "lib/.DS_Store", "yarn.lock"]),
        (["."], ["a.js", "src/a.js"], ["README.md"]),
    ],
)
def test_what_npm_packs(files: list[str], packs: list[str], leaves: list[str]) -> None:
    left_out = not_packed(json.dumps({"files": files}).encode())
    assert left_out is not None
    assert [path for path in (*packs, *leaves) if left_out(path)] == leaves


def test_what_main_and_bin_name_is_packed() -> None:
    document = {"files": ["lib"], "main": "./index.js", "bin": {"web": "bin/web.js"}}
    left_out = not_packed(json.dumps(document).encode())
    assert left_out is not None
    paths = ["index.js", "bin", "bin/web.js", "bin/other.js"]
    assert [path for path in paths if left_out(path)] == ["bin/other.js"]


@pytest.mark.parametrize(
    "document",
    [b"", b"[]", b"{}", b"[" * 100_000, b'{"files": "lib"}', b'{"files": [7]}', b'{"files": []}',
     b'{"files": ["!lib"]}', b'{"files": ["a\\nb"]}'],
)  # fmt: skip
def test_documents_that_do_not_say_what_is_packed(document: bytes) -> None:
    assert not_packed(document) is None


def test_where_packages_are() -> None:
    places = ["package", "node_modules/web", "srv/node_modules/@acme/web"]
    others = ["", "srv/package", "node_modules", "node_modules/@acme", "node_modules/web/lib"]
    assert [place for place in (*places, *others) if is_package(place)] == places


def test_documents_are_compared_by_what_they_say() -> None:
    own = {"name": "web", "version": "1.2.0"}
    added = {"version": "1.2.0", "name": "web", "gitHead": SHA, "deprecated": False}
    hashed = published("a/package.json", json.dumps(added, indent=4).encode())
    assert hashed == without_additions(json.dumps(own).encode()) != b""
    assert published("a/package.json", json.dumps(own).encode()) == b""
    assert published("a/other.json", json.dumps(added).encode()) == b""
    assert published("package.json", b'{"gitHead": "x"}') == without_additions(b"{}") == b""
    assert hashed != without_additions(json.dumps({**own, "deprecated": "yes"}).encode())
