"""Revisions that files of an image name, from layer bytes to facts."""

from __future__ import annotations

import json

import pytest

from jotgraph.records import FileFact
from jotgraph.sources.content.blobs import CHUNK, WHOLE, file_ids
from jotgraph.sources.content.facts import fact_of, facts
from jotgraph.sources.content.tar_stream import read_layer
from tests.sources.content.images import Content, layer

SHA = "5a" * 20
OTHER = "6b" * 20


def told(files: dict[str, Content]) -> tuple[FileFact, ...]:
    read = read_layer([layer(files)], None)
    return facts({e.path: e.ids.fact for e in read.entries if e.ids and e.ids.fact})


@pytest.mark.parametrize(
    ("path", "content", "fact"),
    [
        ("app/.git/HEAD", SHA, ("git", SHA, "", False)),
        ("app/REVISION", f"{SHA}\n", ("file", SHA, "", False)),
        (
            "git.properties",
            f"git.dirty=true\ngit.commit.id={SHA}",
            ("git.properties", SHA, "", True),
        ),
        ("srv/package.json", json.dumps({"gitHead": SHA}), ("gitHead", SHA, "", False)),
        (
            "opt/site-packages/shop-1.dist-info/direct_url.json",
            json.dumps({"url": "https://u:p@example.com/shop", "vcs_info": {"commit_id": SHA}}),
            ("pep610", SHA, "https://example.com/shop", False),
        ),
        (".cargo_vcs_info.json", json.dumps({"git": {"sha1": SHA}}), ("cargo", SHA, "", False)),
        (
            "bootstrap",
            f"\x7fELF\0build\tvcs.revision={SHA}\nbuild\tvcs.modified=true\n\0",
            ("go", SHA, "", True),
        ),
    ],
)
def test_a_file_that_names_a_revision(
    path: str, content: str, fact: tuple[str, str, str, bool]
) -> None:
    assert told({path: content.encode()}) == (FileFact(path, *fact),)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("app/node_modules/left/package.json", json.dumps({"gitHead": SHA})),
        ("app/REVISION", "1.2.3"),
        ("app/REVISION", f"see {SHA}"),
        ("app/package.json", "{"),
        ("app/package.json", json.dumps({"gitHead": 7})),
        ("app/.git/HEAD", "ref: refs/heads/main"),
        ("app/.git/config", SHA),
        ("app/notes.txt", SHA),
        ("bootstrap", f"vcs.revision={SHA}"),
        ("direct_url.json", json.dumps({"url": "file:///src", "dir_info": {}})),
    ],
)
def test_a_file_that_names_none(path: str, content: str) -> None:
    assert told({path: content.encode()}) == ()


@pytest.mark.parametrize(
    "tip", [("app/.git/refs/heads/main", SHA), ("app/.git/packed-refs", f"{SHA} refs/heads/main\n")]
)
def test_head_is_followed_to_its_branch(tip: tuple[str, str]) -> None:
    files: dict[str, Content] = {
        "app/.git/HEAD": b"ref: refs/heads/main\n",
        "app/.git/refs/heads/other": OTHER.encode(),
        tip[0]: tip[1].encode(),
    }
    assert told(files) == (FileFact("app/.git/HEAD", "git", SHA),)


def test_a_large_program_is_searched_piece_by_piece() -> None:
    mark = f"vcs.revision={SHA}\n".encode()
    before = CHUNK - len(mark) // 2
    data = b"\x7fELF" + b"\0" * (before - 4) + mark
    data += b"\0" * (WHOLE + 1 - len(data))
    at = 0

    def read(size: int) -> bytes:
        nonlocal at
        at += size
        return data[at - size : at]

    assert file_ids(read, len(data), path="bootstrap").fact == f"go {SHA}"


def test_bytes_that_are_no_text_name_nothing() -> None:
    assert fact_of("REVISION", b"\xff" * 40) == ""
