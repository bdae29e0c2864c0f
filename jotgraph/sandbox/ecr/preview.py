"""ECR's preview of a lifecycle policy.

moto 5.2 has no preview. This one understands every selection over tag status, prefixes, patterns
and storage class (ECR user guide, "Lifecycle policy properties" and its evaluation rules); the
preview is complete as soon as it is started.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from jotgraph.sandbox.ecr.common import images_in, page_size, registry_of
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Image, Images, World, repository_of

DAY = 24 * 3600.0


def start_preview(world: World, request: Request) -> Reply:
    """Start a preview of the policy given, else of the repository's
    (API_StartLifecyclePolicyPreview)."""
    name = request.text("repositoryName")
    repository = repository_of(world, registry_of(request), request.region, name)
    policy = request.params.get("lifecyclePolicyText") or repository.lifecycle_policy
    if not policy:
        raise AwsError(
            "LifecyclePolicyNotFoundException",
            f"Lifecycle policy does not exist for the repository with name '{name}' in the "
            f"registry with id '{repository.registry_id}'",
        )
    images_in(world, request).preview = policy
    return json_reply(_head(request, policy, "IN_PROGRESS"))


def get_preview(world: World, request: Request) -> Reply:
    """Give the images that the policy would expire (API_GetLifecyclePolicyPreview)."""
    images = images_in(world, request)
    if not images.preview:
        raise AwsError(
            "LifecyclePolicyPreviewNotFoundException",
            f"No lifecycle policy preview exists for '{request.text('repositoryName')}'",
        )
    results = expiring(images, images.preview, world.now())
    page, token = world.page(
        request, lambda: results, page_size(request), request.params.get("nextToken")
    )
    answer = _head(request, images.preview, "COMPLETE")
    summary = {"expiringImageTotalCount": len(results)}
    return json_reply({**answer, "previewResults": page, "summary": summary, "nextToken": token})


def _head(request: Request, policy: str, status: str) -> dict[str, Any]:
    return {
        "registryId": registry_of(request),
        "repositoryName": request.text("repositoryName"),
        "lifecyclePolicyText": policy,
        "status": status,
    }


def expiring(images: Images, policy: str, now: float) -> list[dict[str, Any]]:
    """What each rule would mark, by priority. A rule counts all images that it identifies and
    marks none that a rule before it identified ("An image that matches the tagging requirements of
    a rule cannot be expired by a rule with a lower priority"), nor what an index refers to."""
    judged: set[str] = set()
    results = []
    for rule in sorted(json.loads(policy).get("rules", []), key=lambda r: int(r["rulePriority"])):
        selection, action = rule["selection"], rule["action"]
        hits = [image for image in images.by_digest.values() if _selected(image, selection)]
        hits.sort(key=lambda image: image.pushed_at, reverse=True)
        for image in _old(hits, selection, now):
            if image.digest in judged or images.parents.get(image.digest):
                continue
            results.append(
                {
                    "imageTags": list(image.tags),
                    "imageDigest": image.digest,
                    "imagePushedAt": image.pushed_at,
                    "action": {key: str(value).upper() for key, value in action.items()},
                    "appliedRulePriority": int(rule["rulePriority"]),
                    "storageClass": "ARCHIVE" if image.archived else "STANDARD",
                }
            )
        judged.update(image.digest for image in hits)
    return results


def _selected(image: Image, selection: Mapping[str, Any]) -> bool:
    if image.archived != (selection.get("storageClass") == "archive"):
        return False
    status = selection.get("tagStatus", "any")
    if status == "any":
        return True
    if status == "untagged":
        return not image.tags
    prefixes = selection.get("tagPrefixList") or []
    patterns = [*(f"{prefix}*" for prefix in prefixes), *(selection.get("tagPatternList") or [])]
    return all(any(fnmatchcase(tag, pattern) for tag in image.tags) for pattern in patterns)


def _old(hits: list[Image], selection: Mapping[str, Any], now: float) -> list[Image]:
    count, kind = int(selection.get("countNumber", 0)), selection.get("countType")
    if kind == "imageCountMoreThan":
        return hits[count:]
    return [image for image in hits if now - _since(image, kind) > count * DAY]


def _since(image: Image, kind: str | None) -> float:
    """Return the time from which an age is counted: the push for an image that was never pulled."""
    if kind == "sinceImagePulled":
        return image.pulled_at or image.pushed_at
    if kind == "sinceImageTransitioned":
        return image.archived_at or image.pushed_at
    return image.pushed_at
