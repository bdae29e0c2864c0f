"""ECR's pull time update exclusions: principals whose pulls do not change the pull time.

moto 5.2 has none of these calls. Pulls in the sandbox never change pull times by themselves, so
only the list has to be kept (API_RegisterPullTimeUpdateExclusion).
"""

from __future__ import annotations

from collections.abc import Mapping

from jotgraph.sandbox.ecr.common import page_size, registry_of
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World


def _excluded(world: World, request: Request) -> dict[str, float]:
    return world.pull_exclusions.setdefault((registry_of(request), request.region), {})


def register(world: World, request: Request) -> Reply:
    """Add a principal, with the time; adding it twice is an error."""
    principal = request.text("principalArn")
    excluded = _excluded(world, request)
    if principal in excluded:
        raise AwsError("ExclusionAlreadyExistsException", f"{principal} is excluded already")
    excluded[principal] = world.now()
    return json_reply({"principalArn": principal, "createdAt": excluded[principal]})


def deregister(world: World, request: Request) -> Reply:
    """Remove a principal; one that is not in the list is an error."""
    principal = request.text("principalArn")
    if _excluded(world, request).pop(principal, None) is None:
        raise AwsError("ExclusionNotFoundException", f"{principal} is not excluded")
    return json_reply({"principalArn": principal})


def list_exclusions(world: World, request: Request) -> Reply:
    """List the principals, sorted."""
    page, token = world.page(
        request,
        lambda: sorted(_excluded(world, request)),
        page_size(request),
        request.params.get("nextToken"),
    )
    return json_reply({"pullTimeUpdateExclusions": list(page), "nextToken": token})


HANDLERS: Mapping[str, Handler] = {
    "DeregisterPullTimeUpdateExclusion": deregister,
    "ListPullTimeUpdateExclusions": list_exclusions,
    "RegisterPullTimeUpdateExclusion": register,
}
