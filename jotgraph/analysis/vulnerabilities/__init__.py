"""Vulnerabilities of images and of what runs, computed once for every view.

A scan is about a digest, whatever repository holds it. Of copies that were scanned with different
results the worst counts, since one scanner may know more than another. An index is as vulnerable as
the worst image that it lists, since a machine may take any of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from jotgraph.analysis.provenance.carriers import images_run, listed_in
from jotgraph.analysis.vulnerabilities.model import CriticalRunning, Vulnerabilities
from jotgraph.graph import (
    ResourceGraph,
    dependencies,
    is_missing,
    of_kind,
    read_by_kind,
    record,
    remembered,
)
from jotgraph.links import Relation
from jotgraph.records import (
    EcrImage,
    Function,
    ImageScan,
    ImageType,
    Kind,
    ResourceId,
    Version,
    digest_of,
)

__all__ = [
    "CriticalRunning",
    "Vulnerabilities",
    "any_scanned",
    "critical_running",
    "rank",
    "running_images",
    "told_by_scans",
    "vulnerabilities",
]

_HOLDS = frozenset({"COMPLETE", "ACTIVE", ""})
"""Statuses of a scan whose counts are valid. ``ACTIVE`` is scanned again and again; a missing
status does not contradict a summary."""
_UNKNOWN: Mapping[str, str] = {
    "IN_PROGRESS": "its scan is in progress",
    "PENDING": "its scan is pending",
    "FAILED": "its scan failed",
    "UNSUPPORTED_IMAGE": "ECR cannot scan it",
    "SCAN_ELIGIBILITY_EXPIRED": "ECR no longer scans it",
    "FINDINGS_UNAVAILABLE": "the findings of its scan are not available",
    "LIMIT_EXCEEDED": "the quota of scans was reached",
    "IMAGE_ARCHIVED": "archived images are not scanned",
    "IMAGE_SIZE_EXCEEDED": "it is too large to be scanned",
}
_NEVER = "no scan of it is known"
_NOT_SCANNED = Vulnerabilities(unknown=_NEVER)
_UNTOLD = "its scan reports no counts"
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def vulnerabilities(graph: ResourceGraph, image: ResourceId) -> Vulnerabilities:
    """Return what the last scan of an ECR image found, or why that is unknown. Raises KeyError for
    an id that is not in the graph."""
    node = record(graph, image)
    if isinstance(node, EcrImage):
        return told_by_scans(graph)(image, node)
    return _vulnerabilities(graph, image)


@remembered
def told_by_scans(graph: ResourceGraph) -> Callable[[ResourceId, EcrImage], Vulnerabilities]:
    """Return the vulnerabilities of images that were read, for callers that ask about many."""
    scanned, index = _scanned(graph), ImageType.INDEX

    def told(resource: ResourceId, image: EcrImage) -> Vulnerabilities:
        if image.type is not index and not (scanned and image.digest in scanned):
            return _NOT_SCANNED  # nearly every image of most estates
        return _vulnerabilities(graph, resource)

    return told


@remembered
def _scanned(graph: ResourceGraph) -> frozenset[str]:
    """The digests whose scan is known."""
    return frozenset(image.digest for image in read_by_kind(graph).ecr if image.scan is not None)


@remembered
def _vulnerabilities(graph: ResourceGraph, image: ResourceId) -> Vulnerabilities:
    own = _of_digest(graph, image)
    node = record(graph, image)
    if not isinstance(node, EcrImage) or node.type is not ImageType.INDEX or not own.unknown:
        return own
    held = {inside: record(graph, inside) for inside in listed_in(graph, image)}
    indexes = [
        stored
        for stored in held.values()
        if isinstance(stored, EcrImage) and stored.type is ImageType.INDEX
    ]
    if not all(index.manifest_read for index in indexes):
        return Vulnerabilities(unknown="which images the index lists was not read")
    listed = {child.digest for index in indexes for child in index.children if child.runs}
    listed -= {index.digest for index in indexes}
    children = {inside: _of_digest(graph, inside) for inside in held if digest_of(inside) in listed}
    return _worst(children) if children else own


def any_scanned(graph: ResourceGraph) -> bool:
    """Return whether a scan of any image is known; without one, nothing is known to be
    vulnerable."""
    return bool(_scanned(graph))


def running_images(graph: ResourceGraph) -> dict[ResourceId, tuple[ResourceId, ...]]:
    """Return every ECR image that runs or is started next, with the functions, versions and
    workloads that run it, sorted."""
    users: dict[ResourceId, list[ResourceId]] = defaultdict(list)
    for resource in of_kind(graph, Kind.FUNCTION, Kind.VERSION):
        for image in dependencies(graph, resource, Relation.RUNS):
            users[image].append(resource)
    for resource in of_kind(graph, Kind.WORKLOAD):
        for image in images_run(graph, resource):
            users[image].append(resource)
    return {image: tuple(users[image]) for image in sorted(users)}


def critical_running(graph: ResourceGraph) -> CriticalRunning:
    """Return the critical vulnerabilities in everything that runs. A digest counts once, whatever
    repositories hold it; for an index the worst image that it lists."""
    counted: dict[str, tuple[ResourceId, int]] = {}
    unknown: dict[ResourceId, str] = {}
    for image in running_images(graph):
        counts = vulnerabilities(graph, image)
        if critical := counts.count("CRITICAL"):
            counted.setdefault(digest_of(counts.of or image), (image, critical))
        if counts.unknown:
            unknown[image] = counts.unknown
    for resource in of_kind(graph, Kind.FUNCTION, Kind.VERSION):
        node = record(graph, resource)
        assert isinstance(node, Function | Version)
        if node.may_run_image and not dependencies(graph, resource, Relation.RUNS):
            unknown[resource] = "which image it runs was not read"
    return CriticalRunning(
        count=sum(critical for _, critical in counted.values()),
        images=tuple(sorted(counted.values(), key=lambda pair: (-pair[1], pair[0]))),
        unknown=tuple(sorted(unknown.items())),
    )


def _of_digest(graph: ResourceGraph, image: ResourceId) -> Vulnerabilities:
    """The scan of an image or of a copy with its digest: valid before invalid, then the worst, then
    the latest."""
    if is_missing(graph, image) and not _by_digest(graph).get(digest_of(image)):
        return Vulnerabilities(unknown="it was not read")
    scans = [_of_scan(node, image) for node in _by_digest(graph).get(digest_of(image), ())]
    return max(scans, key=_standing)


@remembered
def _by_digest(graph: ResourceGraph) -> Mapping[str, tuple[EcrImage, ...]]:
    by_digest: dict[str, list[EcrImage]] = defaultdict(list)
    for node in _images(graph):
        by_digest[node.digest].append(node)
    return {digest: tuple(nodes) for digest, nodes in by_digest.items()}


def _images(graph: ResourceGraph) -> Iterator[EcrImage]:
    for image in of_kind(graph, Kind.ECR_IMAGE):
        node = record(graph, image)
        if isinstance(node, EcrImage):
            yield node


def _of_scan(node: EcrImage, asked: ResourceId) -> Vulnerabilities:
    scan = node.scan or ImageScan()
    unknown = _UNKNOWN.get(scan.status, f"its scan is {scan.status}")
    if scan.status in _HOLDS:
        unknown = "" if scan.counts is not None else _NEVER if node.scan is None else _UNTOLD
    return Vulnerabilities(
        counts=scan.counts,
        scanned_at=scan.completed_at,
        unknown=unknown,
        of=None if node.id == asked else node.id,
    )


def _standing(scan: Vulnerabilities) -> tuple[object, ...]:
    is_counted, at = scan.counts is not None, scan.scanned_at or _EARLIEST
    whole = is_counted and not scan.unknown
    counts = (scan.unknown, scan.counts or ())  # of what is alike: no name may decide
    return (whole, is_counted, rank(scan), at, counts, scan.of is None)


def rank(scan: Vulnerabilities) -> tuple[int, ...]:
    """A sort key by severity, as far as it was counted."""
    return tuple(scan.count(severity) or 0 for severity in ("CRITICAL", "HIGH", "MEDIUM", "LOW"))


def _worst(children: Mapping[ResourceId, Vulnerabilities]) -> Vulnerabilities:
    """The worst of several; unknown when one of them is."""
    unknown = next((scan.unknown for scan in children.values() if scan.unknown), "")
    counted = [child for child, scan in children.items() if scan.counts is not None]
    if not counted:
        return Vulnerabilities(unknown=unknown)
    child = max(counted, key=lambda child: (rank(children[child]), child))
    worst = children[child]
    return Vulnerabilities(
        counts=worst.counts,
        scanned_at=worst.scanned_at,
        unknown=unknown,
        of=worst.of or child,
    )
