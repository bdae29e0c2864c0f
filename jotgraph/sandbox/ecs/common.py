"""What ECS's calls share: clusters, task definitions and the containers that they start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jotgraph.sandbox.kept import arn, image_digest, last, repository_of, shelf, unique
from jotgraph.sandbox.wire import AwsError, Request
from jotgraph.sandbox.world import World

CLUSTERS, DEFINITIONS, SERVICES, REVISIONS, TASKS = (
    "ecs/cluster", "ecs/task-definition", "ecs/service", "ecs/service-revision", "ecs/task",
)  # fmt: skip
"""Shelves: clusters by name, definitions by ``family:revision``, the others by ARN."""


def client_error(message: str) -> AwsError:
    return AwsError("ClientException", message)


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def at_most(names: Any, most: int, what: str) -> list[str]:
    """The names of a batch. Raises AwsError for none or too many, as ECS words it."""
    if not names:
        raise invalid(f"{what} cannot be empty.")
    if len(names) > most:
        raise invalid(f"You may only specify up to {most} {what.lower()}.")
    return list(names)


def cluster_of(world: World, request: Request, member: str = "cluster") -> dict[str, Any]:
    """The cluster that a call names, "the default cluster is assumed" otherwise."""
    cluster: dict[str, Any] | None = shelf(world, request, CLUSTERS).get(
        last(request.text(member, "default"))
    )
    if cluster is None or cluster["status"] != "ACTIVE":
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    return cluster


def definition_of(world: World, request: Request, name: str) -> dict[str, Any]:
    """A task definition by family, ``family:revision`` or ARN; by family it is "the latest ACTIVE
    revision in that family" (API_DescribeTaskDefinition)."""
    definitions, short = shelf(world, request, DEFINITIONS), last(name)
    if ":" not in short:
        revisions = [
            item
            for item in definitions.values()
            if (item["family"], item["status"]) == (short, "ACTIVE")
        ]
        if not revisions:
            raise client_error("Unable to describe task definition.")
        return max(revisions, key=lambda item: int(item["revision"]))
    if short not in definitions:
        raise client_error("Unable to describe task definition.")
    definition: dict[str, Any] = definitions[short]
    return definition


def by_names(
    known: Mapping[str, Any], names: Iterable[str], found_by: Callable[[str], str]
) -> tuple[list[Any], list[dict[str, str]]]:
    """(what was found, failures): a batch never fails for a single name (Failure: ``MISSING``)."""
    resources, failures = [], []
    for name in names:
        resource = known.get(found_by(name))
        if resource is None:
            failures.append({"arn": found_by(name), "reason": "MISSING"})
        elif resource not in resources:
            resources.append(resource)
    return resources, failures


def with_tags(resource: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """A resource as it is shown: "If this field is omitted, tags aren't included"."""
    shown = dict(resource)
    if "TAGS" not in (request.params.get("include") or ()):
        shown.pop("tags", None)
    return shown


def resolved_images(world: World, definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """``containerImages`` of a deployment: "Amazon ECS resolves container image names and any image
    tags specified in the task definition to container image digests" (API_ContainerImage), unless
    a container's ``versionConsistency`` is ``disabled`` (API_ContainerDefinition)."""
    images = []
    for container in definition["containerDefinitions"]:
        shown = {"containerName": container["name"], "image": container["image"]}
        digest = image_digest(world, container["image"])
        if digest and container.get("versionConsistency") != "disabled":
            shown["imageDigest"] = digest
        images.append(shown)
    return images


def new_task(
    world: World,
    request: Request,
    cluster: Mapping[str, Any],
    definition: Mapping[str, Any],
    resolved: Mapping[str, str],
    **words: Any,
) -> dict[str, Any]:
    """Start a task of images that a deployment resolved, by container name, or that are resolved
    now. Since September 2024 ``image`` stays what the definition says and ``imageDigest`` has the
    digest (AWS containers blog, "software version consistency", note). An image that cannot be
    pulled stops the task (ECS guide, "Stopped tasks error messages", CannotPullContainer)."""
    identity = unique().replace("-", "")
    here = f"task/{cluster['clusterName']}/{identity}"
    task_arn, containers, stopped = arn(request, "ecs", here), [], ""
    for container in definition["containerDefinitions"]:
        pinned = resolved.get(container["name"])
        image = f"{repository_of(container['image'])}@{pinned}" if pinned else container["image"]
        digest = image_digest(world, image)
        if digest is None:
            stopped = f"CannotPullContainerError: {container['image']}: not found"
        containers.append(
            {
                "containerArn": arn(request, "ecs", f"container/{unique()}"),
                "taskArn": task_arn,
                "name": container["name"],
                "image": container["image"],
                "imageDigest": digest,
                "lastStatus": "STOPPED" if stopped else "RUNNING",
            }
        )
    status = "STOPPED" if stopped else "RUNNING"
    task = {
        "taskArn": task_arn,
        "clusterArn": cluster["clusterArn"],
        "taskDefinitionArn": definition["taskDefinitionArn"],
        "containers": [
            {k: v for k, v in container.items() if v is not None} for container in containers
        ],
        "lastStatus": status,
        "desiredStatus": status,
        "group": f"family:{definition['family']}",
        "launchType": "FARGATE",
        "createdAt": world.now(),
        "overrides": {},
        "tags": [],
        **({"stoppedReason": stopped} if stopped else {}),
        **{key: value for key, value in words.items() if value is not None},
    }
    shelf(world, request, TASKS)[task_arn] = task
    return task
