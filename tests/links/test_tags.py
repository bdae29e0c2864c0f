"""Rules on tag text."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jotgraph.links import tags
from jotgraph.records import ImageType, Inventory, commit_id
from tests.factories import commit, ecr_image, git_repository, inventory, local_image, sha
from tests.links.found import found

ALL = (
    tags.tag_full_sha,
    tags.tag_short_sha,
    tags.tag_short_sha_weak,
    tags.tag_describe,
    tags.tag_describe_unconfirmed,
    tags.tag_git_tag,
)
DIGITS = "1234567" + "a" * 33
HISTORY = (
    commit(1),
    commit(20, 1),
    commit(30, 1),
    commit(40, 20, 30),
    commit(500, 40),
)
"""1 - (20, 30) - 40 (a merge) - 500."""


def world(*names: str, repository: str = "team/shop", **fields: Any) -> Inventory:
    return inventory(
        *HISTORY,
        git_repository(head=500, tags={"v1.0.0": 1, "release-2": 20}),
        ecr_image(1, *names, repository=repository, **fields),
    )


def said(tag: str, repository: str = "team/shop") -> dict[str, list[str]]:
    where = world(tag, repository=repository)
    every = {rule.name: [target for _, target in found(rule, where)] for rule in ALL}
    return {name: targets for name, targets in every.items() if targets}


FIVE = commit_id(sha(500))


@pytest.mark.parametrize("form", ["{}", "sha-{}", "main-{}", "git-{}", "v1_{}", "{}-dirty"])
def test_a_full_revision(form: str) -> None:
    assert said(form.format(sha(500))) == {"tag_full_sha": [FIVE]}


@pytest.mark.parametrize("form", ["x{}", "{}-x", "{}0"])
def test_a_full_revision_that_is_part_of_something_else(form: str) -> None:
    assert said(form.format(sha(500))) == {}


@pytest.mark.parametrize("form", ["{}", "sha-{}", "g{}", "git-{}", "main-{}", "{}-dirty"])
def test_a_short_revision(form: str) -> None:
    assert said(form.format(sha(500)[:8])) == {"tag_short_sha": [FIVE]}


@pytest.mark.parametrize("tag", [sha(500)[:6], "bbbbbbb", "latest", "prod", "20240131", ""])
def test_what_begins_no_commit_says_nothing(tag: str) -> None:
    assert said(tag) == {}


def test_digits_alone_are_a_hint_and_with_a_prefix_more() -> None:
    numbers = inventory(
        commit(DIGITS),
        ecr_image(1, "1234567"),
        ecr_image(2, "g1234567"),
        ecr_image(3, "sha-1234567"),
    )
    assert found(tags.tag_short_sha_weak, numbers) == [(ecr_image(1).id, commit_id(DIGITS))]
    assert found(tags.tag_short_sha, numbers) == [
        (ecr_image(2).id, commit_id(DIGITS)),
        (ecr_image(3).id, commit_id(DIGITS)),
    ]


def test_digits_that_begin_two_commits_hint_at_each() -> None:
    two = inventory(commit(16), commit(17), ecr_image(1, sha(16)[:7]))
    assert found(tags.tag_short_sha, two) == []
    assert found(tags.tag_short_sha_weak, two) == [
        (ecr_image(1).id, commit_id(sha(16))),
        (ecr_image(1).id, commit_id(sha(17))),
    ]


def test_among_very_many_commits_seven_digits_are_a_hint() -> None:
    many = tuple(commit(n * 16) for n in range(30_000))
    crowd = inventory(*many, ecr_image(1, sha(16)[:7]), ecr_image(2, sha(16)[:8]))
    assert found(tags.tag_short_sha_weak, crowd) == [(ecr_image(1).id, commit_id(sha(16)))]
    assert found(tags.tag_short_sha, crowd) == [(ecr_image(2).id, commit_id(sha(16)))]


@pytest.mark.parametrize(
    ("tag", "start"), [("v1.0.0-4-g{}", 1), ("release-2-3-g{}", 20), ("v1.0.0-4-g{}-dirty", 1)]
)
def test_a_git_describe_whose_distance_holds(tag: str, start: int) -> None:
    assert said(tag.format(sha(500)[:8])) == {"tag_describe": [FIVE]}


@pytest.mark.parametrize("tag", ["v1.0.0-3-g{}", "v9.0.0-4-g{}", "release-2-4-g{}"])
def test_a_git_describe_whose_distance_does_not(tag: str) -> None:
    assert said(tag.format(sha(500)[:8])) == {"tag_describe_unconfirmed": [FIVE]}


def test_a_git_describe_in_a_shallow_clone_cannot_be_confirmed() -> None:
    where = world(f"v1.0.0-4-g{sha(500)[:8]}")
    cut = msgspec.structs.replace(
        where,
        git=tuple(msgspec.structs.replace(repository, shallow=True) for repository in where.git),
    )
    assert found(tags.tag_describe, cut) == []
    assert len(found(tags.tag_describe_unconfirmed, cut)) == 1


def test_a_git_describe_of_no_known_commit_says_nothing() -> None:
    assert said("v1.0.0-4-gbbbbbbb") == {}


@pytest.mark.parametrize("tag", ["1.0.0", "v1.0.0"])
def test_a_version_that_is_a_git_tag_of_the_repository_of_that_name(tag: str) -> None:
    assert said(tag) == {"tag_git_tag": [commit_id(sha(1))]}


@pytest.mark.parametrize("tag", ["1.0.1", "1.0", "1.0.0.0", "release-2", "v1.0.0-arm64"])
def test_other_versions_say_nothing(tag: str) -> None:
    assert said(tag) == {}


def test_a_version_of_an_image_with_another_name_says_nothing() -> None:
    assert said("1.0.0", repository="nginx") == {}


@pytest.mark.parametrize(
    "repository",
    [
        "cdk-hnb659fds-container-assets-123456789012-eu-west-1",
        "cdk-abc-assets-123456789012-eu-west-1",
    ],
)
def test_hashes_of_cdk_assets_are_no_revisions(repository: str) -> None:
    assert said(sha(500), repository) == {}
    assert said(sha(500)[:8], repository) == {}


def test_image_ids_in_tags_of_sam_are_no_revisions() -> None:
    assert said(f"hello-{sha(500)[:12]}-{sha(500)[:8]}") == {}


def test_signatures_have_no_revision_and_local_images_do() -> None:
    signature = world(sha(500), type=ImageType.SIGNATURE)
    assert found(tags.tag_full_sha, signature) == []
    here = inventory(
        *HISTORY, local_image(7, f"localhost:5000/shop:{sha(500)}", "localhost:5000/shop")
    )
    assert found(tags.tag_full_sha, here) == [(local_image(7).id, FIVE)]


def _held(number: int) -> str:
    """An image id whose first digits tell it apart."""
    return f"sha256:{number:012x}" + "0" * 52


def test_the_local_image_that_sam_pushed() -> None:
    first, second = (local_image(_held(tag)) for tag in (0xABC, 0xABD))
    pushed = ecr_image(1, "payfunction-000000000abc-python3.12-v1")
    world = inventory(pushed, first, second)
    assert found(tags.tag_sam_image, world) == [(pushed.id, first.id)]


@pytest.mark.parametrize(
    "tag", ["payfunction-000000000abe-v1", "000000000abc", "v1-12-g000000000abc", "prod"]
)
def test_other_tags_name_no_local_image(tag: str) -> None:
    world = inventory(ecr_image(1, tag), local_image(_held(0xABC)))
    assert found(tags.tag_sam_image, world) == []


def test_digits_that_begin_two_local_images_name_none() -> None:
    twins = tuple(local_image(_held(0xABC)[:-1] + end) for end in "12")
    world = inventory(ecr_image(1, "f-000000000abc-v1"), *twins)
    assert found(tags.tag_sam_image, world) == []
