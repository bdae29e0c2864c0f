"""What runs an image index comes from the commit of the image in it that it runs."""

from __future__ import annotations

import pytest

from jotgraph.analysis.provenance import Claims, commits_of
from jotgraph.graph import build
from jotgraph.links import Grade
from jotgraph.queries.jots import jots
from jotgraph.records import EcrImage, ImageType, Record, ResourceId
from tests.factories import (
    child,
    commit,
    ecr_image,
    ecr_repository,
    function,
    git_repository,
    inventory,
    sha,
    used_image,
    workload,
)

REMOTE = "https://example.com/team/shop"
REVISION = "org.opencontainers.image.revision"
SOURCE = "org.opencontainers.image.source"


def image(number: int, built_from: int) -> EcrImage:
    labels = ((REVISION, sha(built_from)), (SOURCE, REMOTE))
    return ecr_image(number, labels=labels)


def index(number: int, *listed: tuple[EcrImage, str]) -> EcrImage:
    children = tuple(child(image.digest, platform) for image, platform in listed)
    return ecr_image(number, "v1", type=ImageType.INDEX, children=children)


INTEL, ARM = image(1, 1), image(2, 2)
BOTH = index(3, (INTEL, "linux/amd64"), (ARM, "linux/arm64/v8"))


def believed(resource: ResourceId, *records: Record) -> Claims:
    git = git_repository(remote=REMOTE)
    return commits_of(build(inventory(git, commit(1), commit(2), *records)), resource)


def lambda_of(image: EcrImage, *architectures: str) -> Record:
    """A function of whose image nothing is known but its digest."""
    return function(
        "pay",
        package_type="Image",
        code_sha256=image.digest.removeprefix("sha256:"),
        architectures=architectures,
        image_uri=None,
        resolved_image_uri=None,
    )


def service_of(image: EcrImage) -> Record:
    address = f"{image.account}.dkr.ecr.{image.region}.amazonaws.com/{image.repository}:v1"
    return workload(images=(used_image(address, image.digest),))


@pytest.mark.parametrize(("architecture", "built_from"), [("x86_64", 1), ("arm64", 2)])
def test_a_function_runs_the_image_of_its_architecture(architecture: str, built_from: int) -> None:
    pay = lambda_of(BOTH, architecture)
    claims = believed(pay.id, ecr_repository(), INTEL, ARM, BOTH, pay)
    assert (claims.commits, claims.conflict) == ((sha(built_from),), False)
    assert (claims.grade, claims.images) == (Grade.STRONG, (BOTH.id,))


def test_the_other_image_is_listed_and_not_run() -> None:
    pay = lambda_of(BOTH, "arm64")
    world = inventory(
        git_repository(remote=REMOTE), commit(1), commit(2), ecr_repository(), INTEL, ARM, BOTH, pay
    )
    (row,) = jots(build(world)).jots
    assert row.commit.commits == (sha(2),)


def test_an_index_without_the_architecture_says_nothing() -> None:
    only = index(3, (INTEL, "linux/amd64"))
    pay = lambda_of(only, "arm64")
    assert believed(pay.id, ecr_repository(), INTEL, only, pay).commits == ()


def test_an_index_whose_images_were_not_read_says_nothing() -> None:
    pay = lambda_of(BOTH, "arm64")
    assert believed(pay.id, ecr_repository(), BOTH, pay).commits == ()


def test_an_attestation_in_an_index_is_no_image_of_it() -> None:
    attested = ecr_image(4, labels=INTEL.labels)
    children = (child(ARM.digest, "linux/arm64"), child(attested.digest, "unknown/unknown"))
    pushed = ecr_image(3, "v1", type=ImageType.INDEX, children=children)
    service = service_of(pushed)
    claims = believed(service.id, ecr_repository(), ARM, attested, pushed, service)
    assert claims.commits == (sha(2),)


def test_a_workload_of_an_index_comes_from_the_commit_that_its_images_share() -> None:
    other = image(4, 2)
    pushed = index(3, (ARM, "linux/arm64"), (other, "linux/amd64"))
    service = service_of(pushed)
    claims = believed(service.id, ecr_repository(), ARM, other, pushed, service)
    assert (claims.commits, claims.conflict, claims.grade) == ((sha(2),), False, Grade.STRONG)
    assert believed(pushed.id, ecr_repository(), ARM, other, pushed).commits == (sha(2),)


def test_images_of_an_index_that_name_different_commits_are_a_conflict() -> None:
    service = service_of(BOTH)
    claims = believed(service.id, ecr_repository(), INTEL, ARM, BOTH, service)
    assert claims.conflict
    assert {claim.commits for claim in claims.records} == {(sha(1),), (sha(2),)}
