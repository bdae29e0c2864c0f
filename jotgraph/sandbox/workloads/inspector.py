"""Inspector's coverage: which images ECS runs, as far as Inspector counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.ecs.common import TASKS
from jotgraph.sandbox.kept import Paging, cut, shelf
from jotgraph.sandbox.wire import Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World, ecr_backend, images_of

PAGES = Paging("coveredResources", 200, 200, error="ValidationException")
IMAGE = "AWS_ECR_CONTAINER_IMAGE"
SCANS = "inspector2/scans"
"""Shelf of what it is switched on for; nothing there is off."""
USES = "inspector2/uses"
"""Shelf of what pods use, which the sandbox does not run: digest -> (how many, last use)."""


def list_coverage(world: World, request: Request) -> Reply:
    """Images with how many ECS tasks run them ("inUseCount: The number of Amazon ECS or Amazon EKS
    … currently running the image"); functions are not counted (API_EcrContainerImageMetadata)."""
    criteria = request.params.get("filterCriteria") or {}
    wanted = {criterion["value"] for criterion in criteria.get("resourceType") or ()}

    def rows() -> list[dict[str, Any]]:
        on = shelf(world, request, SCANS) and (not wanted or IMAGE in wanted)
        return _images(world, request) if on else []

    return cut(world, request, PAGES, rows)


def _images(world: World, request: Request) -> list[dict[str, Any]]:
    running = Counter(
        container.get("imageDigest")
        for task in shelf(world, request, TASKS).values()
        if task["lastStatus"] == "RUNNING"
        for container in task["containers"]
    )
    pods_using = shelf(world, request, USES)
    rows = []
    for repository in ecr_backend(request.account, request.region).repositories.values():
        for image in images_of(repository).by_digest.values():
            pods, last = pods_using.get(image.digest, (0, None))
            used = running[image.digest] + pods
            metadata: dict[str, Any] = {"tags": list(image.tags), "inUseCount": used}
            if used or last:
                metadata["lastInUseAt"] = last or world.now()
            if image.pulled_at:
                metadata["imagePulledAt"] = image.pulled_at
            rows.append(
                {
                    "resourceType": IMAGE,
                    "resourceId": f"{repository.arn}/{image.digest}",
                    "accountId": request.account,
                    "scanType": "PACKAGE",
                    "scanStatus": {"statusCode": "ACTIVE", "reason": "SUCCESSFUL"},
                    "resourceMetadata": {"ecrImage": metadata},
                }
            )
    return rows


def batch_get_account_status(world: World, request: Request) -> Reply:
    """Whether Inspector scans the account: off until it is enabled (API_BatchGetAccountStatus)."""
    status = "ENABLED" if shelf(world, request, SCANS) else "DISABLED"
    state = {"status": status, "errorCode": "ALREADY_ENABLED", "errorMessage": ""}
    states = {"ec2": state, "ecr": state}
    accounts = [
        {"accountId": account, "state": state, "resourceState": states}
        for account in request.params.get("accountIds") or [request.account]
    ]
    return json_reply({"accounts": accounts, "failedAccounts": []})


HANDLERS: Mapping[str, Handler] = {
    "BatchGetAccountStatus": batch_get_account_status,
    "ListCoverage": list_coverage,
}
