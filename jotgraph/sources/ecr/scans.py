"""The last scan of an image for vulnerabilities, according to ECR.

``DescribeImages`` includes it, so that it costs no call. Enhanced and newer basic scanning may omit
it there (ECR user guide, "Scan images for software vulnerabilities"; aws/containers-roadmap#1662):
what is omitted is unknown, not zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import EcrImage, ImageScan, ImageType
from jotgraph.records.ecr import SEVERITIES
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.times import utc
from jotgraph.sources.ecr.reading import KnownByDigest, by_place, homes_of
from jotgraph.sources.ecr.requests import get_scan
from jotgraph.sources.ecr.wanted import Interest, running_digests

_NO_SCAN = "ScanNotFoundException"
_RUN = (ImageType.IMAGE, ImageType.UNKNOWN)


def scan_of(detail: Mapping[str, Any]) -> ImageScan | None:
    """Make a record of the scan in an ImageDetail; None when there is none."""
    status = detail.get("imageScanStatus") or {}
    summary = detail.get("imageScanFindingsSummary")
    if not status and summary is None:
        return None
    return made_scan(status, summary or {})


def made_scan(status: Mapping[str, Any], summary: Mapping[str, Any]) -> ImageScan:
    """Make a record of an ``ImageScanStatus`` and a summary of findings."""
    counts = summary.get("findingSeverityCounts")
    return ImageScan(
        status=str(status.get("status") or ""),
        completed_at=utc(summary.get("imageScanCompletedAt")),
        counts=None if counts is None else _in_order(counts),
    )


def _in_order(counts: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """Sort worst first; a severity that ECR has added since comes last."""
    ranks = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    listed = sorted(counts.items(), key=lambda pair: (ranks.get(pair[0], len(ranks)), pair[0]))
    return tuple((severity, int(count)) for severity, count in listed)


def read_scans(
    question: Interest, reading: KnownByDigest, images: tuple[EcrImage, ...]
) -> tuple[EcrImage, ...]:
    """Read the scan of each running digest whose counts no listing contains, with one call each.
    For an index these are the digests that it lists. Returns every image, in the given order."""
    counted = {image.digest for image in images if image.scan and image.scan.counts is not None}
    homes = homes_of(image for image in images if image.type in _RUN)
    by_digest = {image.digest: image for image in images}
    run = running_digests(question, by_digest)
    listed = {child.digest for digest in run for child in by_digest[digest].children if child.runs}
    wanted = ((run | listed) & homes.keys()) - counted
    scans: dict[str, ImageScan] = {}
    for place, (image, *_), scan in by_place(reading, homes, wanted, 1, _asked):
        if isinstance(scan, ImageScan):
            scans[image.digest] = scan
        elif isinstance(scan, Failure):
            gap = place.gap(
                "ecr",
                "DescribeImageScanFindings",
                scan,
                resource=image.repository,
                facts=("vulnerabilities",),
            )
            reading.gaps.append(gap)
    return tuple(
        msgspec.structs.replace(image, scan=scans.get(image.digest, image.scan)) for image in images
    )


def _asked(place: RegionClient, batch: tuple[EcrImage, ...]) -> ImageScan | None:
    """The last scan of an image; None if there was none. Raises CallFailedError."""
    (image,) = batch
    try:
        answer = get_scan(place, image.repository, image.digest)
    except CallFailedError as error:
        if error.failure.code == _NO_SCAN:
            return None
        raise
    return made_scan(answer.get("imageScanStatus") or {}, answer.get("imageScanFindings") or {})
