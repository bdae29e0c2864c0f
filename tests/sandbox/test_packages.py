"""Zip packages can be downloaded, from loopback, and hash to their CodeSha256."""

from __future__ import annotations

import base64
import hashlib
import io
import urllib.request
import zipfile

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox, refuse_elsewhere_url
from jotgraph.sandbox.world import ENABLED


def test_the_location_leads_to_the_very_package(aws: Sandbox) -> None:
    seed.function(aws, "housekeeping", None)
    function = aws.client("lambda").get_function(FunctionName="housekeeping")
    url = function["Code"]["Location"]
    refuse_elsewhere_url(url)
    with urllib.request.urlopen(url, timeout=60) as answer:
        content = answer.read()
    sha = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert sha == function["Configuration"]["CodeSha256"]
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["app.py"]


def test_regions_enabled(aws: Sandbox) -> None:
    def names() -> set[str]:
        regions = aws.client("ec2").describe_regions()["Regions"]
        return {region["RegionName"] for region in regions}

    assert names() == ENABLED
    aws.world.regions = frozenset()
    assert {"us-east-1", "ap-southeast-2"} <= names()
    assert not {name for name in names() if name.startswith(("cn-", "us-gov-"))}
    aws.world.regions = frozenset({"us-east-1", "eu-west-1"})
    assert names() == {"us-east-1", "eu-west-1"}


def test_errors_of_ec2_have_its_shape(aws: Sandbox) -> None:
    aws.faults.deny("ec2", "DescribeRegions")
    with pytest.raises(ClientError) as caught:
        aws.client("ec2").describe_regions()
    assert caught.value.response["Error"]["Code"] == "UnauthorizedOperation"
