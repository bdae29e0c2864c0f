"""Bundles and jars lead to their commit by the files that they hold."""

from __future__ import annotations

import base64
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from jotgraph.content.image.originals import MAP_BYTES, may_hold, originals
from jotgraph.links.content import grade_of
from jotgraph.links.model import Grade
from jotgraph.records import ContentVerdict
from tests.content.artefacts import artefact, sources
from tests.content.images import Content
from tests.content.test_dependencies import match
from tests.rig.git import Repository, new_repository

COPY = "COPY dist /var/task # buildkit"
TEXT = "export const answer = 42; // what was asked\n"
Shop = tuple[Repository, list[str]]


def unpacked(name: str, folder: str) -> dict[str, Content]:
    """The files of an artefact, in a folder of the image."""
    files: dict[str, Content] = {}
    with tarfile.open(fileobj=io.BytesIO(artefact(name))) as archive:
        for member in archive:
            if (file := archive.extractfile(member)) is not None:
                files[f"{folder}/{member.name.removeprefix('./')}"] = file.read()
    return files


@pytest.fixture(scope="module")
def _shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The sources of the artefacts: before them others, after them more; the middle three commits
    have them as they were built."""
    repository = new_repository(tmp_path_factory.mktemp("shop") / "shop")
    files: dict[str, str | bytes] = dict(sources())
    older = {path: bytes(sources()[path]) + b"// older\n" for path in files}
    shas = [repository.commit(files | older)]
    shas.append(repository.commit(files))
    shas.append(repository.commit({"web/src/types.ts": "export type Name = string;\n" * 9}))
    shas.append(repository.commit({"docs/a.md": "about it\n" * 9}))
    cart = {"web/src/cart.ts": "// other\n" * 20, "web/lib/prices.js": "// other\n" * 20}
    shas.append(repository.commit(cart | {"java/resources/templates/order.txt": "other\n" * 20}))
    return repository, shas


@pytest.fixture
def shop(_shop: Shop, tmp_path: Path) -> Shop:
    """A clone of that, to change."""
    repository, shas = _shop
    return repository.copied_to(tmp_path / "shop"), shas


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("esbuild.tar.gz", "web/src"),
        ("inline.tar.gz", "web/src"),
        ("tsc.tar.gz", "web/src"),
        ("webpack.tar.gz", "web/lib"),
    ],
)
@pytest.mark.parametrize("history", [[COPY], []])
def test_a_bundle_leads_to_its_sources_by_its_source_map(
    name: str, folder: str, history: list[str], shop: Shop, tmp_path: Path
) -> None:
    repository, shas = shop
    answer = match([unpacked(name, "var/task")], history, repository, tmp_path)
    assert (answer.verdict, set(answer.commits)) == (ContentVerdict.SUBSET, set(shas[1:4]))
    assert (answer.matched, answer.held, answer.modified, answer.lacking) == (2, 2, (), ())
    assert [place for _, place in answer.maps] == [folder]
    assert grade_of(answer) is Grade.SUPPORT
    assert answer.touched is None


@pytest.mark.parametrize("edited", [True, False])
def test_an_edited_source_of_a_bundle_is_modified(edited: bool, shop: Shop, tmp_path: Path) -> None:
    """One equal file beside it is a hint, two tell the commit."""
    repository, _ = shop
    files = unpacked("esbuild.tar.gz", "var/task")
    text = files["var/task/dist/index.js.map"]
    assert isinstance(text, bytes)
    document = json.loads(text.replace(b"pear: 3", b"pear: 4"))
    if edited:
        document["sources"].append("../../shop/web/src/types.ts")
        document["sourcesContent"].append("export type Name = string;\n" * 9)
    files["var/task/dist/index.js.map"] = json.dumps(document).encode()
    answer = match([files], [COPY], repository, tmp_path)
    assert answer.verdict is (ContentVerdict.NEAREST if edited else ContentVerdict.WEAK)
    assert answer.modified == ("[source map]/var/shop/web/src/index.ts",)
    assert grade_of(answer) is (Grade.SUPPORT if edited else Grade.HINT)


def test_a_source_with_other_line_ends_is_told(shop: Shop, tmp_path: Path) -> None:
    repository, shas = shop
    files = unpacked("esbuild.tar.gz", "var/task")
    text = files["var/task/dist/index.js.map"]
    assert isinstance(text, bytes)
    document = json.loads(text)
    document["sourcesContent"][1] = document["sourcesContent"][1].replace("\n", "\r\n")
    files["var/task/dist/index.js.map"] = json.dumps(document).encode()
    answer = match([files], [COPY], repository, tmp_path)
    assert set(answer.commits) == set(shas[1:4])
    assert answer.line_ends == ("[source map]/var/shop/web/src/cart.ts",)


def test_a_source_map_says_more_than_a_file_beside_it(shop: Shop, tmp_path: Path) -> None:
    """``package.json`` alone is that of all commits but the first."""
    repository, shas = shop
    beside: dict[str, Content] = {"var/task/package.json": sources()["web/package.json"]}
    alone = match([beside], [COPY], repository, tmp_path)
    assert (set(alone.commits), alone.held) == (set(shas[1:]), 0)
    files = beside | unpacked("esbuild.tar.gz", "var/task")
    answer = match([files], [COPY], repository, tmp_path)
    assert (answer.verdict, set(answer.commits)) == (ContentVerdict.SUBSET, set(shas[1:4]))
    assert (answer.matched, answer.held) == (3, 2)


def test_a_source_map_does_not_outweigh_the_files_of_an_image(shop: Shop, tmp_path: Path) -> None:
    """An old bundle that was left in a directory of today's sources."""
    repository, _ = shop
    repository.commit({"web/src/index.ts": "// today\n" * 20})
    sha = repository.commit({"web/src/cart.ts": "// today\n" * 20})
    today: dict[str, Content] = {f"srv/{n}.ts": b"// today\n" * 20 for n in ("index", "cart")}
    today["srv/types.ts"] = b"export type Name = string;\n" * 9
    files = today | unpacked("esbuild.tar.gz", "opt/old")
    answer = match([files], ["COPY web/src /srv # buildkit"], repository, tmp_path)
    assert (answer.commits, answer.held) == ((sha,), 0)


