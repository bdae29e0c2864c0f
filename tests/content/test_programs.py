"""Revisions that programs name: Go's build information, .NET's Source Link, crates."""

from __future__ import annotations

import io
import json
import re
import struct
import tarfile
import zlib
from functools import cache

import pytest

from jotgraph.content.image.blobs import CHUNK, WHOLE, file_ids
from jotgraph.content.revisions.facts import fact_of
from jotgraph.content.revisions.source_link import PDB_BYTES, source_link
from tests.content.artefacts import REVISION, artefact
from tests.content.images import Content
from tests.content.test_facts import told
from tests.factories import file_fact

SHA = "5a" * 20
OTHER = "6b" * 20
GITHUB = "https://raw.githubusercontent.com/acme/shop"
KIND = bytes.fromhex("560511cc91a0384d9fec25ab9a351a6a")


def in_pieces(data: bytes) -> str:
    """The fact of a program that is too large to be held whole."""
    at = 0

    def read(size: int) -> bytes:
        nonlocal at
        at += size
        return data[at - size : at]

    return file_ids(read, len(data), path="bootstrap").fact


def test_programs_of_go() -> None:
    assert told({"app/shop": artefact("go-clean")}) == (file_fact("app/shop", "go", REVISION),)
    assert told({"app/shop": artefact("go-dirty")}) == (
        file_fact("app/shop", "go", REVISION, dirty=True),
    )


def test_a_program_of_go_that_was_built_without_git_names_nothing() -> None:
    bare = artefact("go-clean").replace(b"build\tvcs.revision", b"build\t-ldflags=abcd")
    assert fact_of("app/shop", bare) == ""


@pytest.mark.parametrize(
    "text",
    [
        f"usage: vcs.revision={SHA}",
        f"\nbuild\tvcs.revision={SHA}\n",
        f"\nbuild\tvcs.revision={SHA}\nbuild\tvcs.modified=maybe\n",
        f"\nbuild\tvcs.revision={SHA}0\nbuild\tvcs.modified=false\n",
    ],
)
def test_a_text_in_a_program_is_no_build_information(text: str) -> None:
    assert fact_of("app/shop", b"\x7fELF\0" + text.encode()) == ""


@pytest.mark.parametrize("name", ["go-clean", "go-dirty"])
@pytest.mark.parametrize("cut", range(0, 170, 13))
def test_a_dirty_program_is_dirty_wherever_its_pieces_are_cut(name: str, cut: int) -> None:
    program = artefact(name)
    mark = program.index(b"build\tvcs.revision=") + cut
    data = b"\x7fELF" + bytes(CHUNK - 4 - mark) + program
    assert data[CHUNK - cut :].startswith(b"build\tvcs.revision=")
    data += bytes(WHOLE + 1 - len(data))
    assert in_pieces(data) == f"go {REVISION}" + ("-dirty" if name == "go-dirty" else "")


def test_a_program_of_rust_names_its_compiler_only() -> None:
    program = artefact("rust-shop")
    assert re.search(rb"[0-9a-f]{40}", program)
    assert fact_of("app/shop", program) == ""


def test_a_crate_names_the_commit_that_it_was_packed_from() -> None:
    path = "shop-1.2.0/.cargo_vcs_info.json"
    with tarfile.open(fileobj=io.BytesIO(artefact("shop-1.2.0.crate"))) as crate:
        file = crate.extractfile(path)
        assert file is not None
        document = file.read()
    assert told({path: document}) == (file_fact(path, "cargo", REVISION),)
    assert told({path: document.replace(b'"git"', b'"hg"')}) == ()


@pytest.mark.parametrize("name", ["Shop.pdb", "Embedded.dll"])
def test_source_link(name: str) -> None:
    path = f"app/Shop.{name.rpartition('.')[2]}"
    source = "https://github.com/acme/shop"
    assert told({path: artefact(name)}) == (
        file_fact(path, "sourcelink", REVISION, source, package=True),
    )
    beside: dict[str, Content] = {path: artefact(name), "app/Shop.deps.json": b"{}"}
    assert told(beside) == (file_fact(path, "sourcelink", REVISION, source),)


