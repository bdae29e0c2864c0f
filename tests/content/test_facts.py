"""Revisions that files of an image name, from layer bytes to facts."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.content.image.blobs import WHOLE
from jotgraph.content.image.tar_stream import read_layer
from jotgraph.content.revisions.facts import _BY_NAME, fact_of, facts, held_whole
from jotgraph.content.revisions.programs import JAR_BYTES, jar_revision
from jotgraph.content.revisions.texts import as_revision
from jotgraph.records import FileFact
from tests.content.images import Content, layer
from tests.factories import file_fact

SHA = "5a" * 20
OTHER = "6b" * 20


def told(files: dict[str, Content]) -> tuple[FileFact, ...]:
    read = read_layer([layer(files)], None)
    return facts({e.path: e.ids.fact for e in read.entries if e.ids and e.ids.fact})


PACKAGES = "opt/site-packages/shop-1.dist-info"
SCM = "__version__ = version = '{}'\n__version_tuple__ = version_tuple = (0, 1)\n"
VERSIONEER = """
version_json = '''
{{
 "date": "2026-03-01T12:00:00+0000",
 "dirty": {},
 "error": null,
 "full-revisionid": "{}",
 "version": "1.2+3.g5a5a5a5"
}}
'''  # END VERSION_JSON
"""
COMPOSER = """<?php return array(
    'root' => array(
        'name' => 'team/shop',
        'pretty_version' => 'dev-main',
        'reference' => '{}',
        'type' => 'project',
    ),
    'versions' => array('other/lib' => array('reference' => '{}')),
);"""


def jar(files: dict[str, str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text, compression)
    return out.getvalue()


def assembly(version: str) -> bytes:
    """The strings of a version resource (VS_VERSIONINFO) in a Windows executable."""
    strings = "".join(f"{key}\0\0{value}\0" for key, value in (("FileVersion", "1.0.0.0"),))
    return b"MZ\x90" + f"{strings}ProductVersion\0\0{version}\0\0".encode("utf-16-le")


@pytest.mark.parametrize(
    ("path", "content", "fact"),
    [
        ("app/.git/HEAD", SHA, ("git", SHA, "", False)),
        ("app/REVISION", f"{SHA}\n", ("file", SHA, "", False)),
        ("app/REVISION", "5a5a5a5", ("file", "5a5a5a5", "", False)),
        ("app/commit.txt", "g1234567-dirty", ("file", "1234567", "", True)),
        ("app/VERSION", "v1.2-4-g5a5a5a5\n", ("file", "5a5a5a5", "", False)),
        (
            "git.properties",
            f"#x\ngit.dirty=true\ngit.commit.id.abbrev=5a5a5a5\ngit.commit.id={SHA}\n"
            "git.remote.origin.url=https\\://u\\:p@example.com/shop.git",
            ("git.properties", SHA, "https://example.com/shop.git", True),
        ),
        (
            "app/META-INF/build-info.properties",
            f"build.version=1.2\nbuild.git-commit={SHA}",
            ("build-info", SHA, "", False),
        ),
        (
            "app/META-INF/MANIFEST.MF",
            f"Manifest-Version: 1.0\r\nSCM-Revision: {SHA[:30]}\r\n {SHA[30:]}\r\n\r\nName: x\r\n",
            ("manifest", SHA, "", False),
        ),
        ("srv/package.json", json.dumps({"gitHead": SHA}), ("gitHead", SHA, "", False)),
        (
            "srv/version.json",
            json.dumps({"source": "https://example.com/shop", "version": "1", "commit": SHA}),
            ("json", SHA, "https://example.com/shop", False),
        ),
        (
            "srv/git.json",
            json.dumps({"git": {"branch": "main", "commit": {"id": "5a5a5a5", "time": "x"}}}),
            ("json", "5a5a5a5", "", False),
        ),
        (
            f"{PACKAGES}/direct_url.json",
            json.dumps({"url": "https://u:p@example.com/shop", "vcs_info": {"commit_id": SHA}}),
            ("pep610", SHA, "https://example.com/shop", False, True),
        ),
        (
            f"{PACKAGES}/METADATA",
            "Metadata-Version: 2.1\nName: shop\nVersion: 0.2.dev3+g5a5a5a5.d20260301\n\nVersion: 1",
            ("python-version", "5a5a5a5", "", True, True),
        ),
        (
            f"{PACKAGES}/pbr.json",
            json.dumps({"git_version": "5a5a5a5", "is_release": False}),
            ("pbr", "5a5a5a5", "", False, True),
        ),
        (
            "shop/_version.py",
            SCM.format("0.2.dev3+g5a5a5a5"),
            ("python-version", "5a5a5a5", "", False, True),
        ),
        (
            "shop/_version.py",
            SCM.format("0.2.dev3+g5a5a5a5.d20260301") + "__commit_id__ = commit_id = 'g5a5a5a5a5'",
            ("python-version", "5a5a5a5a5", "", True, True),
        ),
        (
            "shop/_version.py",
            VERSIONEER.format("true", SHA),
            ("python-version", SHA, "", True, True),
        ),
        (".cargo_vcs_info.json", json.dumps({"git": {"sha1": SHA}}), ("cargo", SHA, "", False)),
        (
            "vendor/composer/installed.php",
            COMPOSER.format(SHA, OTHER),
            ("composer", SHA, "", False, True),
        ),
        ("app/.git_archival.txt", f"node: {SHA}\nnode-date: x", ("archive", SHA, "", False)),
        (
            "bootstrap",
            f"\x7fELF\0\nbuild\tvcs.revision={SHA}\nbuild\tvcs.modified=true\n\0",
            ("go", SHA, "", True),
        ),
    ],
)
def test_a_file_that_names_a_revision(path: str, content: str, fact: tuple[Any, ...]) -> None:
    assert told({path: content.encode()}) == (file_fact(path, *fact),)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("app/node_modules/left/package.json", json.dumps({"gitHead": SHA})),
        ("root/.cargo/registry/src/x/a-1/.cargo_vcs_info.json", json.dumps({"git": {"sha1": SHA}})),
        ("app/REVISION", "1.2.3"),
        ("app/REVISION", "20240131"),
        ("app/REVISION", f"see {SHA}"),
        ("app/VERSION", "5a5a5a5"),
        ("app/VERSION", "1.2+20240131"),
        ("app/VERSION", "1.2+local"),
        ("app/package.json", "{"),
        ("app/package.json", "[" * 100_000),
        ("app/package.json", json.dumps({"gitHead": 7})),
        ("app/version.json", json.dumps({"commit": 7, "version": "1.2", "id": SHA})),
        ("app/version.json", json.dumps([SHA])),
        ("app/.git/HEAD", "ref: refs/heads/main"),
        ("app/.git/config", SHA),
        ("app/notes.txt", SHA),
        ("bootstrap", f"vcs.revision={SHA}"),
        ("direct_url.json", json.dumps({"url": "file:///src", "dir_info": {}})),
        ("x.dist-info/METADATA", f"Name: shop\nVersion: 1.2\n\nVersion: 1+g{SHA}"),
        ("shop/_version.py", SCM.format("0.2")),
        ("shop/_version.py", f"# {SHA}\nother = '1+g5a5a5a5'"),
        ("x/META-INF/MANIFEST.MF", f"Manifest-Version: 1.0\n\nName: a\nGit-Commit: {SHA}"),
        ("x/META-INF/MANIFEST.MF", "Implementation-Version: 1.2-5a5a5a5"),
        ("git.properties", f"git.commit.message={SHA}\ngit.commit.id=20240131"),
        ("vendor/composer/installed.php", COMPOSER.format("dev", OTHER)),
        ("app/.git_archival.txt", "node: $Format:%H$"),
        ("Shop.dll", "MZ"),
        ("shop.jar", "PK\3\4"),
    ],
)
def test_a_file_that_names_none(path: str, content: str) -> None:
    assert told({path: content.encode()}) == ()


def test_jars() -> None:
    main = f"Manifest-Version: 1.0\nGit-Commit: {OTHER}\n"
    properties = f"git.commit.id.full={SHA}\n"
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        plain = jar({"META-INF/MANIFEST.MF": main}, compression)
        assert told({"app/shop.jar": plain}) == (file_fact("app/shop.jar", "manifest", OTHER),)
    boot = {"META-INF/MANIFEST.MF": main, "BOOT-INF/classes/git.properties": properties}
    assert told({"app.jar": jar(boot)}) == (file_fact("app.jar", "git.properties", SHA),)
    (fact,) = told({"var/task/lib/shop.jar": jar(boot)})
    assert fact.package
    assert told({"app.jar": jar({"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n"})}) == ()
    assert told({"app.jar": jar({"BOOT-INF/lib/x.jar": main, "x/git.properties": main})}) == ()


def test_a_large_jar_is_held_whole_up_to_a_bound() -> None:
    named = {"git.properties": f"git.commit.id={SHA}"}
    large = jar({"a": "x" * (WHOLE + 1), **named}, zipfile.ZIP_STORED)
    assert told({"app.jar": large}) == (file_fact("app.jar", "git.properties", SHA),)
    assert held_whole("app.jar") == JAR_BYTES
    assert held_whole("node_modules/app.jar") == held_whole("app.bin") == 0


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_jar_that_zipfile_would_inflate_without_bound_is_left(compression: int) -> None:
    assert jar_revision(jar({"git.properties": f"git.commit.id={SHA}"}, compression)) == ""


def test_hostile_jars_say_nothing() -> None:
    good = jar({"git.properties": f"git.commit.id={SHA}\n"})
    assert jar_revision(good)
    bomb = jar({"git.properties": f"git.commit.id={SHA}\n" + "\n" * (2 << 20)})
    assert len(bomb) < 10_000
    assert jar_revision(bomb) == ""
    assert jar_revision(good + b"PK\x01\x02" * 60_001) == ""


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_jar_never_raises(at: int, junk: bytes) -> None:
    good = jar({"META-INF/MANIFEST.MF": "A: 1\n" * 30, "git.properties": f"git.commit.id={SHA}"})
    place = at % len(good)
    revision = jar_revision(good[:place] + junk + good[place + len(junk) :])
    assert revision in ("", f"git.properties {SHA}") or len(revision) < 600


@given(
    st.sampled_from((*_BY_NAME, "REVISION", "a.dll", "a.jar", "vendor/composer/installed.php")),
    st.sampled_from((b"", b"MZ", b"PK\x03\x04", b"\x7fELF", b"{", b"Version: ", b"version = '")),
    st.binary(max_size=200),
)
def test_any_bytes_at_all_are_a_fact_or_none(name: str, head: bytes, tail: bytes) -> None:
    kind, _, value = fact_of(name, head + tail).partition(" ")
    assert not value or as_revision(value.split(" ")[0], short=True)
    assert facts({name: f"{kind} {value}"}) is not None


def test_the_assembly_of_an_application() -> None:
    files: dict[str, Content] = {
        "app/Shop.dll": assembly(f"1.2.0+{SHA}"),
        "app/Shop.deps.json": b"{}",
        "app/Library.dll": assembly(f"3.0.0-beta+{OTHER}"),
        "app/Plain.dll": assembly("3.0.0"),
    }
    assert told(files) == (
        file_fact("app/Library.dll", "dotnet", OTHER, package=True),
        file_fact("app/Shop.dll", "dotnet", SHA),
    )


def test_facts_of_packages_give_way() -> None:
    many = {f"a/site-packages/p{n}/_version.py": f"python-version {SHA}" for n in range(80)}
    kept = facts({**many, "z/REVISION": f"file {OTHER}"})
    assert len(kept) == 50
    assert kept[-1] == file_fact("z/REVISION", "file", OTHER)


@pytest.mark.parametrize(
    "tip", [("app/.git/refs/heads/main", SHA), ("app/.git/packed-refs", f"{SHA} refs/heads/main\n")]
)
def test_head_is_followed_to_its_branch(tip: tuple[str, str]) -> None:
    files: dict[str, Content] = {
        "app/.git/HEAD": b"ref: refs/heads/main\n",
        "app/.git/refs/heads/other": OTHER.encode(),
        tip[0]: tip[1].encode(),
    }
    assert told(files) == (file_fact("app/.git/HEAD", "git", SHA),)


def test_bytes_that_are_no_text_name_nothing() -> None:
    assert fact_of("REVISION", b"\xff" * 40) == ""
