"""The images of ECR by what others call them."""

from __future__ import annotations

from itertools import permutations

import pytest

from jotgraph.links.ecr_images import indexed
from jotgraph.records import ecr_image_id, ecr_repo_id
from tests.factories import (
    ACCOUNT,
    OTHER_REGION,
    REGION,
    child,
    digest,
    ecr_image,
    function,
    version,
)

IMAGES = (
    ecr_image(1, "v1", "latest"),
    ecr_image(2, "v2"),
    ecr_image(1, "v1", repository="app-x"),
    ecr_image(3, repository="app/x"),
    ecr_image(1, region=OTHER_REGION),
)


def test_images_are_held_in_the_order_of_their_ids_however_they_came() -> None:
    in_order = sorted(IMAGES, key=lambda image: image.id)
    repositories = list(dict.fromkeys(image.repository_id for image in in_order))
    for images in permutations(IMAGES):
        ecr = indexed(images, [])
        assert list(ecr.items()) == [(image.id, image) for image in in_order]
        assert list(ecr) == in_order
        assert list(ecr.in_repositories) == repositories


def test_no_image_at_all() -> None:
    ecr = indexed([], [function("f", 1)])
    assert (list(ecr), ecr.referring, ecr.tags, ecr.by_digest) == ([], {}, {}, {})
    assert ecr.copies(digest(1), REGION) == ()


@pytest.mark.parametrize(
    ("repository", "tag", "images"),
    [
        ("app", "v1", (ecr_image(1).id,)),
        ("app", "", (ecr_image(1).id,)),
        ("app-x", "", ()),
        ("app-x", "v1", (ecr_image(1, repository="app-x").id,)),
        ("app", "v3", ()),
        ("gone", "v1", ()),
    ],
)
def test_a_tag_names_an_image_of_its_repository(
    repository: str, tag: str, images: tuple[str, ...]
) -> None:
    assert indexed(IMAGES, []).tagged(ACCOUNT, REGION, repository, tag) == images


def test_a_tag_that_moved_while_it_was_read_names_both() -> None:
    ecr = indexed([ecr_image(2, "v1"), ecr_image(1, "v1")], [])
    assert ecr.tagged(ACCOUNT, REGION, "app", "v1") == (ecr_image(1).id, ecr_image(2).id)


def test_copies_of_what_runs_are_found_region_by_region() -> None:
    ecr = indexed(IMAGES, [version(1, "f", 1), function("g", 9)])
    here = [ecr_image(1, repository="app-x").id, ecr_image(1).id]
    assert sorted(ecr.copies(digest(1), REGION)) == here
    assert ecr.copies(digest(1), OTHER_REGION) == [ecr_image(1, region=OTHER_REGION).id]
    assert ecr.copies(digest(9), REGION) == ()
    assert ecr.by_digest[digest(2)] == [ecr_image(2).id]


def test_what_says_something_of_another_image_is_kept_apart() -> None:
    signature = ecr_image(2, digest(1).replace(":", "-") + ".sig")
    listing = ecr_image(3, children=(child(1),))
    attached = ecr_image(4, subject=digest(1))
    plain = ecr_image(1, "v1", "sha256-is-no-digest")
    ecr = indexed([plain, signature, listing, attached], [])
    assert list(ecr.referring.values()) == [signature, listing, attached]


def test_ids_are_those_of_the_records() -> None:
    (entry,) = indexed([ecr_image(1)], []).in_repositories.items()
    assert entry == (
        ecr_repo_id(ACCOUNT, REGION, "app"),
        {ecr_image_id(ACCOUNT, REGION, "app", digest(1)): ecr_image(1)},
    )
