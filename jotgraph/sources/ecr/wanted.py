"""Which ECR images are read beyond their listing: what runs, and what may equal a local image.
Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from itertools import chain

from jotgraph.records import (
    EcrImage,
    EcrRepository,
    Function,
    ImageType,
    LocalImage,
    Version,
    Workload,
    WorkloadState,
)
from jotgraph.records.references import ecr_reference, reference


@dataclass(frozen=True)
class Interest:
    """The criteria for reading an image beyond its listing."""

    images: tuple[EcrImage, ...]
    repositories: tuple[EcrRepository, ...]
    configurations: tuple[Function | Version, ...]
    workloads: tuple[Workload, ...] = ()
    local: tuple[LocalImage, ...] = ()
    git: bool = False
    """Whether there is a git repository to link to."""
    quick: bool = False
    all_labels: bool = False
    """Whether labels of images that nothing runs are wanted, too."""


def running_digests(question: Interest, readable: Container[str]) -> frozenset[str]:
    """Return the digests that run, and those that deployed tags name now."""
    tagged = {
        (image.account, image.region, image.repository, tag): image.digest
        for image in question.images
        for tag in image.tags
    }
    digests: set[str] = set()
    for image, digest in _used(question):
        digests.add(digest or "")
        if named := ecr_reference(image):  # an account's registry has several hosts
            place = (named.account, named.region, named.repository)
            digests.update((named.digest, tagged.get((*place, named.tag or "latest"), "")))
    return frozenset(digest for digest in digests if digest in readable)


def _used(question: Interest) -> Iterator[tuple[str | None, str | None]]:
    """(reference, resolved digest) of what runs or starts next; either may be unknown."""
    for record in question.configurations:
        yield record.image_uri, record.image_digest
    for workload in question.workloads:
        if workload.state is not WorkloadState.ACTIVE:
            yield from ((used.image, used.digest) for used in workload.images)


def labelled_digests(question: Interest, running: frozenset[str]) -> frozenset[str]:
    """Return the digests whose labels are wanted: those that run, or all that can be pulled."""
    if not question.all_labels:
        return running - matched_digests(question) if question.git else frozenset()
    every = {
        image.digest
        for image in question.images
        if image.type in (ImageType.IMAGE, ImageType.UNKNOWN) and image.status == "ACTIVE"
    }
    return (running | every) - matched_digests(question)


def matched_digests(question: Interest) -> frozenset[str]:
    """Return the digests that a local image has, whose labels are therefore known."""
    named = (name for image in question.local for name in image.repo_digests)
    ids = (image.image_id for image in question.local)
    return frozenset(chain(ids, (reference(name).digest for name in named)))


def unmatched_candidates(question: Interest, running: frozenset[str]) -> frozenset[str]:
    """Return the digests whose config may be that of a local image without a matching digest. They
    are those that run, and those in a repository that the local image's tags name."""
    digests = {image.digest for image in question.images}
    lost = [
        image
        for image in question.local
        if image.image_id not in digests
        and not any(reference(name).digest in digests for name in image.repo_digests)
    ]
    if not lost:
        return frozenset()
    named = (ecr_reference(tag) for image in lost for tag in image.tags)
    wanted = {(ref.account, ref.region, ref.repository) for ref in named if ref}
    return running | {
        image.digest
        for image in question.images
        if image.type in (ImageType.IMAGE, ImageType.UNKNOWN)
        and (image.account, image.region, image.repository) in wanted
    }
