"""ECS's daemons, which run once on each managed instance, and Express services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.ecs import definitions, services
from jotgraph.sandbox.ecs.common import (
    REVISIONS,
    SERVICES,
    at_most,
    by_names,
    client_error,
    cluster_of,
    definition_of,
    resolved_images,
)
from jotgraph.sandbox.kept import Paging, arn, cut, last, shelf, unique
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

DAEMONS, DAEMON_REVISIONS, DAEMON_DEFINITIONS = (
    "ecs/daemon", "ecs/daemon-revision", "ecs/daemon-task-definition",
)  # fmt: skip
PAGES = Paging("daemonSummariesList", 100, 100)


def register_daemon_task_definition(world: World, request: Request) -> Reply:
    family, daemon_definitions = request.text("family"), shelf(world, request, DAEMON_DEFINITIONS)
    revision = 1 + sum(definition["family"] == family for definition in daemon_definitions.values())
    named = arn(request, "ecs", f"daemon-task-definition/{family}:{revision}")
    made = {"daemonTaskDefinitionArn": named, "revision": revision, "status": "ACTIVE"}
    daemon_definitions[named] = {**request.params, **made}
    return json_reply({"daemonTaskDefinitionArn": named})


def describe_daemon_task_definition(world: World, request: Request) -> Reply:
    """By ARN (API_DescribeDaemonTaskDefinition)."""
    daemon_definition = shelf(world, request, DAEMON_DEFINITIONS).get(
        request.text("daemonTaskDefinition")
    )
    if daemon_definition is None:
        raise client_error("Unable to describe daemon task definition.")
    return json_reply({"daemonTaskDefinition": daemon_definition})


def create_daemon(world: World, request: Request) -> Reply:
    """A daemon and its first revision, which is immutable (API_DescribeDaemonRevisions)."""
    cluster = cluster_of(world, request, "clusterArn")
    definition = shelf(world, request, DAEMON_DEFINITIONS)[request.text("daemonTaskDefinitionArn")]
    name = f"{cluster['clusterName']}/{request.text('daemonName')}"
    named, revision = (
        arn(request, "ecs", f"daemon/{name}"),
        arn(request, "ecs", f"daemon-revision/{name}/{unique()}"),
    )
    shelf(world, request, DAEMON_REVISIONS)[revision] = {
        "daemonRevisionArn": revision,
        "clusterArn": cluster["clusterArn"],
        "daemonArn": named,
        "daemonTaskDefinitionArn": definition["daemonTaskDefinitionArn"],
        "createdAt": world.now(),
        "containerImages": resolved_images(world, definition),
    }
    shelf(world, request, DAEMONS)[named] = {
        "daemonArn": named,
        "clusterArn": cluster["clusterArn"],
        "status": "ACTIVE",
        "currentRevisions": [{"arn": revision, "totalRunningCount": 0}],
        "createdAt": world.now(),
        "updatedAt": world.now(),
    }
    return json_reply({"daemonArn": named, "status": "ACTIVE", "createdAt": world.now()})


def list_daemons(world: World, request: Request) -> Reply:
    """List the daemons of one cluster, the default one when none is named (API_ListDaemons)."""
    cluster = cluster_of(world, request, "clusterArn")
    members = ("daemonArn", "status", "createdAt", "updatedAt")
    return cut(
        world,
        request,
        PAGES,
        lambda: [
            {member: daemon[member] for member in members}
            for daemon in shelf(world, request, DAEMONS).values()
            if daemon["clusterArn"] == cluster["clusterArn"]
        ],
    )


def describe_daemon(world: World, request: Request) -> Reply:
    daemon = shelf(world, request, DAEMONS).get(request.text("daemonArn"))
    if daemon is None:
        raise AwsError("DaemonNotFoundException", "Daemon not found.")
    return json_reply({"daemon": daemon})


def describe_daemon_revisions(world: World, request: Request) -> Reply:
    """Up to 20 (API_DescribeDaemonRevisions)."""
    names = at_most(request.params.get("daemonRevisionArns"), 20, "Daemon revisions")
    listed, failures = by_names(shelf(world, request, DAEMON_REVISIONS), names, str)
    return json_reply({"daemonRevisions": listed, "failures": failures})


def create_express_gateway_service(world: World, request: Request) -> Reply:
    """A service that ECS manages, over a task definition that it writes itself
    (API_CreateExpressGatewayService)."""
    name = request.text("serviceName") or f"express-{unique()[:8]}"
    container = {"name": "Main", **(request.params.get("primaryContainer") or {})}
    roles = {
        key: request.params[key]
        for key in ("taskRoleArn", "executionRoleArn")
        if key in request.params
    }
    definition = {"family": name, "containerDefinitions": [container], **roles}
    definitions.register_task_definition(world, _as(request, definition))
    deployed = {
        "cluster": request.params.get("cluster"),
        "serviceName": name,
        "taskDefinition": name,
        "desiredCount": 1,
        "resourceManagementType": "ECS",
        "tags": request.params.get("tags"),
    }
    services.create_service(world, _as(request, deployed))
    cluster = cluster_of(world, request)
    named = arn(request, "ecs", f"service/{cluster['clusterName']}/{name}")
    service = shelf(world, request, SERVICES)[named]
    service["infrastructureRoleArn"] = request.text("infrastructureRoleArn")
    return json_reply({"service": _express(world, request, service)})


def _as(request: Request, params: Mapping[str, Any]) -> Request:
    """Return a request of the same caller with other parameters."""
    here = (request.service, request.action, request.region, request.account, request.access_key)
    return Request(*here, {key: value for key, value in params.items() if value is not None})


def _express(world: World, request: Request, service: Mapping[str, Any]) -> dict[str, Any]:
    configurations = []
    for current in service["currentServiceRevisions"]:
        revision = shelf(world, request, REVISIONS)[current["arn"]]
        definition = definition_of(world, request, revision["taskDefinition"])
        shown = {
            "serviceRevisionArn": current["arn"],
            "taskDefinitionArn": definition["taskDefinitionArn"],
            "primaryContainer": {"image": definition["containerDefinitions"][0]["image"]},
        }
        roles = ("taskRoleArn", "executionRoleArn")
        shown.update((key, definition[key]) for key in roles if key in definition)
        configurations.append(shown)
    return {
        "cluster": last(service["clusterArn"]),
        "serviceName": service["serviceName"],
        "serviceArn": service["serviceArn"],
        "infrastructureRoleArn": service["infrastructureRoleArn"],
        "status": {"statusCode": service["status"]},
        "activeConfigurations": configurations,
        "createdAt": service["createdAt"],
    }


def describe_express_gateway_service(world: World, request: Request) -> Reply:
    service = shelf(world, request, SERVICES).get(request.text("serviceArn"))
    if service is None or "infrastructureRoleArn" not in service:
        raise AwsError("ResourceNotFoundException", "The Express service was not found.")
    return json_reply({"service": _express(world, request, service)})


HANDLERS: Mapping[str, Handler] = {
    "CreateDaemon": create_daemon,
    "CreateExpressGatewayService": create_express_gateway_service,
    "DescribeDaemon": describe_daemon,
    "DescribeDaemonRevisions": describe_daemon_revisions,
    "DescribeDaemonTaskDefinition": describe_daemon_task_definition,
    "DescribeExpressGatewayService": describe_express_gateway_service,
    "ListDaemons": list_daemons,
    "RegisterDaemonTaskDefinition": register_daemon_task_definition,
}
