"""HEAD as an image of a folder names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.sources.git.head import Head, head_of
from tests.rig.git import START, new_repository


def test_a_folder_below_the_top(tmp_path: Path) -> None:
    repository = new_repository(tmp_path / "shop")
    repository.commit({"lib/a.py": "a\n", "functions/pay me/app.py": "b\n"})
    repository.git("remote", "add", "backup", "https://example.com/other.git")
    repository.git("remote", "add", "origin", "https://ada:secret@example.com/o/shop.git?token=x")
    repository.git("tag", "-a", "v1.2", "-m", "v1.2")
    folder = repository.path / "functions/pay me"
    assert head_of(folder) == Head(
        revision=repository.head,
        committed_at=START,
        folder="functions/pay me",
        tree=repository.git("rev-parse", "HEAD:functions/pay me"),
        version="v1.2",
        source="https://example.com/o/shop.git",
    )


def test_the_top_without_a_tag_or_a_remote(tmp_path: Path) -> None:
    repository = new_repository(tmp_path / "shop")
    repository.commit({"a.py": "a\n"})
    head = head_of(repository.path)
    assert head is not None
    assert (head.folder, head.tree) == (".", repository.git("rev-parse", "HEAD^{tree}"))
    assert (head.version, head.source) == (repository.head[:12], "")


def test_a_folder_that_the_commit_lacks(tmp_path: Path) -> None:
    repository = new_repository(tmp_path / "shop")
    repository.commit({"a.py": "a\n"})
    repository.write({"new/a.py": "a\n"})
    head = head_of(repository.path / "new")
    assert head is not None
    assert (head.folder, head.tree) == ("new", "")


@pytest.mark.parametrize(
    ("remotes", "expected"),
    [
        ({"up": "git@example.com:o/shop.git"}, "git@example.com:o/shop.git"),
        ({"up": "ssh://git:pw@example.com/o/shop"}, "ssh://git@example.com/o/shop"),
        ({"up": "/home/ada/shop"}, ""),
        ({"up": "../shop"}, ""),
        ({"origin": "https://example.com/o/\x1b[2J"}, ""),
        ({"up": "https://example.com/a/b", "down": "https://example.com/c/d"}, ""),
    ],
)
def test_the_source(tmp_path: Path, remotes: dict[str, str], expected: str) -> None:
    repository = new_repository(tmp_path / "shop")
    repository.commit({"a.py": "a\n"})
    for name, url in remotes.items():
        repository.git("config", f"remote.{name}.url", url)
    head = head_of(repository.path)
    assert head is not None
    assert head.source == expected


def test_where_nothing_is_committed(tmp_path: Path) -> None:
    assert head_of(new_repository(tmp_path / "shop").path) is None
    assert head_of(tmp_path) is None
