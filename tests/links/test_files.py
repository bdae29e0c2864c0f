"""Revisions that files of an image name."""

from __future__ import annotations

from jotgraph.claims import Writer, commits_of
from jotgraph.graph import build
from jotgraph.links import Grade, files
from jotgraph.records import ContentMatch, ContentVerdict, FileFact, Inventory
from tests.links.build import commit, ecr, found, git, inventory, sha

REMOTE = "https://example.com/team/shop"
PAIR = [(ecr(1).id, f"commit:{sha(1)}")]


def world(*told: FileFact) -> Inventory:
    match = ContentMatch(resource=ecr(1).id, verdict=ContentVerdict.NONE, facts=told)
    return inventory(
        git=(git(remote=REMOTE),), commits=(commit(1),), ecr_images=(ecr(1),), content=(match,)
    )


def test_a_repository_in_the_image() -> None:
    known = world(FileFact("app/.git/HEAD", "git", sha(1)))
    assert found(files.file_git_head, known) == PAIR
    assert found(files.file_revision, known) == []
    believed = commits_of(build(known), ecr(1).id)
    assert (believed.commits, believed.grade) == ((sha(1),), Grade.PROOF)
    assert believed.records[0].writer is Writer.FILES
    assert found(files.file_git_head, world(FileFact("app/.git/HEAD", "git", sha(2)))) == []


def test_a_file_of_a_build() -> None:
    assert found(files.file_revision, world(FileFact("REVISION", "file", sha(1)))) == PAIR
    assert found(files.file_git_head, world(FileFact("REVISION", "file", sha(1)))) == []
    assert found(files.file_revision, world(FileFact("REVISION", "file", sha(2)))) == []


def test_a_package_of_another_repository_says_nothing() -> None:
    own = FileFact("direct_url.json", "pep610", sha(1), f"{REMOTE}.git")
    other = FileFact("direct_url.json", "pep610", sha(1), "https://example.com/other/lib")
    assert found(files.file_revision, world(own)) == PAIR
    assert found(files.file_revision, world(other)) == []
