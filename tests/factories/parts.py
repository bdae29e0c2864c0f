"""What records hold in their fields: the parts of an image, and of a match of its files."""

from __future__ import annotations

from typing import Any

from jotgraph.records import (
    BuildInput,
    Carrier,
    CaseOutcome,
    Child,
    Convention,
    FileFact,
    ImageScan,
    Layer,
    Statement,
    Touched,
    UsedImage,
)
from tests.factories.names import Name, digest, sha, uri

SLSA = "https://slsa.dev/provenance/v0.2"


def layer(name: Name = 100, size: int = 30_000_000, **fields: Any) -> Layer:
    return Layer(digest(name), size, **fields)


def child(name: Name = 1, platform: str = "linux/amd64") -> Child:
    """The entry of an image in an index."""
    return Child(digest(name), platform)


def attestation_child(name: Name = 2, describes: Name = 1) -> Child:
    """The entry of an attestation in an index, beside the image that it describes."""
    return Child(digest(name), "unknown/unknown", digest(describes))


def image_scan(status: str = "COMPLETE", **fields: Any) -> ImageScan:
    """A scan for vulnerabilities; one that was completed found none, unless told."""
    counts = () if status in ("COMPLETE", "ACTIVE") else None
    return ImageScan(**({"status": status, "counts": counts} | fields))


def statement(*subjects: Name, **fields: Any) -> Statement:
    """What a builder says of the images that it made."""
    about = tuple(digest(subject) for subject in subjects or (1,))
    return Statement(**({"predicate": SLSA, "subjects": about} | fields))


def convention(
    name: str = "acme_build",
    carrier: Carrier = Carrier.LABEL,
    pattern: str = "com.acme.build",
    file: str = "jotgraph.toml",
) -> Convention:
    """A place of a team's own where its builds leave a revision."""
    return Convention(name=name, carrier=carrier, pattern=pattern, file=file)


def used_image(image: str = f"{uri()}:v1", resolved: str = "") -> UsedImage:
    """An image as a workload names it, and the digest that its tag was resolved to."""
    return UsedImage(image, resolved)


def file_fact(
    path: str = "app/.git/HEAD",
    kind: str = "git",
    revision: str = sha(1),
    source: str = "",
    dirty: bool = False,
    package: bool = False,
) -> FileFact:
    """A file of an image that names a revision."""
    return FileFact(path, kind, revision, source, dirty, package)


def build_input(path: str = "Dockerfile", *commits: Name) -> BuildInput:
    return BuildInput(path, tuple(sha(commit) for commit in commits))


def touched(*commits: Name, **fields: Any) -> Touched:
    """The later commits that touch what is in an image."""
    return Touched(tuple(sha(commit) for commit in commits), **fields)


def case_outcome(
    name: str = "smoke", event: Name = 1, expected: Name = 2, *, passed: bool = True
) -> CaseOutcome:
    """What came of one case of a test."""
    return CaseOutcome(name, digest(event), digest(expected), passed)
