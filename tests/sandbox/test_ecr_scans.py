"""ECR's scans for vulnerabilities, as documented: what DescribeImages tells of them, and what only
DescribeImageScanFindings does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

WHEN = datetime(2026, 2, 1, tzinfo=UTC)
COUNTS = {"CRITICAL": 3, "HIGH": 12}


@pytest.fixture
def ecr(aws: Sandbox) -> Any:
    seed.repository(aws, "app")
    return aws.client("ecr")


def described(ecr: Any, digest: str) -> tuple[Any, Any]:
    ids = [{"imageDigest": digest}]
    (image,) = ecr.describe_images(repositoryName="app", imageIds=ids)["imageDetails"]
    return image.get("imageScanStatus"), image.get("imageScanFindingsSummary")


def findings(ecr: Any, digest: str) -> Any:
    return ecr.describe_image_scan_findings(repositoryName="app", imageId={"imageDigest": digest})


def test_an_image_that_was_not_scanned_has_no_word_of_it(aws: Sandbox, ecr: Any) -> None:
    digest = seed.image(aws, "app", "v1")
    assert described(ecr, digest) == (None, None)
    with pytest.raises(ClientError, match="ScanNotFoundException"):
        findings(ecr, digest)


@pytest.mark.parametrize(
    ("status", "counts", "summarised"),
    [
        ("COMPLETE", COUNTS, True),
        ("COMPLETE", {}, True),
        ("ACTIVE", COUNTS, True),
        ("FAILED", None, False),
        ("UNSUPPORTED_IMAGE", None, False),
        ("PENDING", None, False),
    ],
)
def test_a_summary_is_of_a_scan_that_was_completed(
    aws: Sandbox, ecr: Any, status: str, counts: dict[str, int] | None, summarised: bool
) -> None:
    digest = seed.image(aws, "app", "v1")
    seed.scan(aws, "app", digest, status, counts, completed=WHEN)
    listed, summary = described(ecr, digest)
    assert listed["status"] == status
    assert (summary is not None) == summarised
    scan = findings(ecr, digest)
    assert scan["imageScanStatus"] == listed
    assert scan["imageScanFindings"].get("findingSeverityCounts") == counts
    if summary is not None:
        assert summary["findingSeverityCounts"] == counts
        assert summary["imageScanCompletedAt"] == WHEN


def test_a_scan_that_only_its_own_call_tells(aws: Sandbox, ecr: Any) -> None:
    digest = seed.image(aws, "app", "v1")
    seed.scan(aws, "app", digest, counts=COUNTS, described=False)
    assert described(ecr, digest) == (None, None)
    assert findings(ecr, digest)["imageScanFindings"]["findingSeverityCounts"] == COUNTS


def test_an_index_is_not_scanned_and_its_children_are(aws: Sandbox, ecr: Any) -> None:
    child = seed.image(aws, "app")
    index = seed.index(aws, "app", {child: "linux/amd64"}, "multi")
    for digest in (child, index):
        seed.scan(aws, "app", digest, counts=COUNTS)
    assert described(ecr, child)[1]["findingSeverityCounts"] == COUNTS
    status, summary = described(ecr, index)
    assert (status["status"], summary) == ("UNSUPPORTED_IMAGE", None)


def test_a_scan_that_is_started_keeps_what_the_last_one_found(aws: Sandbox, ecr: Any) -> None:
    digest = seed.image(aws, "app", "v1")
    seed.scan(aws, "app", digest, counts=COUNTS, completed=WHEN)
    started = ecr.start_image_scan(repositoryName="app", imageId={"imageDigest": digest})
    assert started["imageScanStatus"]["status"] == "IN_PROGRESS"
    status, summary = described(ecr, digest)
    assert status["status"] == "IN_PROGRESS"
    assert summary["findingSeverityCounts"] == COUNTS
