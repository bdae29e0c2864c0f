"""Bedrock AgentCore's runtimes and their versions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.kept import Paging, arn, cut, shelf
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

RUNTIMES = "bedrock-agentcore/runtime"
ENDPOINTS = "bedrock-agentcore/endpoint"
PAGES = Paging("agentRuntimes", 100, 100, error="ValidationException")
ENDPOINT_PAGES = Paging("runtimeEndpoints", 100, 100, error="ValidationException")
SUMMARY = (
    "agentRuntimeArn", "agentRuntimeId", "agentRuntimeVersion", "agentRuntimeName", "description",
    "lastUpdatedAt", "status",
)  # fmt: skip
KEPT = ("agentRuntimeArtifact", "roleArn", "networkConfiguration", "description")


def create_agent_runtime(world: World, request: Request) -> Reply:
    """Version 1; "each update creates a new immutable version" (AgentCore guide, "Versioning and
    endpoints")."""
    name = request.text("agentRuntimeName")
    seed = f"{request.account}/{request.region}/{name}"
    identity = f"{name}-{hashlib.sha256(seed.encode()).hexdigest()[:10]}"
    runtimes = shelf(world, request, RUNTIMES)
    if identity in runtimes:
        raise AwsError("ConflictException", f"Agent runtime {name} already exists", 409)
    runtimes[identity] = []
    reply = _version(world, request, identity, name)
    shelf(world, request, ENDPOINTS)[identity] = [
        _endpoint(world, request, identity, "DEFAULT", "1")
    ]
    return reply


def update_agent_runtime(world: World, request: Request) -> Reply:
    versions = _versions(world, request)
    name = versions[-1]["agentRuntimeName"]
    return _version(world, request, request.text("agentRuntimeId"), name)


def _version(world: World, request: Request, identity: str, name: str) -> Reply:
    versions: list[Any] = shelf(world, request, RUNTIMES)[identity]
    made = {
        "agentRuntimeArn": arn(request, "bedrock-agentcore", f"runtime/{identity}"),
        "agentRuntimeId": identity,
        "agentRuntimeVersion": str(len(versions) + 1),
        "agentRuntimeName": name,
        "createdAt": world.now(),
        "lastUpdatedAt": world.now(),
        "status": "READY",
        "lifecycleConfiguration": {},
        "description": "",
        **{key: request.params[key] for key in KEPT if key in request.params},
    }
    versions.append(made)
    for endpoint in shelf(world, request, ENDPOINTS).get(identity, ()):
        if endpoint["name"] == "DEFAULT":
            endpoint["liveVersion"] = made["agentRuntimeVersion"]
    members = ("agentRuntimeArn", "agentRuntimeId", "agentRuntimeVersion", "createdAt")
    return json_reply({**{key: made[key] for key in members}, "status": "CREATING"}, 202)


def _versions(world: World, request: Request) -> list[Any]:
    identity = request.text("agentRuntimeId")
    versions: list[Any] | None = shelf(world, request, RUNTIMES).get(identity)
    if versions is None:
        message = f"Agent runtime {identity} was not found"
        raise AwsError("ResourceNotFoundException", message, 404)
    return versions


def _summary(version: Mapping[str, Any]) -> dict[str, Any]:
    return {key: version[key] for key in SUMMARY}


def list_agent_runtimes(world: World, request: Request) -> Reply:
    """The newest version of each (API_ListAgentRuntimes)."""
    runtimes = shelf(world, request, RUNTIMES)
    return cut(
        world, request, PAGES, lambda: [_summary(versions[-1]) for versions in runtimes.values()]
    )


def list_agent_runtime_versions(world: World, request: Request) -> Reply:
    versions = _versions(world, request)
    return cut(world, request, PAGES, lambda: [_summary(version) for version in reversed(versions)])


def get_agent_runtime(world: World, request: Request) -> Reply:
    """The newest version, or the one that is named (API_GetAgentRuntime)."""
    versions, wanted = _versions(world, request), request.text("agentRuntimeVersion")
    matching = [version for version in versions if wanted in ("", version["agentRuntimeVersion"])]
    if not matching:
        raise AwsError("ResourceNotFoundException", f"Version {wanted} was not found", 404)
    return json_reply(matching[-1])


def _endpoint(
    world: World, request: Request, identity: str, name: str, version: str
) -> dict[str, Any]:
    where = f"runtime/{identity}/runtime-endpoint/{name}"
    return {
        "name": name,
        "id": f"{identity}-{name}",
        "liveVersion": version,
        "agentRuntimeEndpointArn": arn(request, "bedrock-agentcore", where),
        "agentRuntimeArn": arn(request, "bedrock-agentcore", f"runtime/{identity}"),
        "status": "READY",
        "createdAt": world.now(),
        "lastUpdatedAt": world.now(),
    }


def create_agent_runtime_endpoint(world: World, request: Request) -> Reply:
    """An endpoint at the version that is named. That of the name DEFAULT is made with the runtime,
    and follows its newest version (AgentCore guide, "Versioning and endpoints")."""
    identity, name = request.text("agentRuntimeId"), request.text("name")
    version = (
        request.text("agentRuntimeVersion") or _versions(world, request)[-1]["agentRuntimeVersion"]
    )
    made = _endpoint(world, request, identity, name, version)
    shelf(world, request, ENDPOINTS)[identity].append(made)
    answer = {"targetVersion": version, "agentRuntimeId": identity, "endpointName": name}
    members = ("agentRuntimeEndpointArn", "agentRuntimeArn", "createdAt")
    return json_reply({**answer, **{key: made[key] for key in members}, "status": "CREATING"}, 202)


def list_agent_runtime_endpoints(world: World, request: Request) -> Reply:
    _versions(world, request)
    endpoints = shelf(world, request, ENDPOINTS).get(request.text("agentRuntimeId"), [])
    return cut(world, request, ENDPOINT_PAGES, lambda: list(endpoints))


HANDLERS: Mapping[str, Handler] = {
    "CreateAgentRuntime": create_agent_runtime,
    "CreateAgentRuntimeEndpoint": create_agent_runtime_endpoint,
    "GetAgentRuntime": get_agent_runtime,
    "ListAgentRuntimeEndpoints": list_agent_runtime_endpoints,
    "ListAgentRuntimeVersions": list_agent_runtime_versions,
    "ListAgentRuntimes": list_agent_runtimes,
    "UpdateAgentRuntime": update_agent_runtime,
}
