"""The trees of the folders that labels of images are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.records import Inventory
from jotgraph.sources.git.folder_trees import with_trees
from jotgraph.sources.git.repository import read_git
from tests.factories import inventory, local_image
from tests.rig.git import Repository, new_repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = new_repository(tmp_path / "shop")
    made.commit({"fn/pay me/app.py": "a\n", "lib/x.py": "x\n"})
    return made


def world(repository: Repository, *folders: str, revision: str = "") -> Inventory:
    read = read_git(repository.path)
    images = [
        local_image(
            number,
            labels={
                "org.opencontainers.image.revision": revision or repository.head,
                "jotgraph.folder": folder,
                "jotgraph.tree": "a" * 40,
            },
        )
        for number, folder in enumerate(folders)
    ]
    return inventory(read.repository, *read.commits, *images)


def test_folders_that_the_commit_has(repository: Repository) -> None:
    read = with_trees(world(repository, "fn/pay me", ".", "gone", "lib/x.py"))
    head = repository.head
    assert read.git[0].trees == (
        (f"{head}:.", repository.git("rev-parse", "HEAD^{tree}")),
        (f"{head}:fn/pay me", repository.git("rev-parse", "HEAD:fn/pay me")),
    )
    assert read.gaps == ()


def test_a_dirty_build(repository: Repository) -> None:
    read = with_trees(world(repository, "lib", revision=f"{repository.head}-dirty"))
    assert [name for name, _ in read.git[0].trees] == [f"{repository.head}:lib"]


@pytest.mark.parametrize("folder", ["../x", "/etc", "..", "", "a/../lib", "lib/", "a\nb", "./lib"])
def test_paths_that_git_is_not_asked_for(repository: Repository, folder: str) -> None:
    known = world(repository, folder)
    assert with_trees(known) is known


def test_a_commit_that_was_not_read(repository: Repository) -> None:
    assert with_trees(world(repository, "lib", revision="b" * 40)).git[0].trees == ()


def test_a_repository_that_is_gone(repository: Repository, tmp_path: Path) -> None:
    known = world(repository, "lib")
    repository.path.rename(tmp_path / "elsewhere")
    read = with_trees(known)
    assert read.git[0].trees == ()
    assert [(gap.action, gap.facts) for gap in read.gaps] == [("cat-file", ("trees",))]
