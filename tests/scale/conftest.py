"""What tests of datasets share."""

from __future__ import annotations

import gc

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.rig.file_sandbox import _sandbox as _sandbox
from tests.rig.file_sandbox import aws as aws


@pytest.fixture(scope="module", autouse=True)
def freeze_what_other_tests_keep() -> None:
    """The collector is run for each shard that is judged: let it go through what tests of a file
    make, and not through what those before keep."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def bucket(aws_environment: Sandbox) -> str:
    aws_environment.client("s3").create_bucket(
        Bucket="estates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    return "s3://estates/platform"
