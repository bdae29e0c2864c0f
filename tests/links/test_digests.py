"""Rules on bytes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jotgraph.links import Rule, copies, digests
from jotgraph.records import (
    ImageType,
    Inventory,
    Kind,
    container_id,
    ecr_image_id,
    local_image_id,
)
from tests.factories import (
    ACCOUNT,
    HOST,
    NOW,
    REGION,
    attestation_child,
    child,
    container,
    digest,
    ecr_image,
    function,
    gap,
    inventory,
    local_image,
)
from tests.links.found import found, statements


def ecr_id(number: int, repository: str = "app", region: str = REGION) -> str:
    return ecr_image_id(ACCOUNT, region, repository, digest(number))


def local_id(number: int) -> str:
    return local_image_id(digest(number))


def test_resolved_digest_leads_to_the_very_repository() -> None:
    runs = function(resolved_image_uri=f"{HOST}/team/app@{digest(1)}")
    world = inventory(runs, ecr_image(1), ecr_image(1, repository="team/app"))
    assert found(digests.resolved_digest, world) == [(runs.id, ecr_id(1, "team/app"))]
    assert found(digests.code_sha256, world) == []
    assert found(digests.code_sha256_ambiguous, world) == []


def test_resolved_digest_leads_to_a_missing_image_when_it_is_gone() -> None:
    runs = function(resolved_image_uri=f"{HOST}/app@{digest(1)}")
    assert found(digests.resolved_digest, inventory(runs)) == [(runs.id, ecr_id(1))]


@pytest.mark.parametrize("uri", [None, "", f"{HOST}/app:v1", f"docker.io/shop@{digest(1)}", "@"])
def test_resolved_digest_needs_a_digest_in_ecr(uri: str | None) -> None:
    world = inventory(function(resolved_image_uri=uri), ecr_image(1))
    assert found(digests.resolved_digest, world) == []


def test_code_sha256_is_the_digest_in_the_one_repository_of_the_region() -> None:
    world = inventory(function(tag=None), ecr_image(1), ecr_image(1, region="x-1"))
    assert found(digests.code_sha256, world) == [(function().id, ecr_id(1))]
    assert found(digests.code_sha256_ambiguous, world) == []


def test_code_sha256_in_two_repositories_supports_each() -> None:
    world = inventory(function(tag=None), ecr_image(1), ecr_image(1, repository="b"))
    assert found(digests.code_sha256, world) == []
    assert found(digests.code_sha256_ambiguous, world) == [
        (function().id, ecr_id(1)),
        (function().id, ecr_id(1, "b")),
    ]


UNSETTLED = ("InProgress", "Failed")


@pytest.mark.parametrize("status", UNSETTLED)
@pytest.mark.parametrize("tag", ["v1", None])
def test_an_update_that_is_not_through_proves_no_use(status: str, tag: str | None) -> None:
    """Until it is, and for good when it failed, calls go to the code of before (Lambda guide,
    "Lambda function states")."""
    updated = function(tag=tag, last_update_status=status)
    world = inventory(updated, ecr_image(1), ecr_image(2))
    assert found(digests.unsettled_update, world) == [(updated.id, ecr_id(1))]
    assert found(digests.resolved_digest, world) == []
    assert found(digests.code_sha256, world) == []
    assert found(digests.code_sha256_ambiguous, world) == []


@pytest.mark.parametrize(
    "fields",
    [{}, {"last_update_status": "Successful"}, {"state": "Failed", "last_update_status": "Failed"}],
)
def test_a_settled_update_proves_what_runs(fields: dict[str, str]) -> None:
    world = inventory(function(**fields), ecr_image(1))
    assert found(digests.unsettled_update, world) == []
    assert found(digests.resolved_digest, world) == [(function().id, ecr_id(1))]


@pytest.mark.parametrize("region", ["", REGION])
def test_code_sha256_proves_no_copy_while_a_repository_is_unread(region: str) -> None:
    unread = gap("ecr:DescribeImages", Kind.ECR_IMAGE, account="999999999999", region=region)
    world = inventory(function(tag=None), ecr_image(1), unread)
    assert found(digests.code_sha256, world) == []
    assert found(digests.code_sha256_ambiguous, world) == [(function().id, ecr_id(1))]


def test_code_sha256_held_nowhere_leads_to_the_unknown_repository() -> None:
    world = inventory(function(tag=None), ecr_image(1, region="x-1"))
    assert found(digests.code_sha256, world) == [(function().id, ecr_id(1, "?"))]


@pytest.mark.parametrize(
    "code", ["", "abc", "3q2+7w=="], ids=["not read", "short", "base64 of a zip"]
)
def test_code_sha256_that_is_no_digest_says_nothing(code: str) -> None:
    world = inventory(function(tag=None, code_sha256=code), ecr_image(1))
    assert found(digests.code_sha256, world) == []


@pytest.mark.parametrize("package", ["", "Zip", "zip"], ids=["absent", "wrong", "unknown"])
def test_a_digest_that_was_read_is_a_use_whatever_the_package_type_says(package: str) -> None:
    """CodeSha256 of a zip package is base64; 64 hex digits that name an image are no accident."""
    code = function(package_type=package, tag=None)
    world = inventory(code, ecr_image(1))
    assert found(digests.code_sha256, world) == [(function().id, ecr_id(1))]


def test_config_digest_holds_under_another_manifest() -> None:
    world = inventory(
        local_image(7),
        local_image(8, config_digest=digest(70)),
        local_image(9),
        ecr_image(1, config_digest=digest(7)),
        ecr_image(2, config_digest=digest(70)),
        ecr_image(3),
    )
    assert found(copies.config_digest, world) == [
        (ecr_id(1), local_id(7)),
        (ecr_id(2), local_id(8)),
    ]


def test_config_digest_of_the_empty_config_says_nothing() -> None:
    empty = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    world = inventory(local_image(empty), ecr_image(1, config_digest=empty))
    assert found(copies.config_digest, world) == []


def test_repo_digest_matches_digests_and_never_names_alone() -> None:
    here = local_image(7, repo_digests=(f"{HOST}/app@{digest(1)}", f"{HOST}/app@{digest(5)}"))
    world = inventory(here, local_image(8), ecr_image(1), ecr_image(2))
    assert found(copies.repo_digest, world) == [(ecr_id(1), local_id(7))]


def test_containerd_id_is_a_manifest_or_an_index() -> None:
    index = ecr_image(
        5,
        type=ImageType.INDEX,
        children=(
            child(1),
            child(2, "linux/arm64"),
            attestation_child(3, 1),
        ),
    )
    plain = local_image(1, os="linux", architecture="amd64")
    many = local_image(5, os="linux", architecture="arm64")
    world = inventory(plain, many, index, ecr_image(1), ecr_image(2), ecr_image(3))
    assert found(copies.containerd_digest, world) == [
        (ecr_id(1), local_id(1)),
        (ecr_id(2), local_id(5)),
        (ecr_id(5), local_id(5)),
    ]
    silent = inventory(local_image(5), index)
    assert found(copies.containerd_digest, silent) == [(ecr_id(5), local_id(5))]


LAYERS = (digest(100), digest(101))


def test_same_layers_under_another_config() -> None:
    world = inventory(
        local_image(7, diff_ids=LAYERS),
        local_image(8, diff_ids=LAYERS[:1]),
        local_image(9, diff_ids=LAYERS),
        ecr_image(1, diff_ids=LAYERS, config_digest=digest(9)),
        ecr_image(2, diff_ids=()),
        ecr_image(3, diff_ids=LAYERS, type=ImageType.ATTESTATION),
    )
    assert found(copies.same_layers, world) == [(ecr_id(1), local_id(7))]


def test_same_layers_links_the_nearest_eight() -> None:
    many = tuple(
        local_image(n, diff_ids=LAYERS, created_at=NOW + timedelta(minutes=n))
        for n in range(20, 0, -1)
    )
    world = inventory(*many, ecr_image(99, diff_ids=LAYERS, created_at=NOW))
    assert found(copies.same_layers, world) == [(ecr_id(99), local_id(n)) for n in range(1, 9)]


INDEX = ecr_image(
    5,
    type=ImageType.INDEX,
    children=(child(1), attestation_child(3, 1)),
)


def test_index_contains_its_children_read_or_not() -> None:
    world = inventory(INDEX, ecr_image(1))
    assert found(digests.index_child, world) == [(ecr_id(5), ecr_id(1)), (ecr_id(5), ecr_id(3))]
    assert statements(digests.index_child, world) == [
        f"the index lists {digest(1)} as its linux/amd64 image",
        f"the index lists {digest(3)} as an attestation",
    ]


def test_attestation_describes_the_image_its_index_says() -> None:
    world = inventory(INDEX, ecr_image(1), ecr_image(3, type=ImageType.ATTESTATION))
    assert found(digests.attestation_subject, world) == [(ecr_id(3), ecr_id(1))]


def test_referrer_describes_its_subject_in_its_repository() -> None:
    world = inventory(ecr_image(4, subject=digest(1)), ecr_image(1), ecr_image(1, repository="b"))
    assert found(digests.referrer_subject, world) == [(ecr_id(4), ecr_id(1))]


@pytest.mark.parametrize("suffix", [".sig", ".att", ".sbom", ""])
def test_signature_tag_is_a_digest(suffix: str) -> None:
    world = inventory(ecr_image(4, f"sha256-{1:064x}{suffix}"), ecr_image(1))
    assert found(digests.signature_tag, world) == [(ecr_id(4), ecr_id(1))]


@pytest.mark.parametrize("tag", [f"sha256-{1:064x}.old", f"sha256-{1:063x}", f"{1:064x}", "v1"])
def test_signature_tag_near_misses(tag: str) -> None:
    assert found(digests.signature_tag, inventory(ecr_image(4, tag), ecr_image(1))) == []


def test_signature_tag_never_describes_itself() -> None:
    assert found(digests.signature_tag, inventory(ecr_image(1, f"sha256-{1:064x}"))) == []


def test_container_uses_its_image_read_or_not() -> None:
    world = inventory(container("c1", 7), container("c2", image_id=""))
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
    world: Inventory = inventory(ecr_image(1), local_image(7))
    assert found(rule, world) == []


def test_lost_digest_links_what_runs_to_what_the_engine_still_has() -> None:
    running = function(resolved_image_uri=f"{HOST}/app@{digest(1)}")
    pulled = local_image(5, repo_digests=(f"{HOST}/app@{digest(1)}",))
    world = inventory(running, pulled, local_image(1), local_image(6))
    assert found(copies.lost_digest, world) == sorted(
        [(ecr_id(1), str(pulled.id)), (ecr_id(1), str(local_image(1).id))]
    )


def test_lost_digest_needs_a_runner_and_an_image_that_ecr_does_not_list() -> None:
    pulled = local_image(5, repo_digests=(f"{HOST}/app@{digest(1)}",))
    running = function(resolved_image_uri=f"{HOST}/app@{digest(1)}")
    listed = inventory(running, pulled, ecr_image(1))
    assert found(copies.lost_digest, listed) == []
    assert found(copies.lost_digest, inventory(pulled)) == []
