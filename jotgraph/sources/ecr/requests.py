"""Reading calls for ECR's repositories and images, each made in one place.

A scan turns failures into gaps; whoever reads a single resource stops at them: ``Listing`` and
``Listing.whole`` serve the two. The other functions raise CallFailedError.
"""

from __future__ import annotations

import base64
from typing import Any

from jotgraph.sources.aws.calls import Answer, Listing, RegionClient

PAGE = 1000


def list_repositories(place: RegionClient) -> Listing:
    return place.pages("ecr", "DescribeRepositories", "repositories", maxResults=PAGE)


def get_repository(place: RegionClient, name: str) -> dict[str, Any] | None:
    """The description of one repository."""
    answer = place.ask("ecr", "DescribeRepositories", "repositories", repositoryNames=[name])
    named = (
        description
        for description in answer["repositories"]
        if description["repositoryName"] == name
    )
    return next(named, None)


def list_images(place: RegionClient, repository: str) -> Listing:
    """List every image of a repository, including archived ones, which DescribeImages hides by
    default (ECR API, DescribeImagesFilter)."""
    return place.pages(
        "ecr",
        "DescribeImages",
        "imageDetails",
        repositoryName=repository,
        filter={"imageStatus": "ANY"},
        maxResults=PAGE,
    )


def get_images(
    place: RegionClient, repository: str, *, digest: str = "", tag: str = ""
) -> list[Any]:
    """Return the image that a digest or tag names, in a listing of one or none."""
    named = {"imageDigest": digest} if digest else {"imageTag": tag}
    answer = place.ask(
        "ecr", "DescribeImages", "imageDetails", repositoryName=repository, imageIds=[named]
    )
    return list(answer["imageDetails"])


def get_scan(place: RegionClient, repository: str, digest: str) -> Answer:
    """Return the last scan of an image: its counts, and at most one of its findings."""
    return place.ask(
        "ecr",
        "DescribeImageScanFindings",
        "imageScanStatus",
        "imageScanFindings",
        repositoryName=repository,
        imageId={"imageDigest": digest},
        maxResults=1,
    )


def get_repository_policy(place: RegionClient, name: str) -> Answer:
    return place.ask("ecr", "GetRepositoryPolicy", "policyText", repositoryName=name)


def get_lifecycle_policy(place: RegionClient, name: str) -> Answer:
    return place.ask("ecr", "GetLifecyclePolicy", "lifecyclePolicyText", repositoryName=name)


def list_repository_tags(place: RegionClient, arn: str) -> Answer:
    return place.ask("ecr", "ListTagsForResource", "tags", resourceArn=arn)


def get_registry_login(place: RegionClient) -> dict[str, str]:
    """Return user and password for the registry, valid for twelve hours
    (API_GetAuthorizationToken)."""
    answer = place.ask("ecr", "GetAuthorizationToken", "authorizationData")
    token = base64.b64decode(answer["authorizationData"][0]["authorizationToken"]).decode()
    user, _, password = token.partition(":")
    return {"username": user, "password": password}


def has_layer(place: RegionClient, repository: str, digest: str) -> bool:
    """Return whether a repository has a layer or configuration."""
    answer = place.ask(
        "ecr",
        "BatchCheckLayerAvailability",
        "layers",
        repositoryName=repository,
        layerDigests=[digest],
    )
    return any(layer.get("layerAvailability") == "AVAILABLE" for layer in answer["layers"])
