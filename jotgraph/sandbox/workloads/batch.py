"""Batch's job definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.kept import Paging, arn, cut, last, shelf
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

DEFINITIONS = "batch/job-definition"
PAGES = Paging("jobDefinitions", 100, 100, error="ClientException")
IMAGES = ("containerProperties", "nodeProperties", "ecsProperties", "eksProperties")
KEPT = (*IMAGES, "parameters", "platformCapabilities", "tags", "timeout", "retryStrategy")


def register_job_definition(world: World, request: Request) -> Reply:
    """The next revision of a name, with one of four kinds of properties
    (API_RegisterJobDefinition)."""
    name, definitions = request.text("jobDefinitionName"), shelf(world, request, DEFINITIONS)
    if not any(request.params.get(member) for member in IMAGES):
        raise AwsError("ClientException", f"Job definition needs one of {', '.join(IMAGES)}")
    revisions = [
        definition["revision"]
        for definition in definitions.values()
        if definition["jobDefinitionName"] == name
    ]
    revision = max(revisions, default=0) + 1
    named = arn(request, "batch", f"job-definition/{name}:{revision}")
    definitions[f"{name}:{revision}"] = {
        "jobDefinitionName": name,
        "jobDefinitionArn": named,
        "revision": revision,
        "status": "ACTIVE",
        "type": request.text("type", "container"),
        **{key: request.params[key] for key in KEPT if key in request.params},
    }
    shown = {"jobDefinitionName": name, "jobDefinitionArn": named, "revision": revision}
    return json_reply(shown)


def deregister_job_definition(world: World, request: Request) -> Reply:
    """INACTIVE; "job definitions are permanently deleted after 180 days"
    (API_DeregisterJobDefinition)."""
    definition = shelf(world, request, DEFINITIONS).get(last(request.text("jobDefinition")))
    if definition is not None:
        definition["status"] = "INACTIVE"
    return json_reply({})


def describe_job_definitions(world: World, request: Request) -> Reply:
    """By ARN or ``name:revision`` (up to 100), by name, by status, or all
    (API_DescribeJobDefinitions)."""
    wanted = [last(name) for name in request.params.get("jobDefinitions") or ()]
    if len(wanted) > 100:
        raise AwsError("ClientException", "At most 100 job definitions can be described")
    name, status = request.text("jobDefinitionName"), request.text("status")

    def rows() -> list[Any]:
        return [
            definition
            for key, definition in shelf(world, request, DEFINITIONS).items()
            if (not wanted or key in wanted)
            and name in ("", definition["jobDefinitionName"])
            and status in ("", definition["status"])
        ]

    return cut(world, request, PAGES, rows)


HANDLERS: Mapping[str, Handler] = {
    "DeregisterJobDefinition": deregister_job_definition,
    "DescribeJobDefinitions": describe_job_definitions,
    "RegisterJobDefinition": register_job_definition,
}
