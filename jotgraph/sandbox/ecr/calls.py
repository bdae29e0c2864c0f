"""ECR's reading and repository calls, as AWS documents them.

Corrections to moto 5.2: pages with tokens, tag and status filters, sizes of compressed layers,
``artifactMediaType``, ``subjectManifestDigest``, ``lastRecordedPullTime``, ``imageStatus``,
storage classes, referrers, pull-through rules, an authorization token that is still valid.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.ecr.common import (
    by_id,
    check_ids,
    failure,
    image_answer,
    images_in,
    page_size,
    registry_of,
    status_of,
)
from jotgraph.sandbox.ecr.delete import batch_delete_image
from jotgraph.sandbox.ecr.preview import get_preview, start_preview
from jotgraph.sandbox.ecr.put import put_image
from jotgraph.sandbox.ecr.scans import describe_image_scan_findings, described, start_image_scan
from jotgraph.sandbox.wire import Reply, Request, json_reply
from jotgraph.sandbox.world import (
    Handler,
    Image,
    World,
    ecr_backend,
    repository_of,
)

DAY = 24 * 3600.0


def describe_repositories(world: World, request: Request) -> Reply:
    """Page by 100, or ``maxResults`` up to 1000; by name there are no pages
    (API_DescribeRepositories)."""
    registry = registry_of(request)
    names = request.params.get("repositoryNames")
    if names:
        repositories = [repository_of(world, registry, request.region, name) for name in names]
        return json_reply({"repositories": [_repository(r) for r in repositories]})
    registered = ecr_backend(registry, request.region).repositories
    page, token = world.page(
        request,
        lambda: [registered[name] for name in sorted(registered)],
        page_size(request),
        request.params.get("nextToken"),
    )
    return json_reply({"repositories": [_repository(r) for r in page], "nextToken": token})


def _repository(repository: Any) -> dict[str, Any]:
    shown = {
        "repositoryArn": repository.arn,
        "registryId": repository.registry_id,
        "repositoryName": repository.name,
        "repositoryUri": repository.uri,
        "createdAt": repository.created_at.timestamp(),
        "imageTagMutability": str(getattr(repository.image_tag_mutability, "value", None) or ""),
        "imageTagMutabilityExclusionFilters": repository.image_tag_mutability_exclusion_filters,
        "imageScanningConfiguration": repository.image_scanning_configuration,
        "encryptionConfiguration": repository.encryption_configuration,
    }
    if not shown["imageTagMutability"]:
        shown["imageTagMutability"] = str(repository.image_tag_mutability)
    return {key: value for key, value in shown.items() if value is not None}


def _chosen(world: World, request: Request) -> list[Image]:
    """Apply ``filter``: tagStatus TAGGED, UNTAGGED or ANY; imageStatus ACTIVE unless told, so
    that archived images are hidden (API_DescribeImagesFilter)."""
    wanted = request.params.get("filter") or {}
    tagged, status = wanted.get("tagStatus", "ANY"), wanted.get("imageStatus", "ACTIVE")
    return [
        image
        for image in images_in(world, request).by_digest.values()
        if (tagged == "ANY" or (tagged == "TAGGED") == bool(image.tags))
        and (status == "ANY" or status == status_of(world, image))
    ]


def describe_images(world: World, request: Request) -> Reply:
    """Page by 100, or ``maxResults`` up to 1000; by ids there are no pages, and one that is
    absent fails the call (API_DescribeImages)."""
    images = images_in(world, request)
    registry, name = registry_of(request), request.text("repositoryName")
    ids = request.params.get("imageIds")
    token = None
    if ids:
        check_ids(ids)
        chosen = list({id(i): i for i in (by_id(images, x, request) for x in ids)}.values())
    else:
        chosen, token = world.page(
            request,
            lambda: _chosen(world, request),
            page_size(request),
            request.params.get("nextToken"),
        )
    details = [_detail(world, registry, name, image) for image in chosen]
    return json_reply({"imageDetails": details, "nextToken": token})


def _detail(world: World, registry: str, repository: str, image: Image) -> dict[str, Any]:
    """An ``ImageDetail``; absent attributes are left out, imageTags of an untagged one too."""
    detail: dict[str, Any] = {
        "registryId": registry,
        "repositoryName": repository,
        "imageDigest": image.digest,
        "imageSizeInBytes": image.size,
        "imagePushedAt": image.pushed_at,
        "imageManifestMediaType": image.media_type,
        "imageStatus": status_of(world, image),
    }
    optional = {
        "imageTags": list(image.tags) or None,
        "artifactMediaType": image.artifact_media_type,
        "lastRecordedPullTime": image.pulled_at,
        "subjectManifestDigest": image.subject,
        "lastArchivedAt": image.archived_at,
        "lastActivatedAt": image.activated_at,
        **described(image),
    }
    detail.update((key, value) for key, value in optional.items() if value is not None)
    return detail


def list_images(world: World, request: Request) -> Reply:
    """One row a tag, one row an untagged image; pages and filters as DescribeImages
    (API_ListImages)."""

    def rows() -> list[dict[str, str]]:
        return [
            {"imageDigest": image.digest, **({"imageTag": tag} if tag else {})}
            for image in _chosen(world, request)
            for tag in image.tags or [""]
        ]

    images_in(world, request)
    page, token = world.page(request, rows, page_size(request), request.params.get("nextToken"))
    return json_reply({"imageIds": list(page), "nextToken": token})


def batch_get_image(world: World, request: Request) -> Reply:
    """Give manifests by tag or digest; absent or archived ones are ``failures`` with HTTP 200.
    Every image given counts as pulled: "When an image is pulled, the BatchGetImage API is called
    once to retrieve the image manifest" (API_BatchGetImage); the time is refreshed once in 24
    hours (``lastRecordedPullTime``). Archived images cannot be pulled (ECR user guide, "Archive
    an image")."""
    images = images_in(world, request)
    ids = request.params.get("imageIds") or []
    check_ids(ids)
    answers, failures = [], []
    for image_id in ids:
        spoiled = next((f for f in (fail(image_id) for fail in request.failures) if f), None)
        image = images.by_digest.get(
            image_id.get("imageDigest") or images.tags.get(image_id.get("imageTag", ""), "")
        )
        tag = image_id.get("imageTag")
        if spoiled:
            failures.append(failure(image_id, *spoiled))
        elif image is None or status_of(world, image) != "ACTIVE":
            failures.append(failure(image_id, "ImageNotFound", "Requested image not found"))
        elif tag is not None and tag not in image.tags:
            failures.append(
                failure(image_id, "ImageTagDoesNotMatchDigest", "Tag does not match digest")
            )
        else:
            if image.pulled_at is None or world.now() - image.pulled_at >= DAY:
                image.pulled_at = world.now()
            answers.append(image_answer(request, image, tag))
    return json_reply({"images": answers, "failures": failures})


def list_image_referrers(world: World, request: Request) -> Reply:
    """Artifacts whose ``subject`` is the digest given; 50 a page; only ACTIVE unless told
    (API_ListImageReferrers)."""
    images = images_in(world, request)
    subject = (request.params.get("subjectId") or {}).get("imageDigest", "")
    wanted = request.params.get("filter") or {}
    status, types = wanted.get("artifactStatus", "ACTIVE"), wanted.get("artifactTypes")

    def rows() -> list[dict[str, Any]]:
        return [
            {
                "digest": image.digest,
                "mediaType": image.media_type,
                "artifactType": image.artifact_type or image.artifact_media_type or "",
                "size": len(image.manifest.encode()),
                "annotations": dict(image.annotations),
                "artifactStatus": status_of(world, image),
            }
            for image in images.by_digest.values()
            if image.subject == subject
            and (status == "ANY" or status == status_of(world, image))
            and (not types or (image.artifact_type or image.artifact_media_type) in types)
        ]

    size = page_size(request, most=50, default=50)
    page, token = world.page(request, rows, size, request.params.get("nextToken"))
    return json_reply({"referrers": list(page), "nextToken": token})


def update_image_storage_class(world: World, request: Request) -> Reply:
    """ARCHIVE an image, or restore it to STANDARD, when it is ACTIVATING for a while
    (API_UpdateImageStorageClass)."""
    image_id = request.params.get("imageId") or {}
    image = by_id(images_in(world, request), image_id, request)
    if request.params.get("targetStorageClass") == "ARCHIVE":
        if not image.archived:
            image.archived, image.archived_at = True, world.now()
    elif image.archived:
        image.archived, image.activated_at = False, world.now()
    return json_reply(
        {
            "registryId": registry_of(request),
            "repositoryName": request.text("repositoryName"),
            "imageId": {"imageDigest": image.digest},
            "imageStatus": status_of(world, image),
        }
    )


def get_authorization_token(world: World, request: Request) -> Reply:
    """ "The authorization token is valid for 12 hours" (API_GetAuthorizationToken)."""
    registry = (request.params.get("registryIds") or [request.account])[0]
    token = base64.b64encode(f"AWS:{registry}-auth-token".encode()).decode()
    data = {
        "authorizationToken": token,
        "expiresAt": world.now() + DAY / 2,
        "proxyEndpoint": f"https://{registry}.dkr.ecr.{request.region}.amazonaws.com",
    }
    return json_reply({"authorizationData": [data]})


def _pull_through(world: World, request: Request) -> dict[str, dict[str, Any]]:
    return world.pull_through.setdefault((registry_of(request), request.region), {})


def create_pull_through_cache_rule(world: World, request: Request) -> Reply:
    """Keep a rule by its prefix (API_CreatePullThroughCacheRule)."""
    prefix = request.text("ecrRepositoryPrefix")
    rule = {
        "ecrRepositoryPrefix": prefix,
        "upstreamRegistryUrl": request.text("upstreamRegistryUrl"),
        "createdAt": world.now(),
        "registryId": registry_of(request),
        "upstreamRepositoryPrefix": request.text("upstreamRepositoryPrefix") or "ROOT",
    }
    _pull_through(world, request)[prefix] = rule
    return json_reply(rule)


def describe_pull_through_cache_rules(world: World, request: Request) -> Reply:
    """List the rules, by prefix (API_DescribePullThroughCacheRules)."""
    rules = _pull_through(world, request)
    page, token = world.page(
        request,
        lambda: [rules[prefix] for prefix in sorted(rules)],
        page_size(request),
        request.params.get("nextToken"),
    )
    return json_reply({"pullThroughCacheRules": list(page), "nextToken": token})


HANDLERS: Mapping[str, Handler] = {
    "BatchDeleteImage": batch_delete_image,
    "BatchGetImage": batch_get_image,
    "CreatePullThroughCacheRule": create_pull_through_cache_rule,
    "DescribeImageScanFindings": describe_image_scan_findings,
    "DescribeImages": describe_images,
    "DescribePullThroughCacheRules": describe_pull_through_cache_rules,
    "DescribeRepositories": describe_repositories,
    "GetAuthorizationToken": get_authorization_token,
    "GetLifecyclePolicyPreview": get_preview,
    "ListImageReferrers": list_image_referrers,
    "ListImages": list_images,
    "PutImage": put_image,
    "StartImageScan": start_image_scan,
    "StartLifecyclePolicyPreview": start_preview,
    "UpdateImageStorageClass": update_image_storage_class,
}
