"""GameLift's container group definitions and their versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.kept import Paging, arn, cut, image_digest, last, shelf
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

DEFINITIONS = "gamelift/container-group-definition"
PAGES = Paging(
    "ContainerGroupDefinitions", 100, 100, limit="Limit", token="NextToken",
    error="InvalidRequestException",
)  # fmt: skip


def create_container_group_definition(world: World, request: Request) -> Reply:
    """Version 1; images are resolved and copied as the definition is made (GameLift API,
    ContainerGroupDefinition, ``COPYING`` and ``ResolvedImageDigest``)."""
    name, definitions = request.text("Name"), shelf(world, request, DEFINITIONS)
    if name in definitions:
        raise AwsError("ConflictException", f"Container group definition {name} exists.")
    definitions[name] = []
    return _version(world, request, name, {})


def update_container_group_definition(world: World, request: Request) -> Reply:
    """ "This number is incremented automatically when you update a container group definition"."""
    name = last(request.text("Name"))
    versions = shelf(world, request, DEFINITIONS).get(name)
    if not versions:
        raise AwsError("NotFoundException", f"Container group definition {name} was not found.")
    return _version(world, request, name, versions[-1])


def _version(world: World, request: Request, name: str, before: Mapping[str, Any]) -> Reply:
    versions: list[Any] = shelf(world, request, DEFINITIONS)[name]
    made = {**before, **request.params, "Name": name}
    server = made.get("GameServerContainerDefinition")
    if server:
        made["GameServerContainerDefinition"] = _resolved(world, server)
    helpers = made.get("SupportContainerDefinitions") or []
    made["SupportContainerDefinitions"] = [_resolved(world, helper) for helper in helpers]
    number = len(versions) + 1
    made.update(
        ContainerGroupDefinitionArn=arn(
            request, "gamelift", f"containergroupdefinition/{name}:{number}"
        ),
        CreationTime=world.now(),
        VersionNumber=number,
        Status="READY",
    )
    versions.append(made)
    return json_reply({"ContainerGroupDefinition": made})


def _resolved(world: World, container: Mapping[str, Any]) -> dict[str, Any]:
    digest = image_digest(world, container["ImageUri"])
    return {**container, **({"ResolvedImageDigest": digest} if digest else {})}


def list_container_group_definitions(world: World, request: Request) -> Reply:
    """ "This operation returns only the latest version of each definition"."""
    definitions = shelf(world, request, DEFINITIONS)
    return cut(world, request, PAGES, lambda: [versions[-1] for versions in definitions.values()])


def list_container_group_definition_versions(world: World, request: Request) -> Reply:
    name = last(request.text("Name")).partition(":")[0]
    versions = shelf(world, request, DEFINITIONS).get(name)
    if not versions:
        raise AwsError("NotFoundException", f"Container group definition {name} was not found.")
    return cut(world, request, PAGES, lambda: list(reversed(versions)))


HANDLERS: Mapping[str, Handler] = {
    "CreateContainerGroupDefinition": create_container_group_definition,
    "ListContainerGroupDefinitionVersions": list_container_group_definition_versions,
    "ListContainerGroupDefinitions": list_container_group_definitions,
    "UpdateContainerGroupDefinition": update_container_group_definition,
}
