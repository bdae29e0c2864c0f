"""ECS's services: deployed, listed, described, with the revision that each deployment makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.ecs.common import (
    REVISIONS,
    SERVICES,
    TASKS,
    at_most,
    by_names,
    cluster_of,
    definition_of,
    invalid,
    new_task,
    resolved_images,
    with_tags,
)
from jotgraph.sandbox.ecs.tasks import stop
from jotgraph.sandbox.kept import Paging, arn, cut, last, shelf
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

PAGES = Paging("serviceArns", 100, 10)
NUMBER = 9_000_000_000_000_000_000
"""Revisions are named by long numbers."""


def create_service(world: World, request: Request) -> Reply:
    """Deploy at once: a revision with the digests of now, and its tasks (API_CreateService)."""
    cluster, name = cluster_of(world, request), request.text("serviceName")
    named = _arn(request, cluster, name)
    services = shelf(world, request, SERVICES)
    if services.get(named, {}).get("status") == "ACTIVE":
        raise invalid("Creation of service was not idempotent.")
    definition = definition_of(world, request, request.text("taskDefinition"))
    service: dict[str, Any] = {
        "serviceArn": named,
        "serviceName": name,
        "clusterArn": cluster["clusterArn"],
        "status": "ACTIVE",
        "desiredCount": int(request.params.get("desiredCount") or 0),
        "launchType": request.text("launchType", "FARGATE"),
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"},
        "resourceManagementType": request.text("resourceManagementType", "CUSTOMER"),
        "taskSets": [],
        "events": [],
        "createdAt": world.now(),
        "tags": request.params.get("tags") or [],
        **({"roleArn": request.params["role"]} if request.params.get("role") else {}),
    }
    services[named] = service
    deploy(world, request, service, definition)
    return json_reply({"service": _shown(world, request, service)})


def deploy(
    world: World, request: Request, service: dict[str, Any], definition: Mapping[str, Any]
) -> None:
    """Make a revision: "a service revision contains a record of the workload configuration Amazon
    ECS is attempting to deploy" (ECS guide, "Service revisions"); then replace the tasks."""
    revisions = shelf(world, request, REVISIONS)
    name = service["serviceArn"].split(":service/")[1]
    revision = arn(request, "ecs", f"service-revision/{name}/{NUMBER + len(revisions)}")
    revisions[revision] = {
        "serviceRevisionArn": revision,
        "serviceArn": service["serviceArn"],
        "clusterArn": service["clusterArn"],
        "taskDefinition": definition["taskDefinitionArn"],
        "containerImages": resolved_images(world, definition),
        "createdAt": world.now(),
    }
    service["taskDefinition"] = definition["taskDefinitionArn"]
    service["currentServiceRevisions"] = [{"arn": revision}]
    service["deployments"] = [
        {
            "id": f"ecs-svc/{NUMBER + len(revisions)}",
            "status": "PRIMARY",
            "taskDefinition": definition["taskDefinitionArn"],
            "createdAt": world.now(),
            "rolloutState": "COMPLETED",
        }
    ]
    for task in tasks_of(world, request, service):
        stop(world, task, "Scaling activity initiated by deployment")
    scale(world, request, service)


def tasks_of(world: World, request: Request, service: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        task
        for task in shelf(world, request, TASKS).values()
        if task["group"] == f"service:{service['serviceName']}"
        and task["clusterArn"] == service["clusterArn"]
        and task["lastStatus"] == "RUNNING"
    ]


def scale(world: World, request: Request, service: Mapping[str, Any]) -> None:
    """Start or stop tasks up to the desired count; all have the digests of the revision (ECS
    guide, "Container image resolution")."""
    running = tasks_of(world, request, service)
    for task in running[service["desiredCount"] :]:
        stop(world, task, "Scaling activity")
    revision = shelf(world, request, REVISIONS)[service["currentServiceRevisions"][0]["arn"]]
    definition = definition_of(world, request, revision["taskDefinition"])
    digests = {
        image["containerName"]: image["imageDigest"]
        for image in revision["containerImages"]
        if "imageDigest" in image
    }
    cluster = {"clusterArn": service["clusterArn"], "clusterName": last(service["clusterArn"])}
    for _ in range(len(running), service["desiredCount"]):
        new_task(
            world,
            request,
            cluster,
            definition,
            digests,
            group=f"service:{service['serviceName']}",
            startedBy=service["deployments"][0]["id"],
            tags=[],
        )