def test_a_committed_source_map_speaks_for_itself_only(shop: Shop, tmp_path: Path) -> None:
    """A bundle is committed, of sources that have changed since."""
    repository, _ = shop
    files = unpacked("esbuild.tar.gz", "var/task")
    bundle: dict[str, str | bytes] = {}
    for path, data in files.items():
        assert isinstance(data, bytes)
        bundle[path.replace("var/task", "web")] = data
    sha = repository.commit(bundle)
    repository.commit({"web/dist/index.js": "// built again\n" * 9})
    files["var/task/LICENSE"] = b"of others\n" * 20
    answer = match([files], [], repository, tmp_path)
    assert (answer.newest, answer.held, answer.modified) == (sha, 0, ())


def test_a_bundle_of_others_is_none(shop: Shop, tmp_path: Path) -> None:
    repository, _ = shop
    document = {"version": 3, "sources": ["../src/index.ts"], "sourcesContent": [TEXT * 9]}
    files: dict[str, Content] = {"var/task/index.js.map": json.dumps(document).encode()}
    answer = match([files], [COPY], repository, tmp_path)
    assert (answer.verdict, answer.held) == (ContentVerdict.NONE, 0)
    packages = unpacked("esbuild.tar.gz", "var/task/node_modules/@acme/web")
    answer = match([packages], [COPY], repository, tmp_path)
    assert answer.verdict is ContentVerdict.NONE


def test_a_jar_leads_to_its_resources(shop: Shop, tmp_path: Path) -> None:
    repository, shas = shop
    jar: dict[str, Content] = {"app/shop.jar": artefact("shop.jar"), "app/run.sh": b"java\n" * 40}
    answer = match([jar], ["COPY shop.jar run.sh /app/ # buildkit"], repository, tmp_path)
    assert (answer.verdict, set(answer.commits)) == (ContentVerdict.SUBSET, set(shas[1:4]))
    assert (answer.matched, answer.held) == (2, 2)
    assert answer.maps == (("app/shop.jar!", "java/resources"),)
    assert grade_of(answer) is Grade.SUPPORT


def test_a_resource_that_the_build_filled_in_says_nothing(shop: Shop, tmp_path: Path) -> None:
    repository, shas = shop
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as jar:
        jar.writestr("templates/order.txt", sources()["java/resources/templates/order.txt"])
        jar.writestr("application.properties", "shop.version=1.2.0\n" * 9)
        jar.writestr("shop/Shop.class", b"\xca\xfe\xba\xbe" * 9)
    answer = match([{"app/shop.jar": out.getvalue()}], [], repository, tmp_path)
    assert (answer.verdict, set(answer.commits)) == (ContentVerdict.SUBSET, set(shas[1:4]))
    assert (answer.held, answer.modified, answer.unexplained) == (1, (), ())


def held(path: str, document: object) -> dict[str, str]:
    data = json.dumps(document).encode() if not isinstance(document, bytes) else document
    return {name: content.decode() for name, content in originals(path, data)}


