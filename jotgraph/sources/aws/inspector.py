"""Reads from Amazon Inspector what ECS and EKS use, where it scans ECR (``--inspector``).

Inspector counts the tasks of ECS and the pods of EKS that use an image (inspector2 API,
EcrContainerImageMetadata), but no functions and no jobs of other services, and with a delay: what
it names is in use, and its silence proves nothing. Calls, for each place: 1 BatchGetAccountStatus,
and 1 ListCoverage for 200 images.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import (
    EcrImage,
    Gap,
    ResourceId,
    UsedImage,
    Workload,
    WorkloadState,
    digest_of,
    ecr_image_id,
    place_of,
    repository_name_of,
)
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.offered import offered
from jotgraph.sources.aws.places import Threads, safely
from jotgraph.sources.aws.times import utc

SERVICE = "inspector2"
PAGE = 200
_ARN = re.compile(
    r"arn:[a-z-]+:ecr:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):repository/(?P<name>.+)/"
    r"(?P<digest>sha256:[0-9a-f]{64})"
)
_IMAGES = {"resourceType": [{"comparison": "EQUALS", "value": "AWS_ECR_CONTAINER_IMAGE"}]}
_ON = ("ENABLED", "ENABLING")


class Covered(NamedTuple):
    """One image that Inspector scans, and its use."""

    image: ResourceId
    users: int
    last_used: datetime | None


@dataclass(frozen=True)
class InspectorRead:
    """What Inspector reports for all places."""

    covered: tuple[Covered, ...] = ()
    gaps: tuple[Gap, ...] = ()


def read_inspector(places: Iterable[RegionClient], threads: Threads) -> InspectorRead:
    """Read Inspector in all places at once."""
    reads = tuple(
        InspectorRead(gaps=(read,)) if isinstance(read, Gap) else read
        for read in threads.stages.map(lambda place: safely(SERVICE, place, _read), places)
    )
    return InspectorRead(
        tuple(covered for read in reads for covered in read.covered),
        tuple(gap for read in reads for gap in read.gaps),
    )


def _read(place: RegionClient) -> InspectorRead:
    if not offered(place, SERVICE):
        return InspectorRead()
    gaps = [*_off(place)]
    if any(gap.reason == "unsupported" for gap in gaps):
        return InspectorRead(gaps=tuple(gaps))
    listing = place.pages(
        SERVICE, "ListCoverage", "coveredResources", filterCriteria=_IMAGES, maxResults=PAGE
    )
    if listing.failure:
        gaps.append(place.gap(SERVICE, "ListCoverage", listing.failure, facts=("in-use",)))
    covered = (_covered(resource) for resource in listing.items)
    return InspectorRead(tuple(image for image in covered if image), tuple(gaps))


def _off(place: RegionClient) -> Iterable[Gap]:
    """A gap for a place where Inspector does not scan ECR, or does not say whether it does."""
    action, facts = "BatchGetAccountStatus", ("inspector",)
    try:
        answer = place.ask(SERVICE, action, "accounts", accountIds=[place.account])
    except CallFailedError as error:
        yield place.gap(SERVICE, action, error.failure, facts=facts)
        return
    for account in answer["accounts"]:
        status = account.get("resourceState", {}).get("ecr", {}).get("status", "")
        if status and status not in _ON:
            statement = (
                f"Inspector does not scan ECR here ({status}): it does not say what is in use"
            )
            gap = place.gap(SERVICE, action, Failure("unsupported", statement), facts=facts)
            yield msgspec.structs.replace(gap, detail=statement)


def _covered(resource: Mapping[str, Any]) -> Covered | None:
    """The use of one image; None for other resources, and when it is not reported."""
    named = _ARN.fullmatch(str(resource.get("resourceId")))
    use = (resource.get("resourceMetadata") or {}).get("ecrImage") or {}
    count, last_used = int(use.get("inUseCount") or 0), utc(use.get("lastInUseAt"))
    if named is None or not (count or last_used):
        return None
    image = ecr_image_id(named["account"], named["region"], named["name"], named["digest"])
    return Covered(image, count, last_used)


def users_counted(
    covered: Collection[Covered], images: Iterable[EcrImage], workloads: Iterable[Workload]
) -> tuple[Workload, ...]:
    """Return a workload for each image with users in Inspector that no workload read is known to
    run."""
    if not covered:
        return ()
    listed = {image.id for image in images}
    run = {
        used.digest
        for workload in workloads
        if workload.state is not WorkloadState.ACTIVE
        for used in workload.images
    }
    counted = [
        use
        for use in covered
        if use.users and use.image in listed and digest_of(use.image) not in run
    ]
    shorts = Counter(_short(use.image) for use in counted)
    return tuple(_workload(use, shorts) for use in counted)


def _workload(use: Covered, shorts: Mapping[str, int]) -> Workload:
    account, region = place_of(use.image)
    repository, digest = repository_name_of(use.image), digest_of(use.image)
    short = _short(use.image)
    host = f"{account}.dkr.ecr.{region}.amazonaws.com"
    return Workload(
        account=account,
        region=region,
        service="inspector",
        type="image-use",
        name=short if shorts[short] == 1 else f"{repository}@{digest}",
        images=(UsedImage(f"{host}/{repository}@{digest}"),),
        tasks=use.users,
        changed_at=use.last_used,
    )


def _short(image: ResourceId) -> str:
    return f"{repository_name_of(image)}@{digest_of(image)[7:19]}"


def with_last_use(
    covered: Collection[Covered], images: tuple[EcrImage, ...]
) -> tuple[EcrImage, ...]:
    """Return the images with the time when Inspector last saw them in use."""
    when = {use.image: use.last_used for use in covered if use.last_used}
    if not when:
        return images
    return tuple(
        msgspec.structs.replace(image, last_in_use_at=when[image.id]) if image.id in when else image
        for image in images
    )