def update_service(world: World, request: Request) -> Reply:
    """A new deployment for another task definition or by ``forceNewDeployment``; a new count
    alone keeps the revision (API_UpdateService)."""
    service = _service(world, request)
    if request.params.get("desiredCount") is not None:
        service["desiredCount"] = int(request.params["desiredCount"])
    name = request.text("taskDefinition", service["taskDefinition"])
    definition = definition_of(world, request, name)
    changed = definition["taskDefinitionArn"] != service["taskDefinition"]
    if changed or request.params.get("forceNewDeployment"):
        deploy(world, request, service, definition)
    else:
        scale(world, request, service)
    return json_reply({"service": _shown(world, request, service)})


def delete_service(world: World, request: Request) -> Reply:
    """Set the service to INACTIVE once its tasks have stopped. It is still described for a while,
    but no longer listed (API_DeleteService)."""
    service = _service(world, request)
    service.update(status="INACTIVE", desiredCount=0)
    scale(world, request, service)
    return json_reply({"service": _shown(world, request, service)})


def _service(world: World, request: Request) -> dict[str, Any]:
    named = _arn(request, cluster_of(world, request), request.text("service"))
    service: dict[str, Any] | None = shelf(world, request, SERVICES).get(named)
    if service is None:
        raise AwsError("ServiceNotFoundException", "Service not found.")
    if service["status"] != "ACTIVE":
        raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
    return service


def _shown(world: World, request: Request, service: Mapping[str, Any]) -> dict[str, Any]:
    running = len(tasks_of(world, request, service))
    counts = {"requestedTaskCount": service["desiredCount"], "runningTaskCount": running}
    revisions = [{**revision, **counts} for revision in service["currentServiceRevisions"]]
    shown = {**with_tags(service, request), "currentServiceRevisions": revisions}
    shown.pop("infrastructureRoleArn", None)  # of an Express service; not a member of Service
    return {**shown, "runningCount": running, "pendingCount": 0}


def list_services(world: World, request: Request) -> Reply:
    """Of one cluster; 10 a page unless told (API_ListServices)."""
    cluster, kind = cluster_of(world, request), request.text("resourceManagementType")
    return cut(
        world,
        request,
        PAGES,
        lambda: [
            named
            for named, service in sorted(shelf(world, request, SERVICES).items())
            if service["clusterArn"] == cluster["clusterArn"]
            and service["status"] == "ACTIVE"
            and kind in ("", service["resourceManagementType"])
        ],
    )


def describe_services(world: World, request: Request) -> Reply:
    """Up to 10 of one cluster (API_DescribeServices)."""
    cluster = cluster_of(world, request)
    names = at_most(request.params.get("services"), 10, "Services")
    services = shelf(world, request, SERVICES)
    listed, failures = by_names(services, names, lambda name: _arn(request, cluster, name))
    shown = [_shown(world, request, service) for service in listed]
    return json_reply({"services": shown, "failures": failures})


def describe_service_revisions(world: World, request: Request) -> Reply:
    """Up to 20 (API_DescribeServiceRevisions)."""
    names = at_most(request.params.get("serviceRevisionArns"), 20, "Service revisions")
    revisions = shelf(world, request, REVISIONS)
    listed, failures = by_names(revisions, names, str)
    return json_reply({"serviceRevisions": listed, "failures": failures})


def _arn(request: Request, cluster: Mapping[str, Any], name: str) -> str:
    return arn(request, "ecs", f"service/{cluster['clusterName']}/{last(name)}")


HANDLERS: Mapping[str, Handler] = {
    "CreateService": create_service,
    "DeleteService": delete_service,
    "DescribeServiceRevisions": describe_service_revisions,
    "DescribeServices": describe_services,
    "ListServices": list_services,
    "UpdateService": update_service,
}
