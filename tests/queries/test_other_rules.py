"""On one estate the rules of two other tools are each wrong, and ours is not."""

from __future__ import annotations

from jotgraph.analysis.usage import Verdict
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import EcrImage, Inventory, Kind
from jotgraph.records.references import ecr_reference
from tests.factories import (
    alias,
    digest,
    ecr_image,
    ecr_repository,
    function,
    inventory,
    role,
    version,
)

ESTATE = inventory(
    ecr_repository(),
    ecr_image(1),  # $LATEST runs it; its tag moved to 2
    ecr_image(2, "live"),
    ecr_image(3),  # version 7 runs it, behind the alias
    ecr_image(4, "old"),  # nothing runs it
    ecr_image(5),  # version 6 runs it; the alias sends it a tenth
    role(),
    function(runs=1, tag="live"),
    version(6, runs=5, tag="canary"),
    version(7, runs=3, tag="stable"),
    alias("prod", 7, weights=(("6", 0.1),)),
)
RUNNING = {digest(1), digest(3), digest(5)}
"""What deleting would break: an outage that comes weeks later, when Lambda fetches it again."""


def ecrm(whole: Inventory) -> set[str]:
    """What fujiwara/ecrm (lambda.go at 9738815) would expire: it keeps what ``Code.ImageUri`` of
    each function and aliased version says, which is the tag as deployed, not the digest."""
    kept = [ecr_reference(runner.image_uri) for runner in (*whole.functions, *whole.versions)]
    tags = {reference.tag for reference in kept if reference}
    digests = {reference.digest for reference in kept if reference}
    return {
        image.digest
        for image in whole.ecr_images
        if not tags & set(image.tags) and image.digest not in digests
    }


def cartography(whole: Inventory) -> set[str]:
    """What has no ``HAS_IMAGE`` edge in cartography (2b68f02): it reads ``$LATEST`` alone, by the
    digest that it resolved to."""
    run = {function.image_digest for function in whole.functions}
    return {image.digest for image in whole.ecr_images if image.digest not in run}


def ours(whole: Inventory) -> set[str]:
    found = orphans(build(whole), kinds=[Kind.ECR_IMAGE])
    assert all(orphan.verdict is Verdict.ORPHAN for orphan in found.orphans)
    return {orphan.id.rpartition("@")[2] for orphan in found.orphans}


def test_ecrm_expires_what_runs_when_the_tag_has_moved() -> None:
    assert ecrm(ESTATE) & RUNNING == RUNNING


def test_cartography_sees_no_published_version() -> None:
    assert cartography(ESTATE) & RUNNING == {digest(3), digest(5)}


def test_ours_is_wrong_about_none() -> None:
    assert ours(ESTATE) & RUNNING == set()
    assert ours(ESTATE) == {digest(4)}


def test_the_estate_is_one_that_aws_allows() -> None:
    by_tag = [tag for image in ESTATE.ecr_images for tag in image.tags]
    assert len(by_tag) == len(set(by_tag))
    assert all(isinstance(image, EcrImage) for image in ESTATE.ecr_images)
