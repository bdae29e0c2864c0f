"""What tests of datasets share."""

from __future__ import annotations

import pytest

from jotgraph.sandbox.server import Sandbox


@pytest.fixture
def bucket(aws_environment: Sandbox) -> str:
    aws_environment.client("s3").create_bucket(
        Bucket="estates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    return "s3://estates/platform"
