"""Rules on critical vulnerabilities in images that run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from jotgraph.analysis.health.commands import Command, another
from jotgraph.analysis.health.model import Code, Fact, Finding
from jotgraph.analysis.health.names import image_name
from jotgraph.analysis.health.subject import Subject
from jotgraph.analysis.vulnerabilities import (
    Vulnerabilities,
    any_scanned,
    rank,
    running_images,
    vulnerabilities,
)
from jotgraph.graph import ResourceGraph, dependents, remembered
from jotgraph.links import Relation
from jotgraph.records import EcrImage, ResourceId, digest_of, place_of, repository_name_of


def image(on: Subject) -> Iterator[Finding]:
    """The last scan of an image that runs found critical vulnerabilities, or is not known."""
    if not isinstance(on.node, EcrImage) or not _runs(on.graph, on.id):
        return
    counts = vulnerabilities(on.graph, on.id)
    if counts.count("CRITICAL"):
        yield _finding(on, on.id, counts, "it")
    if counts.unknown:
        statement = f"how many vulnerabilities it has is not known: {counts.unknown}"
        yield on.unknown(Code.VULNERABLE, Fact.VULNERABILITIES, statement)


def running(on: Subject) -> Iterator[Finding]:
    """A critical vulnerability is in an image that a function, version or workload runs. That no
    scan is known is a finding of the image alone."""
    for used in _critical_by_user(on.graph).get(on.id, ()):
        what = f"image {image_name(on.graph, used)}"
        yield _finding(on, used, vulnerabilities(on.graph, used), what)


def _finding(on: Subject, scanned: ResourceId, counts: Vulnerabilities, what: str) -> Finding:
    when = f" (scanned {counts.scanned_at:%Y-%m-%d})" if counts.scanned_at else ""
    high = counts.count("HIGH")
    label = "critical"
    critical = f"{counts.count('CRITICAL')} {label}"
    statement = f"{what} has {critical}{f' and {high} high' if high else ''} vulnerabilities{when}"
    return on.finding(
        Code.VULNERABLE,
        statement,
        _command(counts.of or scanned),
        fault=scanned,
        word=critical,
        label=label,
    )


def _command(scanned: ResourceId) -> Command:
    """The command that lists the vulnerabilities one by one."""
    place = place_of(scanned)
    words = ["aws", "ecr", "describe-image-scan-findings", "--region", place.region]
    words += ["--registry-id", place.account, "--repository-name", repository_name_of(scanned)]
    return another(*words, "--image-id", f"imageDigest={digest_of(scanned)}")


def _runs(graph: ResourceGraph, image: ResourceId) -> bool:
    """Whether something runs the image or an index that lists it."""
    run = _running(graph)
    indexes = dependents(graph, image, Relation.CONTAINS)
    return any(name in run for name in (image, *indexes))


@remembered
def _running(graph: ResourceGraph) -> frozenset[ResourceId]:
    return frozenset(running_images(graph))


@remembered
def _critical_by_user(graph: ResourceGraph) -> dict[ResourceId, tuple[ResourceId, ...]]:
    """The images with critical vulnerabilities that each function, version and workload runs. Of
    several copies of one digest, the worst that was read."""
    if not any_scanned(graph):
        return {}
    worst: dict[ResourceId, dict[str, ResourceId]] = defaultdict(dict)
    for image, users in running_images(graph).items():
        counts = vulnerabilities(graph, image)
        for user in users if counts.count("CRITICAL") else ():
            before = worst[user].setdefault(digest_of(image), image)
            if rank(counts) > rank(vulnerabilities(graph, before)):
                worst[user][digest_of(image)] = image
    return {user: tuple(images.values()) for user, images in worst.items()}
