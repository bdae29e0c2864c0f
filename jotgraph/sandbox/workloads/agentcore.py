"""Bedrock AgentCore's runtimes and their versions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.kept import Paging, arn, cut, shelf
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

RUNTIMES = "bedrock-agentcore/runtime"
PAGES = Paging("agentRuntimes", 100, 100, error="ValidationException")
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
    return _version(world, request, identity, name)


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


HANDLERS: Mapping[str, Handler] = {
    "CreateAgentRuntime": create_agent_runtime,
    "GetAgentRuntime": get_agent_runtime,
    "ListAgentRuntimeVersions": list_agent_runtime_versions,
    "ListAgentRuntimes": list_agent_runtimes,
    "UpdateAgentRuntime": update_agent_runtime,
}
