"""Repositories and images of one account and region, from ECR's listings.

Nothing here changes a pull time: only DescribeRepositories and DescribeImages are called, before
any manifest is read (BatchGetImage changes ``lastRecordedPullTime``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jotgraph.errors import Failure
from jotgraph.records import EcrImage, EcrRepository, Gap, Kind, Registry
from jotgraph.sources.aws.calls import Listing, RegionClient
from jotgraph.sources.aws.times import utc
from jotgraph.sources.ecr.image_types import image_type, subject_by_tag
from jotgraph.sources.ecr.requests import list_images, list_repositories
from jotgraph.sources.ecr.scans import scan_of
from jotgraph.sources.ecr.settings import read_settings


@dataclass(frozen=True)
class EcrRead:
    """The repositories and images of one account and region."""

    repositories: tuple[EcrRepository, ...] = ()
    images: tuple[EcrImage, ...] = ()
    registries: tuple[Registry, ...] = ()
    gaps: tuple[Gap, ...] = ()


def read_ecr(place: RegionClient, *, quick: bool = False) -> EcrRead:
    """List repositories and images; unless ``quick``, read the settings of each repository, too."""
    listing = list_repositories(place)
    gaps: list[Gap] = []
    if listing.failure:
        hides = (Kind.ECR_REPO, Kind.ECR_IMAGE)
        gaps.append(place.gap("ecr", "DescribeRepositories", listing.failure, hides=hides))
    repositories = tuple(repository_record(place, detail) for detail in listing.items)
    images, trouble = _images(place, repositories)
    gaps.extend(trouble)
    settings = read_settings(place, repositories, quick=quick)
    gaps.extend(settings.gaps)
    return EcrRead(settings.repositories, images, settings.registries, tuple(gaps))


def repository_record(place: RegionClient, detail: Mapping[str, Any]) -> EcrRepository:
    """Make a record of one Repository, without its settings."""
    return EcrRepository(
        account=place.account,
        region=place.region,
        name=detail["repositoryName"],
        arn=detail.get("repositoryArn", ""),
        uri=detail.get("repositoryUri", ""),
        created_at=utc(detail.get("createdAt")),
        mutability=detail.get("imageTagMutability", ""),
    )


def _images(
    place: RegionClient, repositories: tuple[EcrRepository, ...]
) -> tuple[tuple[EcrImage, ...], list[Gap]]:
    """List the images of every repository, several repositories at once."""

    def read(repository: EcrRepository) -> Listing:
        return list_images(place, repository.name)

    images: list[EcrImage] = []
    gaps: list[Gap] = []
    results = place.each_listing("ECR repositories", read, repositories)
    for repository, listing in zip(repositories, results, strict=True):
        images.extend(image_of(place, detail) for detail in listing.items)
        if listing.failure:
            gaps.append(_image_gap(place, repository, listing.failure))
    return tuple(images), gaps


def _image_gap(place: RegionClient, repository: EcrRepository, failure: Failure) -> Gap:
    return place.gap(
        "ecr",
        "DescribeImages",
        failure,
        resource=repository.name,
        hides=(Kind.ECR_IMAGE,),
    )


def image_of(place: RegionClient, detail: Mapping[str, Any]) -> EcrImage:
    """Make a record of one ImageDetail, without its manifest."""
    tags = tuple(sorted(detail.get("imageTags") or ()))
    media, artifact = detail.get("imageManifestMediaType", ""), detail.get("artifactMediaType", "")
    return EcrImage(
        account=place.account,
        region=place.region,
        repository=detail["repositoryName"],
        digest=detail["imageDigest"],
        tags=tags,
        pushed_at=utc(detail.get("imagePushedAt")),
        pulled_at=utc(detail.get("lastRecordedPullTime")),
        size=int(detail.get("imageSizeInBytes") or 0),
        media_type=media,
        artifact_media_type=artifact,
        subject=detail.get("subjectManifestDigest") or subject_by_tag(tags),
        status=detail.get("imageStatus") or "ACTIVE",
        restored_at=utc(detail.get("lastActivatedAt")),
        scan=scan_of(detail),
        type=image_type(media, artifact, tags),
    )