def test_debug_information_without_source_link_names_nothing() -> None:
    assert fact_of("app/Plain.pdb", artefact("Plain.pdb")) == ""
    assert source_link(artefact("Shop.pdb").replace(KIND, bytes(16))) == ""


def pdb(documents: object, *, size: int | None = None) -> bytes:
    """A portable PDB with one blob, in which Source Link is told."""
    blob = json.dumps({"documents": documents}).encode()
    length = size if size is not None else len(blob)
    heap = b"\0" + struct.pack(">H", 0x8000 | length) + blob
    names = (b"#GUID\0\0\0", b"#Blob\0\0\0")
    start = 32 + sum(8 + len(name) for name in names)
    head = b"BSJB" + struct.pack("<HHII", 1, 1, 0, 12) + b"PDB v1.0\0\0\0\0"
    head += struct.pack("<HH", 0, 2)
    head += struct.pack("<II", start, 16) + names[0]
    head += struct.pack("<II", start + 16, len(heap)) + names[1]
    return head + KIND + heap


@pytest.mark.parametrize(
    ("url", "source"),
    [
        (f"{GITHUB}/{SHA}/*", "https://github.com/acme/shop"),
        (f"https://gitlab.com/a/b/shop/-/raw/{SHA}/*", "https://gitlab.com/a/b/shop"),
        (f"https://git.acme.com/team/shop/raw/{SHA}/src/*", "https://git.acme.com/team/shop"),
        (
            f"https://api.bitbucket.org/2.0/repositories/acme/shop/src/{SHA}/*",
            "https://bitbucket.org/acme/shop",
        ),
        (
            "https://dev.azure.com/acme/web/_apis/git/repositories/shop/items"
            f"?api-version=1.0&versionType=commit&version={SHA}&path=/*",
            "https://dev.azure.com/acme/web/_git/shop",
        ),
    ],
)
def test_the_servers_that_source_link_knows(url: str, source: str) -> None:
    assert source_link(pdb({"/src/*": url})) == f"sourcelink {SHA} {source}"


@pytest.mark.parametrize(
    "documents",
    [
        {},
        [SHA],
        {"/src/*": 7},
        {"/src/*": f"{GITHUB}/main/*"},
        {"/src/*": f"{GITHUB}/{SHA}"[:-1]},
        {"/src/*": f"https://acme.com/{SHA}/*"},
        {"/src/*": "https://[/raw/x/"},
        {"/src/one.cs": f"{GITHUB}/{SHA}/one.cs"},
        {"/src/*": f"{GITHUB}/{SHA}/*", "/other/*": f"{GITHUB}/{OTHER}/*"},
    ],
)
def test_source_link_that_names_no_commit_of_one_repository(documents: object) -> None:
    assert source_link(pdb(documents)) == ""


def test_submodules_do_not_speak_for_the_program() -> None:
    documents = {
        "/src/lib/*": f"https://raw.githubusercontent.com/acme/lib/{OTHER}/*",
        "/src/*": f"{GITHUB}/{SHA}/*",
    }
    assert source_link(pdb(documents)) == f"sourcelink {SHA} https://github.com/acme/shop"


def test_hostile_debug_information_names_nothing() -> None:
    good = pdb({"/src/*": f"{GITHUB}/{SHA}/*"})
    assert source_link(good)
    assert source_link(pdb({"/src/*": f"{GITHUB}/{SHA}/*"}, size=9)) == ""
    assert source_link(good + bytes(PDB_BYTES)) == ""
    assert source_link(pdb("[" * 5000)) == ""
    for length in range(0, len(good), 3):
        assert source_link(good[:length]) == ""


@pytest.mark.parametrize("size", [0, 9, PDB_BYTES + 1, 2**32 - 1])
def test_an_embedded_pdb_is_inflated_no_further_than_it_says(size: int) -> None:
    assert source_link(b"MZ\x90MPDB" + struct.pack("<I", size) + bomb()) == ""


@cache
def bomb() -> bytes:
    packed = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packed.compress(pdb({"/src/*": f"{GITHUB}/{SHA}/*"}) + bytes(PDB_BYTES)) + packed.flush()
