"""Revisions that files of an image name."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.provenance import commits_of
from jotgraph.graph import build
from jotgraph.links import Author, Grade, files
from jotgraph.records import ContentVerdict, EcrImage, FileFact, Inventory
from tests.factories import (
    commit,
    content_match,
    ecr_image,
    file_fact,
    git_repository,
    inventory,
    sha,
)
from tests.links.found import found, statements

REMOTE = "https://example.com/team/shop"
LIBRARY = "https://example.com/team/lib"
PAIR = [(ecr_image(1, repository="orders").id, f"commit:{sha(1)}")]


def world(
    *facts: FileFact, verdict: ContentVerdict = ContentVerdict.NONE, image: EcrImage | None = None
) -> Inventory:
    image = image or ecr_image(1, repository="orders")
    files_of = "shop" if verdict is not ContentVerdict.NONE else ""
    match = content_match(image.id, repository=files_of, verdict=verdict, facts=facts)
    library = msgspec.structs.replace(commit(5), repositories=("lib",))
    return inventory(
        git_repository(remote=REMOTE),
        git_repository("lib", remote=LIBRARY),
        commit(1),
        library,
        image,
        match,
    )


def test_a_repository_in_the_image() -> None:
    known = world(file_fact("app/.git/HEAD", "git", sha(1)))
    assert found(files.file_git_head, known) == PAIR
    assert found(files.file_revision, known) == []
    believed = commits_of(build(known), ecr_image(1, repository="orders").id)
    assert (believed.commits, believed.grade) == ((sha(1),), Grade.PROOF)
    assert believed.records[0].author is Author.FILES
    assert found(files.file_git_head, world(file_fact("app/.git/HEAD", "git", sha(2)))) == []


def test_a_file_of_a_build() -> None:
    assert found(files.file_revision, world(file_fact("REVISION", "file", sha(1)))) == PAIR
    assert found(files.file_git_head, world(file_fact("REVISION", "file", sha(1)))) == []
    assert found(files.file_revision, world(file_fact("REVISION", "file", sha(2)))) == []


def test_an_abbreviated_revision() -> None:
    assert found(files.file_revision, world(file_fact("REVISION", "file", sha(1)[:10]))) == PAIR
    assert found(files.file_revision, world(file_fact("REVISION", "file", "abcdef1234"))) == []
    near = file_fact("REVISION", "file", sha(1)[:6])  # too short to mean anything
    assert found(files.file_revision, world(near)) == []
    assert statements(files.file_revision, world(file_fact("V", "dotnet", sha(1)[:9]))) == [
        f"the version of the .NET assembly at V says {sha(1)[:9]}, which begins one commit"
    ]


def test_a_file_that_names_another_repository_says_nothing() -> None:
    own = file_fact("app.jar", "manifest", sha(1), f"{REMOTE}.git")
    other = file_fact("app.jar", "manifest", sha(1), "https://example.com/other/lib")
    assert found(files.file_revision, world(own)) == PAIR
    assert found(files.file_revision, world(other)) == []


WHEEL = "site-packages/shop-1.dist-info/direct_url.json"
PACKAGE = file_fact(WHEEL, "pep610", sha(1), REMOTE, package=True)


def test_a_package_is_the_images_own_when_something_ties_it_to_the_image() -> None:
    labelled = ecr_image(1, repository="orders", labels={"org.opencontainers.image.source": REMOTE})
    assert found(files.file_revision, world(PACKAGE)) == []
    assert found(files.file_revision, world(PACKAGE, verdict=ContentVerdict.WEAK)) == []
    assert found(files.file_revision, world(PACKAGE, verdict=ContentVerdict.SUBSET)) == PAIR
    assert found(files.file_revision, world(PACKAGE, image=labelled)) == PAIR
    named = world(PACKAGE, image=ecr_image(1, repository="team/shop"))
    assert len(found(files.file_revision, named)) == 1


def test_a_dependency_from_a_repository_of_ours_is_not_the_image() -> None:
    """The library's repository is read too, and holds the commit."""
    library = file_fact("site-packages/lib/_version.py", "python-version", sha(5), package=True)
    for verdict in ContentVerdict:
        assert found(files.file_revision, world(library, verdict=verdict)) == []
    git_of = file_fact("vendor/lib/.git/HEAD", "git", sha(5), package=True)
    assert found(files.file_git_head, world(git_of)) == []
    own = file_fact("REVISION", "file", sha(1))
    assert found(files.file_revision, world(own, library)) == PAIR


def test_of_two_programs_of_two_repositories_the_one_that_is_tied_counts() -> None:
    programs = (file_fact("app", "go", sha(1)), file_fact("usr/bin/tool", "go", sha(5)))
    assert found(files.file_revision, world(*programs)) == []
    assert found(files.file_revision, world(*programs, verdict=ContentVerdict.EXACT)) == PAIR


def released(
    version: str, *tags: str, verdict: ContentVerdict = ContentVerdict.SUBSET
) -> Inventory:
    """An image of the commits 1 and 2 of the shop, with a package in a version."""
    image = ecr_image(1, repository="orders")
    fact = file_fact("a-1.dist-info/RECORD", "release", version, package=True)
    match = content_match(
        image.id, sha(2), sha(1), repository="shop", verdict=verdict, facts=(fact,)
    )
    refs = tuple((f"refs/tags/{tag}", sha(1)) for tag in tags)
    other = msgspec.structs.replace(commit(5), repositories=("lib",))
    return inventory(
        git_repository(remote=REMOTE, refs=(*refs, ("refs/tags/v9.9.9", sha(3)))),
        git_repository("lib", remote=LIBRARY, refs=(("refs/tags/v1.2.0", sha(5)),)),
        commit(1),
        commit(2),
        commit(3),
        other,
        image,
        match,
    )


def test_a_release_picks_of_the_commits_that_have_the_files() -> None:
    assert found(files.file_release, released("1.2.0", "v1.2.0")) == PAIR
    assert found(files.file_release, released("1.2.0", "1.2.0")) == PAIR
    assert found(files.file_revision, released("1.2.0", "v1.2.0")) == []
    assert statements(files.file_release, released("1.2.0", "v1.2.0")) == [
        "the Python package at a-1.dist-info/RECORD is version 1.2.0, which is the git tag v1.2.0 "
        "of shop"
    ]
    part = commits_of(build(released("1.2.0", "v1.2.0")), PAIR[0][0])
    assert (part.commits, part.grade) == ((sha(1),), Grade.SUPPORT)
    exact = released("1.2.0", "v1.2.0", verdict=ContentVerdict.EXACT)
    believed = commits_of(build(exact), PAIR[0][0])
    assert (set(believed.commits), believed.picked) == ({sha(2), sha(1)}, (sha(1),))
    assert believed.grade is Grade.PROOF


def test_a_release_without_a_tag_on_such_a_commit_picks_none() -> None:
    assert found(files.file_release, released("1.2.1", "v1.2.0")) == []
    assert found(files.file_release, released("9.9.9", "v1.2.0")) == []
    near = released("1.2.0", "v1.2.0", verdict=ContentVerdict.NEAREST)
    assert found(files.file_release, near) == []
