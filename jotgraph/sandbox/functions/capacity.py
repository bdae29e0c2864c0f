"""Lambda's capacity providers: fleets of instances that functions may run on, each with a role."""

from __future__ import annotations

from jotgraph.sandbox.kept import Paging, cut, shelf
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

PROVIDERS = "lambda/capacity-providers"
PAGES = Paging(
    "CapacityProviders",
    50,
    50,
    limit="MaxItems",
    token="Marker",
    error="InvalidParameterValueException",
    following="NextMarker",
)


def create_capacity_provider(world: World, request: Request) -> Reply:
    """Make one, ready at once (API_CreateCapacityProvider)."""
    name = request.text("CapacityProviderName")
    providers = shelf(world, request, PROVIDERS)
    if name in providers:
        raise AwsError("ResourceConflictException", f"Capacity provider exists: {name}", 409)
    arn = f"arn:aws:lambda:{request.region}:{request.account}:capacity-provider:{name}"
    providers[name] = {
        "CapacityProviderArn": arn,
        "State": "Active",
        "VpcConfig": request.params.get("VpcConfig") or {},
        "PermissionsConfig": request.params["PermissionsConfig"],
        "LastModified": world.stamp(),
    }
    return json_reply({"CapacityProvider": providers[name]}, 202)


def list_capacity_providers(world: World, request: Request) -> Reply:
    """Page by 50 (API_ListCapacityProviders)."""
    providers = shelf(world, request, PROVIDERS)
    return cut(world, request, PAGES, lambda: [providers[name] for name in sorted(providers)])


HANDLERS: dict[str, Handler] = {
    "CreateCapacityProvider": create_capacity_provider,
    "ListCapacityProviders": list_capacity_providers,
}
