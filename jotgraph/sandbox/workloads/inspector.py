"""Inspector's coverage: which images ECS runs, as far as Inspector counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.ecs.common import TASKS
from jotgraph.sandbox.kept import Paging, cut, shelf
from jotgraph.sandbox.wire import Reply, Request
from jotgraph.sandbox.world import Handler, World, ecr_backend, images_of

PAGES = Paging("coveredResources", 200, 200, error="ValidationException")
IMAGE = "AWS_ECR_CONTAINER_IMAGE"


def list_coverage(world: World, request: Request) -> Reply:
    """Images with how many ECS tasks run them ("inUseCount: The number of Amazon ECS or Amazon EKS
    … currently running the image"); functions are not counted (API_EcrContainerImageMetadata)."""
    criteria = request.params.get("filterCriteria") or {}
    wanted = {criterion["value"] for criterion in criteria.get("resourceType") or ()}

    def rows() -> list[dict[str, Any]]:
        return _images(world, request) if not wanted or IMAGE in wanted else []

    return cut(world, request, PAGES, rows)


def _images(world: World, request: Request) -> list[dict[str, Any]]:
    running = Counter(
        container.get("imageDigest")
        for task in shelf(world, request, TASKS).values()
        if task["lastStatus"] == "RUNNING"
        for container in task["containers"]
    )
    found = []
    for repository in ecr_backend(request.account, request.region).repositories.values():
        for image in images_of(repository).by_digest.values():
            used = running[image.digest]
            metadata: dict[str, Any] = {"tags": list(image.tags), "inUseCount": used}
            if used:
                metadata["lastInUseAt"] = world.now()
            if image.pulled_at:
                metadata["imagePulledAt"] = image.pulled_at
            found.append(
                {
                    "resourceType": IMAGE,
                    "resourceId": f"{repository.arn}/{image.digest}",
                    "accountId": request.account,
                    "scanType": "PACKAGE",
                    "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"},
                    "resourceMetadata": {"ecrImage": metadata},
                }
            )
    return found


HANDLERS: Mapping[str, Handler] = {"ListCoverage": list_coverage}