def one(source: object, **fields: object) -> dict[str, object]:
    return {"version": 3, "sources": [source], "sourcesContent": [TEXT], **fields}


@pytest.mark.parametrize(
    ("source", "root", "name"),
    [
        ("../src/a.ts", "", "app/src/a.ts"),
        ("a.ts", "../src", "app/src/a.ts"),
        ("a.ts", "/build/src/", "build/src/a.ts"),
        ("../../../../../src/a.ts", "", "src/a.ts"),
        ("/build/src/a.ts", "ignored", "build/src/a.ts"),
        ("file:///build/src/a.ts", "", "build/src/a.ts"),
        ("../vendor/tool/a.ts", "", "app/vendor/tool/a.ts"),
        ("webpack:///./src/a.ts", "", "app/dist/src/a.ts"),
        ("webpack://@acme/web/./src/a.ts", "", "app/dist/src/a.ts"),
        ("webpack://shop/../src/a.ts", "", "app/src/a.ts"),
        ("C:\\build\\src\\a.ts", "", "build/src/a.ts"),
    ],
)
def test_where_a_source_lies(source: str, root: str, name: str) -> None:
    sources = held("app/dist/index.js.map", one(source, sourceRoot=root))
    assert sources == {f"[source map]/{name}": TEXT}


@pytest.mark.parametrize(
    "document",
    [
        one("../node_modules/left-pad/index.js"),
        one("webpack://shop/webpack/bootstrap"),
        one('webpack://shop/external commonjs "fs"'),
        one("webpack:///./src/App.vue?2f1a"),
        one("../bower_components/left-pad/index.js"),
        one(None),
        one("a\0.ts"),
        one("a" * 2000),
        {"version": 3, "sources": ["a.ts"]},
        {"version": 3, "sources": ["a.ts"], "sourcesContent": [None]},
        {"version": 3, "sources": ["a.ts", "a.ts"], "sourcesContent": [TEXT, f"{TEXT}//\n"]},
        {"version": 3, "sources": "a.ts", "sourcesContent": TEXT},
        {"version": 3, "sections": [{"url": "https://example.com/index.js.map"}]},
        {"version": 3, "sections": [{"map": {"sections": [{"map": one("a.ts")}]}}]},
        [],
        b"{",
        b"[" * 100_000,
        b'{"sources": ["a.ts"], "sourcesContent": ["\\ud800"]}',
    ],
)
def test_a_source_map_that_holds_nothing_of_the_project(document: object) -> None:
    assert held("app/index.js.map", document) == {}


def test_sections_and_lines_against_inclusion() -> None:
    sections = {"version": 3, "sections": [{"map": one("a.ts")}, {"map": one("b.ts")}]}
    names = {"[source map]/app/a.ts": TEXT, "[source map]/app/b.ts": TEXT}
    assert held("app/index.js.map", sections) == names
    marked = b")]}'\n" + json.dumps(sections).encode()
    assert held("app/index.js.map", marked) == names


def test_an_inline_map_counts_at_the_end_of_a_script_only() -> None:
    packed = base64.b64encode(json.dumps(one("a.ts")).encode())
    line = b"\n//# sourceMappingURL=data:application/json;base64,"
    sources = {"[source map]/app/a.ts": TEXT}
    assert held("app/index.js", b"run()" + line + packed + b"\n") == sources
    assert held("app/index.txt", b"run()" + line + packed) == {}
    assert held("app/index.js", b"run()" + line + packed + b"\nrun()") == {}
    assert held("app/index.js", b"run()" + line + packed[:-3]) == {}
    assert held("app/index.js", b"run()" + line[:-8] + b"," + packed) == {}


def test_hostile_maps_and_jars_are_bounded() -> None:
    many = {
        "version": 3,
        "sources": [f"{number}.ts" for number in range(6_000)],
        "sourcesContent": [TEXT] * 6_000,
    }
    assert len(held("app/index.js.map", many)) == 5_000
    assert held("app/index.js.map", b" " * (MAP_BYTES + 1)) == {}
    assert may_hold("app/node_modules/a/index.js.map") == may_hold("app/index.ts") == 0
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as jar:
        for number in range(400):
            jar.writestr(f"{number}.txt", bytes(100_000))
        jar.writestr("../out.txt", TEXT)
    assert sum(map(len, held("app.jar", out.getvalue()).values())) <= 8 << 20
    assert held("app.jar", out.getvalue()[:-9]) == {}
    assert held("app.jar", b"PK\x01\x02" * 60_001) == {}


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_zipfile_would_inflate_without_bound_is_left(compression: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as jar:
        jar.writestr("a.txt", TEXT)
    assert held("app.jar", out.getvalue()) == {}
