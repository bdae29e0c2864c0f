"""What ECR's calls share: finding images, page sizes, the shapes of images and failures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.wire import AwsError, Request
from jotgraph.sandbox.world import Image, Images, World, images_of, repository_of


def registry_of(request: Request) -> str:
    return request.text("registryId") or request.account


def images_in(world: World, request: Request) -> Images:
    """The images of the repository a call names. Raises AwsError when there is none."""
    registry, name = registry_of(request), request.text("repositoryName")
    return images_of(repository_of(world, registry, request.region, name))


def status_of(world: World, image: Image) -> str:
    """``ACTIVE``, ``ARCHIVED``, or ``ACTIVATING`` while a restore is in progress."""
    if image.archived:
        return "ARCHIVED"
    ready = (image.activated_at or 0.0) + world.restore_seconds
    return "ACTIVATING" if image.activated_at and world.now() < ready else "ACTIVE"


def page_size(request: Request, most: int = 1000, default: int = 100) -> int:
    """``maxResults``: 1 to 1000, 100 unless given (API_DescribeImages)."""
    size = int(request.params.get("maxResults") or default)
    if not 1 <= size <= most:
        raise AwsError(
            "InvalidParameterException",
            f"Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must have "
            f"value less than or equal to {most}'",
        )
    return size


def check_ids(ids: Any) -> None:
    """At most 100 image ids a call (``ImageIdentifierList``, max 100)."""
    if len(ids) > 100:
        raise AwsError(
            "InvalidParameterException",
            "Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have "
            "length less than or equal to 100'",
        )


def by_id(images: Images, image_id: Mapping[str, str], request: Request) -> Image:
    digest, tag = image_id.get("imageDigest"), image_id.get("imageTag")
    stored = images.by_digest.get(digest or images.tags.get(tag or "", ""))
    if stored is None or (tag is not None and tag not in stored.tags):
        raise AwsError(
            "ImageNotFoundException",
            f"The image with imageId {{imageDigest:'{digest or 'null'}', imageTag:"
            f"'{tag or 'null'}'}} does not exist within the repository with name "
            f"'{request.text('repositoryName')}' in the registry with id "
            f"'{registry_of(request)}'",
        )
    return stored


def failure(image_id: Mapping[str, str], code: str, reason: str) -> dict[str, Any]:
    return {"imageId": dict(image_id), "failureCode": code, "failureReason": reason}


def image_answer(request: Request, image: Image, tag: str | None) -> dict[str, Any]:
    return {
        "registryId": registry_of(request),
        "repositoryName": request.text("repositoryName"),
        "imageId": {"imageDigest": image.digest, **({"imageTag": tag} if tag else {})},
        "imageManifest": image.manifest,
        "imageManifestMediaType": image.media_type,
    }
