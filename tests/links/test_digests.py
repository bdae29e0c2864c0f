"""Rules on bytes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jotgraph.links import Rule, copies, digests
from jotgraph.records import (
    Child,
    Container,
    Gap,
    ImageType,
    Inventory,
    Kind,
    LocalImage,
    container_id,
    ecr_image_id,
    local_image_id,
)
from tests.links.build import (
    ACCOUNT,
    HOST,
    NOON,
    REGION,
    digest,
    ecr,
    found,
    function,
    inventory,
    local,
    statements,
)

CODE = {"code_sha256": digest(1).removeprefix("sha256:")}


def ecr_id(number: int, repository: str = "shop", region: str = REGION) -> str:
    return ecr_image_id(ACCOUNT, region, repository, digest(number))


def local_id(number: int) -> str:
    return local_image_id(digest(number))


def test_resolved_digest_leads_to_the_very_repository() -> None:
    runs = function(resolved_image_uri=f"{HOST}/team/shop@{digest(1)}", **CODE)
    world = inventory(functions=(runs,), ecr_images=(ecr(1), ecr(1, repository="team/shop")))
    assert found(digests.resolved_digest, world) == [(runs.id, ecr_id(1, "team/shop"))]
    assert found(digests.code_sha256, world) == []
    assert found(digests.code_sha256_ambiguous, world) == []


def test_resolved_digest_leads_to_a_missing_image_when_it_is_gone() -> None:
    runs = function(resolved_image_uri=f"{HOST}/shop@{digest(1)}", **CODE)
    assert found(digests.resolved_digest, inventory(functions=(runs,))) == [(runs.id, ecr_id(1))]


@pytest.mark.parametrize("uri", [None, "", f"{HOST}/shop:v1", f"docker.io/shop@{digest(1)}", "@"])
def test_resolved_digest_needs_a_digest_in_ecr(uri: str | None) -> None:
    world = inventory(functions=(function(resolved_image_uri=uri),), ecr_images=(ecr(1),))
    assert found(digests.resolved_digest, world) == []


def test_code_sha256_is_the_digest_in_the_one_repository_of_the_region() -> None:
    world = inventory(functions=(function(**CODE),), ecr_images=(ecr(1), ecr(1, region="x-1")))
    assert found(digests.code_sha256, world) == [(function().id, ecr_id(1))]
    assert found(digests.code_sha256_ambiguous, world) == []


def test_code_sha256_in_two_repositories_supports_each() -> None:
    world = inventory(functions=(function(**CODE),), ecr_images=(ecr(1), ecr(1, repository="b")))
    assert found(digests.code_sha256, world) == []
    assert found(digests.code_sha256_ambiguous, world) == [
        (function().id, ecr_id(1, "b")),
        (function().id, ecr_id(1)),
    ]


@pytest.mark.parametrize("region", ["", REGION])
def test_code_sha256_proves_no_copy_while_a_repository_is_unread(region: str) -> None:
    gap = Gap(
        service="ecr",
        action="DescribeImages",
        account="999999999999",
        region=region,
        reason="denied",
        hides=(Kind.ECR_IMAGE,),
    )
    world = inventory(functions=(function(**CODE),), ecr_images=(ecr(1),), gaps=(gap,))
    assert found(digests.code_sha256, world) == []
    assert found(digests.code_sha256_ambiguous, world) == [(function().id, ecr_id(1))]


def test_code_sha256_held_nowhere_leads_to_the_unknown_repository() -> None:
    world = inventory(functions=(function(**CODE),), ecr_images=(ecr(1, region="x-1"),))
    assert found(digests.code_sha256, world) == [(function().id, ecr_id(1, "?"))]


@pytest.mark.parametrize(
    "code", ["", "abc", "3q2+7w=="], ids=["not read", "short", "base64 of a zip"]
)
def test_code_sha256_that_is_no_digest_says_nothing(code: str) -> None:
    world = inventory(functions=(function(code_sha256=code),), ecr_images=(ecr(1),))
    assert found(digests.code_sha256, world) == []


@pytest.mark.parametrize("package", ["", "Zip", "zip"], ids=["absent", "wrong", "unknown"])
def test_a_digest_that_was_read_is_a_use_whatever_the_package_type_says(package: str) -> None:
    """CodeSha256 of a zip package is base64; 64 hex digits that name an image are no accident."""
    code = function(package_type=package, **CODE)
    world = inventory(functions=(code,), ecr_images=(ecr(1),))
    assert found(digests.code_sha256, world) == [(function().id, ecr_id(1))]


def test_config_digest_holds_under_another_manifest() -> None:
    world = inventory(
        local_images=(local(7), local(8, config_digest=digest(70)), local(9)),
        ecr_images=(ecr(1, config_digest=digest(7)), ecr(2, config_digest=digest(70)), ecr(3)),
    )
    assert found(copies.config_digest, world) == [
        (ecr_id(1), local_id(7)),
        (ecr_id(2), local_id(8)),
    ]


def test_config_digest_of_the_empty_config_says_nothing() -> None:
    empty = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    world = inventory(
        local_images=(LocalImage(image_id=empty),), ecr_images=(ecr(1, config_digest=empty),)
    )
    assert found(copies.config_digest, world) == []


def test_repo_digest_matches_digests_and_never_names_alone() -> None:
    here = local(7, repo_digests=(f"{HOST}/shop@{digest(1)}", f"{HOST}/shop@{digest(5)}"))
    world = inventory(local_images=(here, local(8)), ecr_images=(ecr(1), ecr(2)))
    assert found(copies.repo_digest, world) == [(ecr_id(1), local_id(7))]


def test_containerd_id_is_a_manifest_or_an_index() -> None:
    index = ecr(
        5,
        type=ImageType.INDEX,
        children=(
            Child(digest(1), "linux/amd64"),
            Child(digest(2), "linux/arm64"),
            Child(digest(3), "unknown/unknown", digest(1)),
        ),
    )
    plain = local(1, os="linux", architecture="amd64")
    many = local(5, os="linux", architecture="arm64")
    world = inventory(local_images=(plain, many), ecr_images=(index, ecr(1), ecr(2), ecr(3)))
    assert found(copies.containerd_digest, world) == [
        (ecr_id(1), local_id(1)),
        (ecr_id(2), local_id(5)),
        (ecr_id(5), local_id(5)),
    ]
    silent = inventory(local_images=(local(5),), ecr_images=(index,))
    assert found(copies.containerd_digest, silent) == [(ecr_id(5), local_id(5))]


LAYERS = (digest(100), digest(101))


def test_same_layers_under_another_config() -> None:
    world = inventory(
        local_images=(
            local(7, diff_ids=LAYERS),
            local(8, diff_ids=LAYERS[:1]),
            local(9, diff_ids=LAYERS),
        ),
        ecr_images=(
            ecr(1, diff_ids=LAYERS, config_digest=digest(9)),
            ecr(2, diff_ids=()),
            ecr(3, diff_ids=LAYERS, type=ImageType.ATTESTATION),
        ),
    )
    assert found(copies.same_layers, world) == [(ecr_id(1), local_id(7))]


def test_same_layers_links_the_nearest_eight() -> None:
    many = tuple(
        local(each, diff_ids=LAYERS, created_at=NOON + timedelta(minutes=each))
        for each in range(20, 0, -1)
    )
    world = inventory(local_images=many, ecr_images=(ecr(99, diff_ids=LAYERS, created_at=NOON),))
    assert found(copies.same_layers, world) == [
        (ecr_id(99), local_id(each)) for each in range(1, 9)
    ]


INDEX = ecr(
    5,
    type=ImageType.INDEX,
    children=(Child(digest(1), "linux/amd64"), Child(digest(3), "unknown/unknown", digest(1))),
)


def test_index_contains_its_children_read_or_not() -> None:
    world = inventory(ecr_images=(INDEX, ecr(1)))
    assert found(digests.index_child, world) == [(ecr_id(5), ecr_id(1)), (ecr_id(5), ecr_id(3))]
    assert statements(digests.index_child, world) == [
        f"the index lists {digest(1)} as its linux/amd64 image",
        f"the index lists {digest(3)} as an attestation",
    ]


def test_attestation_describes_the_image_its_index_says() -> None:
    world = inventory(ecr_images=(INDEX, ecr(1), ecr(3, type=ImageType.ATTESTATION)))
    assert found(digests.attestation_subject, world) == [(ecr_id(3), ecr_id(1))]


def test_referrer_describes_its_subject_in_its_repository() -> None:
    world = inventory(ecr_images=(ecr(4, subject=digest(1)), ecr(1), ecr(1, repository="b")))
    assert found(digests.referrer_subject, world) == [(ecr_id(4), ecr_id(1))]


@pytest.mark.parametrize("suffix", [".sig", ".att", ".sbom", ""])
def test_signature_tag_is_a_digest(suffix: str) -> None:
    world = inventory(ecr_images=(ecr(4, f"sha256-{1:064x}{suffix}"), ecr(1)))
    assert found(digests.signature_tag, world) == [(ecr_id(4), ecr_id(1))]


@pytest.mark.parametrize("tag", [f"sha256-{1:064x}.old", f"sha256-{1:063x}", f"{1:064x}", "v1"])
def test_signature_tag_near_misses(tag: str) -> None:
    assert found(digests.signature_tag, inventory(ecr_images=(ecr(4, tag), ecr(1)))) == []


def test_signature_tag_never_describes_itself() -> None:
    assert found(digests.signature_tag, inventory(ecr_images=(ecr(1, f"sha256-{1:064x}"),))) == []


def test_container_uses_its_image_read_or_not() -> None:
    world = inventory(
        containers=(
            Container(container_id="c1", image_id=digest(7)),
            Container(container_id="c2", image_id=""),
        )
    )
    assert found(digests.container_image, world) == [(container_id("c1"), local_id(7))]


@pytest.mark.parametrize(
    "rule",
    [
        digests.resolved_digest,
        digests.code_sha256,
        digests.code_sha256_ambiguous,
        copies.config_digest,
        copies.repo_digest,
        copies.containerd_digest,
        copies.same_layers,
        digests.index_child,
        digests.attestation_subject,
        digests.referrer_subject,
        digests.signature_tag,
        digests.container_image,
    ],
    ids=lambda rule: rule.name,
)
def test_nothing_in_common_gives_no_link(rule: Rule) -> None:
    world: Inventory = inventory(ecr_images=(ecr(1),), local_images=(local(7),))
    assert found(rule, world) == []


def test_lost_digest_links_what_runs_to_what_the_engine_still_has() -> None:
    running = function(resolved_image_uri=f"{HOST}/shop@{digest(1)}")
    held = local(5, repo_digests=(f"{HOST}/shop@{digest(1)}",))
    world = inventory(functions=(running,), local_images=(held, local(1), local(6)))
    assert found(copies.lost_digest, world) == sorted(
        [(ecr_id(1), str(held.id)), (ecr_id(1), str(local(1).id))]
    )


def test_lost_digest_needs_a_runner_and_an_image_that_ecr_does_not_list() -> None:
    held = local(5, repo_digests=(f"{HOST}/shop@{digest(1)}",))
    running = function(resolved_image_uri=f"{HOST}/shop@{digest(1)}")
    listed = inventory(functions=(running,), local_images=(held,), ecr_images=(ecr(1),))
    assert found(copies.lost_digest, listed) == []
    assert found(copies.lost_digest, inventory(local_images=(held,))) == []
