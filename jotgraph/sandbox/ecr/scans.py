"""ECR's scans for vulnerabilities, as AWS documents them. moto 5.2 answers made-up findings for any
image; here ``seed.scan`` says what a scan found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.ecr.common import by_id, images_in, page_size, registry_of
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Image, Scan, World

WORDS: Mapping[str, str] = {
    "COMPLETE": "The scan was completed successfully.",
    "ACTIVE": "Continuous scan is selected for image.",
    "IN_PROGRESS": "The scan is in progress.",
    "PENDING": "The scan is pending.",
    "FAILED": "The scan failed.",
    "UNSUPPORTED_IMAGE": "UnsupportedImageError: The operating system is not supported.",
    "IMAGE_ARCHIVED": "The image is archived.",
}
_INDEX = ("manifest.list", "image.index")


def scan_for(
    image: Image,
    status: str,
    counts: Mapping[str, int] | None,
    completed_at: float | None,
    *,
    described: bool = True,
) -> Scan:
    """Make a scan of an image. Counts exist only after a completed scan; the children of an index
    are scanned, never the index."""
    if any(kind in image.media_type for kind in _INDEX):
        status, counts = "UNSUPPORTED_IMAGE", None
    when = None if counts is None else completed_at
    return Scan(status, WORDS.get(status, status), counts, when, described)


def described(image: Image) -> dict[str, Any]:
    """Return what DescribeImages shows of a scan: nothing for an image that was not scanned, and no
    summary before a scan was completed (API_ImageDetail)."""
    scan = image.scan
    if scan is None or not scan.described:
        return {}
    detail: dict[str, Any] = {"imageScanStatus": _status(scan)}
    if scan.counts is not None:
        detail["imageScanFindingsSummary"] = _summary(scan)
    return detail


def describe_image_scan_findings(world: World, request: Request) -> Reply:
    """The counts of the last scan; ScanNotFoundException where there was none
    (API_DescribeImageScanFindings). Single findings are not kept here."""
    image = by_id(images_in(world, request), request.params.get("imageId") or {}, request)
    page_size(request)
    scan = image.scan
    if scan is None:
        raise AwsError(
            "ScanNotFoundException",
            f"Image scan does not exist for the image with imageId {{imageDigest:"
            f"'{image.digest}', imageTag:'null'}} in the repository with name "
            f"'{request.text('repositoryName')}' in the registry with id '{registry_of(request)}'",
        )
    findings = {} if scan.counts is None else {"findings": [], **_summary(scan)}
    return json_reply({**_named(request, image), **_scanned(scan), "imageScanFindings": findings})


def start_image_scan(world: World, request: Request) -> Reply:
    """Ask for a scan: it is in progress until something else is seeded (API_StartImageScan)."""
    image = by_id(images_in(world, request), request.params.get("imageId") or {}, request)
    before = image.scan
    image.scan = scan_for(
        image,
        "IN_PROGRESS",
        before.counts if before else None,
        before.completed_at if before else None,
    )
    return json_reply({**_named(request, image), **_scanned(image.scan)})


def _named(request: Request, image: Image) -> dict[str, Any]:
    return {
        "registryId": registry_of(request),
        "repositoryName": request.text("repositoryName"),
        "imageId": {"imageDigest": image.digest},
    }


def _scanned(scan: Scan) -> dict[str, Any]:
    return {"imageScanStatus": _status(scan)}


def _status(scan: Scan) -> dict[str, str]:
    return {"status": scan.status, "description": scan.description}


def _summary(scan: Scan) -> dict[str, Any]:
    return {
        "imageScanCompletedAt": scan.completed_at,
        "vulnerabilitySourceUpdatedAt": scan.completed_at,
        "findingSeverityCounts": dict(scan.counts or {}),
    }
