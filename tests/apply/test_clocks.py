"""Whose pull it was is told by ECR's own clock, however far this machine's is from it."""

from __future__ import annotations

from itertools import product

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import fill
from tests.apply.runs import applied, planned, scan, statuses
from tests.strength import some

SKEWS = (-600, 0, 600)
"""Seconds by which AWS is ahead of this machine."""


@pytest.mark.parametrize(
    ("skew", "backup"), some("skewed clocks", product(SKEWS, (False, True)), 5)
)
def test_a_pull_since_the_plan_saves_an_image(
    aws_environment: Sandbox, skew: int, backup: bool
) -> None:
    aws = aws_environment
    aws.advance(skew)
    estate = fill(aws)
    plan = planned("function:app")
    aws.client("ecr").batch_get_image(repositoryName="app", imageIds=[{"imageDigest": estate.old}])
    receipt = applied(plan, backup=backup)
    status, because = statuses(receipt)[f"ecr-image:app@{estate.old}"]
    assert status == "refused"
    assert because.startswith("a pull of it was recorded since the plan was made (")
    assert estate.old in {image.digest for image in scan().ecr_images}


@pytest.mark.parametrize("skew", some("clocks while a scan reads", SKEWS, 2))
def test_readings_of_our_own_are_no_pulls(aws_environment: Sandbox, skew: int) -> None:
    """The scan reads the index, and a run that stops at once keeps a copy of everything."""
    aws = aws_environment
    aws.advance(skew)
    fill(aws)
    plan = planned("function:app")
    aws.faults.error("ecr", "BatchDeleteImage", nth=1)
    assert not applied(plan, backup=True).proven
    aws.faults.clear()
    receipt = applied(plan, backup=True)
    assert receipt.proven, statuses(receipt)


def test_a_reading_that_the_plan_does_not_know_is_known_by_this_machine(
    aws_environment: Sandbox,
) -> None:
    """Somebody scanned again, with the content of images, after the plan was made."""
    fill(aws_environment)
    plan = planned("function:app")
    scan()
    assert applied(plan).proven
