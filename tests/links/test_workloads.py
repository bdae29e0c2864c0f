"""Rules on workloads: what they run, follow, may run and assume; across regions and accounts."""

from __future__ import annotations

import pytest

from jotgraph.graph import build, record
from jotgraph.links import Rule, mentions, workloads
from jotgraph.records import WorkloadState
from tests.factories import (
    ACCOUNT,
    HOST,
    REGION,
    digest,
    ecr_image,
    inventory,
    missing,
    role,
    workload,
)
from tests.links.found import found, statements

OTHER = "210987654321"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/web"
WEB = f"workload:{ACCOUNT}/{REGION}/ecs/service/web"
ONE = f"ecr-image:{ACCOUNT}/{REGION}/app@{digest(1)}"
TWO = f"ecr-image:{ACCOUNT}/{REGION}/app@{digest(2)}"
FOREIGN = (
    "docker.io/library/redis:7",
    "public.ecr.aws/nginx/nginx:1",
    "ghcr.io/acme/web:1",
    "redis",
    "aws/codebuild/standard:7.0",
    "not a reference at all",
    "",
)


def test_a_resolved_digest_runs_and_its_tag_is_followed() -> None:
    """The tag moved since: what runs is the digest, what the next deployment takes is the tag's."""
    known = inventory(
        ecr_image(1), ecr_image(2, "prod"), workload("web", (f"{HOST}/app:prod", digest(1)))
    )
    assert found(workloads.workload_digest, known) == [(WEB, ONE)]
    assert found(workloads.workload_tag, known) == [(WEB, TWO)]
    assert found(workloads.workload_revision, known) == []
    assert statements(workloads.workload_digest, known) == [
        f"{HOST}/app:prod was resolved to {digest(1)}"
    ]


def test_an_image_named_by_digest_runs_and_nothing_is_followed() -> None:
    known = inventory(
        ecr_image(1, "prod"), ecr_image(2), workload("web", f"{HOST}/app:prod@{digest(2)}")
    )
    assert found(workloads.workload_digest, known) == [(WEB, TWO)]
    assert found(workloads.workload_tag, known) == []


def test_a_reference_without_a_tag_follows_latest() -> None:
    known = inventory(ecr_image(1, "latest"), workload("web", f"{HOST}/app"))
    assert found(workloads.workload_tag, known) == [(WEB, ONE)]
    assert found(workloads.workload_digest, known) == []


def test_a_tag_that_is_gone_or_of_another_repository_is_not_followed() -> None:
    known = inventory(
        ecr_image(1, "prod", repository="shops"),
        ecr_image(2, "old"),
        workload("web", f"{HOST}/app:prod"),
    )
    assert found(workloads.workload_tag, known) == []


def test_a_deployment_that_is_being_replaced_runs_two_digests() -> None:
    known = inventory(
        ecr_image(1),
        ecr_image(2, "prod"),
        workload("web", (f"{HOST}/app:prod", digest(1)), (f"{HOST}/app:prod", digest(2))),
    )
    assert found(workloads.workload_digest, known) == [(WEB, ONE), (WEB, TWO)]


@pytest.mark.parametrize(
    ("account", "region"), [(ACCOUNT, "us-east-1"), (OTHER, REGION), (OTHER, "us-east-1")]
)
def test_a_workload_pulls_from_any_region_and_account(account: str, region: str) -> None:
    user = workload("web", (f"{HOST}/app:prod", digest(1)), account=account, region=region)
    known = inventory(ecr_image(1), ecr_image(2, "prod"), user)
    assert found(workloads.workload_digest, known) == [(user.id, ONE)]
    assert found(workloads.workload_tag, known) == [(user.id, TWO)]


def test_an_older_revision_may_run_what_its_tag_or_digest_names() -> None:
    old = workload(
        "web:1",
        f"{HOST}/app:prod",
        f"{HOST}/app@{digest(2)}",
        type="task-definition",
        state=WorkloadState.ACTIVE,
    )
    known = inventory(ecr_image(1, "prod"), ecr_image(2), old)
    assert found(workloads.workload_revision, known) == [(old.id, ONE), (old.id, TWO)]
    assert found(workloads.workload_digest, known) == []
    assert found(workloads.workload_tag, known) == []


def test_the_newest_revision_is_followed() -> None:
    newest = workload("web", f"{HOST}/app:prod", state=WorkloadState.NEWEST)
    known = inventory(ecr_image(1, "prod"), newest)
    assert found(workloads.workload_tag, known) == [(WEB, ONE)]
    assert found(workloads.workload_revision, known) == []


def test_an_image_that_is_gone_is_missing() -> None:
    known = inventory(workload("web", (f"{HOST}/app:prod", digest(1))))
    gone = ecr_image(1).id
    assert record(build(known), gone) == missing(gone, looked=True)


@pytest.mark.parametrize("image", FOREIGN)
@pytest.mark.parametrize("state", WorkloadState)
def test_an_image_of_another_registry_is_linked_to_nothing(
    image: str, state: WorkloadState
) -> None:
    """Its digest may even be one that ECR has: a mirror is another copy."""
    user = workload("web", (image, digest(1)), state=state)
    known = inventory(ecr_image(1, "latest"), user)
    for rule in (
        workloads.workload_digest,
        workloads.workload_tag,
        workloads.workload_revision,
    ):
        assert found(rule, known) == []


@pytest.mark.parametrize("malformed", ["sha256:", "sha256:12", "latest", f"sha512:{'0' * 128}"])
def test_a_digest_that_is_none_is_not_taken_for_one(malformed: str) -> None:
    known = inventory(ecr_image(1), workload("web", (f"{HOST}/app:prod", malformed)))
    assert found(workloads.workload_digest, known) == []


def test_roles_are_assumed_wherever_they_are() -> None:
    user = workload("web", roles=(f"arn:aws:iam::{OTHER}:role/run", ROLE, "not-an-arn"))
    assert found(workloads.workload_role, inventory(user)) == [
        (WEB, f"role:{ACCOUNT}/service/web"),
        (WEB, f"role:{OTHER}/run"),
    ]


def test_what_a_description_mentions_is_linked_weakly() -> None:
    """A variable of a scheduler's container names an image, a digest and a role."""
    user = workload(
        "web", mentions=(f"{HOST}/app:prod", digest(2), ROLE, f"{HOST}/gone:1", digest(9))
    )
    known = inventory(
        ecr_image(1, "prod"), ecr_image(2), role("web", path="/service/", arn=ROLE), user
    )
    assert found(mentions.named_in_text, known) == [
        (WEB, ONE),
        (WEB, TWO),
        (WEB, f"role:{ACCOUNT}/service/web"),
    ]


@pytest.mark.parametrize(
    "rule",
    [
        workloads.workload_digest,
        workloads.workload_tag,
        workloads.workload_revision,
        workloads.workload_role,
    ],
    ids=lambda rule: rule.name,
)
def test_a_workload_that_says_nothing_is_linked_to_nothing(rule: Rule) -> None:
    known = inventory(ecr_image(1, "latest"), workload("web"))
    assert found(rule, known) == []
