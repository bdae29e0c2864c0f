"""Rules on base images."""

from __future__ import annotations

from jotgraph.links import bases
from jotgraph.records import ImageType
from tests.factories import digest, ecr_image, inventory, local_image
from tests.links.found import found

ONE, TWO, THREE = ((*(digest(100 + n) for n in range(length)),) for length in (1, 2, 3))
LABEL = "org.opencontainers.image.base.digest"


def test_the_longest_whole_image_is_the_base() -> None:
    images = (ecr_image(1, diff_ids=ONE), ecr_image(2, diff_ids=TWO), ecr_image(3, diff_ids=THREE))
    assert found(bases.rootfs_prefix, inventory(*images)) == [
        (images[1].id, images[0].id),
        (images[2].id, images[1].id),
    ]


def test_copies_of_the_base_are_all_linked() -> None:
    world = inventory(
        local_image(7, diff_ids=ONE), local_image(8, diff_ids=TWO), ecr_image(1, diff_ids=ONE)
    )
    assert found(bases.rootfs_prefix, world) == [
        (local_image(8).id, ecr_image(1).id),
        (local_image(8).id, local_image(7).id),
    ]


def test_of_many_the_eight_of_the_same_place() -> None:
    here = tuple(ecr_image(n, diff_ids=ONE) for n in range(20, 30))
    there = tuple(local_image(n, diff_ids=ONE) for n in range(1, 5))
    world = inventory(*there, *here, ecr_image(99, diff_ids=TWO))
    assert found(bases.rootfs_prefix, world) == [
        (ecr_image(99).id, ecr_image(n).id) for n in range(20, 28)
    ]


def test_equal_layers_parts_and_attestations_are_no_base() -> None:
    world = inventory(
        ecr_image(1, diff_ids=TWO),
        ecr_image(2, diff_ids=TWO),
        ecr_image(3, diff_ids=(digest(100), digest(999))),
        ecr_image(4, diff_ids=ONE, type=ImageType.ATTESTATION),
        ecr_image(5),
    )
    assert found(bases.rootfs_prefix, world) == []


def test_a_label_names_the_base_by_any_of_its_digests() -> None:
    labels = {LABEL: digest(5)}
    world = inventory(
        local_image(7, repo_digests=(f"python@{digest(5)}",)),
        local_image(5),
        ecr_image(1, labels=labels),
        ecr_image(5),
        ecr_image(6, annotations=((LABEL, digest(6)),)),
    )
    assert found(bases.base_label, world) == [
        (ecr_image(1).id, ecr_image(5).id),
        (ecr_image(1).id, local_image(5).id),
        (ecr_image(1).id, local_image(7).id),
    ]


def test_a_label_of_no_known_image_or_from_a_base_says_nothing() -> None:
    labels = {LABEL: digest(5)}
    unknown = inventory(ecr_image(1, labels=labels))
    assert found(bases.base_label, unknown) == []
    handed = inventory(
        ecr_image(5),
        ecr_image(1, labels=labels, diff_ids=ONE),
        ecr_image(2, labels=labels, diff_ids=TWO),
    )
    assert found(bases.base_label, handed) == [(ecr_image(1).id, ecr_image(5).id)]
