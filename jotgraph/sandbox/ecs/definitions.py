"""ECS's clusters and task definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.ecs.common import (
    CLUSTERS,
    DEFINITIONS,
    SERVICES,
    TASKS,
    at_most,
    by_names,
    client_error,
    cluster_of,
    definition_of,
    with_tags,
)
from jotgraph.sandbox.kept import Paging, arn, cut, last, shelf
from jotgraph.sandbox.wire import Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

CLUSTER_PAGES = Paging("clusterArns", 100, 100)
DEFINITION_PAGES = Paging("taskDefinitionArns", 100, 100)
KEPT = (
    "taskRoleArn", "executionRoleArn", "networkMode", "volumes", "cpu", "memory",
    "requiresCompatibilities", "runtimePlatform",
)  # fmt: skip


def create_cluster(world: World, request: Request) -> Reply:
    """ "By default, your account receives a default cluster"; a name again is the same cluster
    (API_CreateCluster)."""
    name = request.text("clusterName", "default")
    made = {
        "clusterArn": arn(request, "ecs", f"cluster/{name}"),
        "clusterName": name,
        "status": "ACTIVE",
        "tags": request.params.get("tags") or [],
    }
    clusters = shelf(world, request, CLUSTERS)
    if name not in clusters or clusters[name]["status"] != "ACTIVE":
        clusters[name] = made
    return json_reply({"cluster": _cluster(world, request, clusters[name])})


def _cluster(world: World, request: Request, cluster: Mapping[str, Any]) -> dict[str, Any]:
    tasks = _here(world, request, TASKS, cluster, "lastStatus", "RUNNING")
    services = _here(world, request, SERVICES, cluster, "status", "ACTIVE")
    counts = {"runningTasksCount": tasks, "pendingTasksCount": 0, "activeServicesCount": services}
    return {**with_tags(cluster, request), **counts}


def _here(
    world: World, request: Request, kind: str, cluster: Mapping[str, Any], key: str, value: str
) -> int:
    resources = shelf(world, request, kind).values()
    return sum(
        item["clusterArn"] == cluster["clusterArn"] and item[key] == value for item in resources
    )


def describe_clusters(world: World, request: Request) -> Reply:
    """Up to 100 (API_DescribeClusters)."""
    names = at_most(request.params.get("clusters") or ["default"], 100, "Clusters")
    listed, failures = by_names(shelf(world, request, CLUSTERS), names, last)
    shown = [_cluster(world, request, cluster) for cluster in listed]
    return json_reply({"clusters": shown, "failures": failures})


def list_clusters(world: World, request: Request) -> Reply:
    return cut(
        world,
        request,
        CLUSTER_PAGES,
        lambda: [
            cluster["clusterArn"]
            for _, cluster in sorted(shelf(world, request, CLUSTERS).items())
            if cluster["status"] == "ACTIVE"
        ],
    )


def delete_cluster(world: World, request: Request) -> Reply:
    """ "The cluster transitions to the INACTIVE state" and may stay discoverable
    (API_DeleteCluster)."""
    cluster = cluster_of(world, request)
    cluster["status"] = "INACTIVE"
    return json_reply({"cluster": _cluster(world, request, cluster)})


def register_task_definition(world: World, request: Request) -> Reply:
    """The next revision of a family; a number is never used again (API_RegisterTaskDefinition)."""
    family, definitions = request.text("family"), shelf(world, request, DEFINITIONS)
    containers = request.params.get("containerDefinitions") or []
    if not containers or not family:
        raise client_error("Container list cannot be empty.")
    for container in containers:
        for member in ("name", "image"):
            if not container.get(member):
                raise client_error(f"Container.{member} should not be null or empty.")
    revision = 1 + max(
        (e["revision"] for e in definitions.values() if e["family"] == family), default=0
    )
    made = {
        "taskDefinitionArn": arn(request, "ecs", f"task-definition/{family}:{revision}"),
        "family": family,
        "revision": revision,
        "status": "ACTIVE",
        "containerDefinitions": containers,
        "registeredAt": world.now(),
        "tags": request.params.get("tags") or [],
        **{key: request.params[key] for key in KEPT if key in request.params},
    }
    definitions[f"{family}:{revision}"] = made
    return json_reply({"taskDefinition": _shown(made), "tags": made["tags"]})


def _shown(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in definition.items() if key != "tags"}


def deregister_task_definition(world: World, request: Request) -> Reply:
    """INACTIVE: "existing tasks and services that reference an INACTIVE task definition continue
    to run without disruption" (API_DeregisterTaskDefinition)."""
    definition = definition_of(world, request, request.text("taskDefinition"))
    definition.update(status="INACTIVE", deregisteredAt=world.now())
    return json_reply({"taskDefinition": _shown(definition)})


def describe_task_definition(world: World, request: Request) -> Reply:
    """ "You can only describe INACTIVE task definitions while an active task or service references
    them" (API_DescribeTaskDefinition)."""
    definition = definition_of(world, request, request.text("taskDefinition"))
    named = definition["taskDefinitionArn"]
    if definition["status"] != "ACTIVE" and not _referenced(world, request, named):
        raise client_error("Unable to describe task definition.")
    answer = {"taskDefinition": _shown(definition)}
    if "TAGS" in (request.params.get("include") or ()):
        answer["tags"] = definition["tags"]
    return json_reply(answer)


def _referenced(world: World, request: Request, definition: str) -> bool:
    services, tasks = shelf(world, request, SERVICES), shelf(world, request, TASKS)
    return any(
        service["taskDefinition"] == definition
        or any(deployment["taskDefinition"] == definition for deployment in service["deployments"])
        for service in services.values()
        if service["status"] != "INACTIVE"
    ) or any(
        task["taskDefinitionArn"] == definition and task["lastStatus"] != "STOPPED"
        for task in tasks.values()
    )


def list_task_definitions(world: World, request: Request) -> Reply:
    """ "By default, only ACTIVE task definitions are listed", by family and then revision, in
    ascending order unless ``sort`` is DESC (API_ListTaskDefinitions)."""
    family, status = request.text("familyPrefix"), request.text("status", "ACTIVE")

    def rows() -> list[str]:
        definitions = [
            definition
            for definition in shelf(world, request, DEFINITIONS).values()
            if definition["status"] == status and family in ("", definition["family"])
        ]
        definitions.sort(key=lambda definition: (definition["family"], definition["revision"]))
        if request.text("sort") == "DESC":
            definitions.reverse()
        return [definition["taskDefinitionArn"] for definition in definitions]

    return cut(world, request, DEFINITION_PAGES, rows)


HANDLERS: Mapping[str, Handler] = {
    "CreateCluster": create_cluster,
    "DeleteCluster": delete_cluster,
    "DeregisterTaskDefinition": deregister_task_definition,
    "DescribeClusters": describe_clusters,
    "DescribeTaskDefinition": describe_task_definition,
    "ListClusters": list_clusters,
    "ListTaskDefinitions": list_task_definitions,
    "RegisterTaskDefinition": register_task_definition,
}
