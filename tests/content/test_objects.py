"""What object names lead to, asked once for all and one after another of a git that goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from jotgraph.content.history.objects import Objects, resolve
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository


@pytest.fixture
def shop(git_repository: NewRepository) -> Repository:
    repository = git_repository()
    repository.commit({"src/app.py": "app\n", "a b": "text\n"})
    return repository


@pytest.fixture
def objects(shop: Repository) -> Iterator[Objects]:
    with closing(Objects(shop.path)) as opened:
        yield opened


def kinds(objects: list[tuple[bytes, str] | None]) -> list[str | None]:
    return [item and item[1] for item in objects]


NAMES = {
    b"HEAD": "commit",
    b"HEAD:": "tree",
    b"HEAD:src": "tree",
    b"HEAD:src/app.py": "blob",
    b"HEAD:a b": "blob",
    b"HEAD:none": None,
    b"HEAD:a\rb blob": None,
    b"0" * 40: None,
}


def test_both_ways_say_the_same(shop: Repository, objects: Objects) -> None:
    names = list(NAMES)
    assert kinds(resolve(shop.path, names)) == list(NAMES.values())
    assert objects.resolve(names) == resolve(shop.path, names)
    assert objects.resolve(names[:1]) == [(bytes.fromhex(shop.head), "commit")]
    many = names * 100
    assert objects.resolve(many) == resolve(shop.path, many)
    assert objects.resolve([]) == resolve(shop.path, []) == []


def test_bytes_and_kinds_are_asked_by_turns(objects: Objects) -> None:
    ((oid, _),) = filter(None, objects.resolve([b"HEAD:src/app.py"]))
    assert objects.read(oid) == b"app\n"
    assert kinds(objects.resolve([b"HEAD:none", b"HEAD:a b"])) == [None, "blob"]
    assert objects.named(b"HEAD:a b") == b"text\n"
    assert objects.named(b"HEAD:none") == b""
