"""App Runner's services."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from jotgraph.sandbox.kept import Paging, arn, cut, shelf
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

SERVICES = "apprunner/service"
PAGES = Paging(
    "ServiceSummaryList", 20, 0, limit="MaxResults", token="NextToken",
    error="InvalidRequestException",
)  # fmt: skip
SUMMARY = ("ServiceName", "ServiceId", "ServiceArn", "CreatedAt", "UpdatedAt", "Status")


def create_service(world: World, request: Request) -> Reply:
    name, services = request.text("ServiceName"), shelf(world, request, SERVICES)
    identity = hashlib.sha256(f"{request.account}/{request.region}/{name}".encode()).hexdigest()
    named = arn(request, "apprunner", f"service/{name}/{identity[:32]}")
    if named in services:
        raise AwsError("InvalidRequestException", f"Service with the name {name} already exists.")
    services[named] = {
        "ServiceName": name,
        "ServiceId": identity[:32],
        "ServiceArn": named,
        "CreatedAt": world.now(),
        "UpdatedAt": world.now(),
        "Status": "RUNNING",
        "SourceConfiguration": request.params.get("SourceConfiguration") or {},
        "InstanceConfiguration": request.params.get("InstanceConfiguration") or {},
        "AutoScalingConfigurationSummary": {"AutoScalingConfigurationName": "DefaultConfiguration"},
        "NetworkConfiguration": {"IpAddressType": "IPV4"},
    }
    return json_reply({"Service": services[named], "OperationId": identity[32:]})


def list_services(world: World, request: Request) -> Reply:
    """ "If you don't specify MaxResults, the request retrieves all available results in a single
    response"; at most 20 otherwise (API_ListServices)."""
    services = shelf(world, request, SERVICES)
    return cut(
        world,
        request,
        PAGES,
        lambda: [{key: service[key] for key in SUMMARY} for service in services.values()],
    )


def describe_service(world: World, request: Request) -> Reply:
    service = shelf(world, request, SERVICES).get(request.text("ServiceArn"))
    if service is None:
        raise AwsError("ResourceNotFoundException", "The service was not found.")
    return json_reply({"Service": service})


def delete_service(world: World, request: Request) -> Reply:
    service = shelf(world, request, SERVICES).pop(request.text("ServiceArn"), None)
    if service is None:
        raise AwsError("ResourceNotFoundException", "The service was not found.")
    return json_reply({"Service": {**service, "Status": "OPERATION_IN_PROGRESS"}})


HANDLERS: Mapping[str, Handler] = {
    "CreateService": create_service,
    "DeleteService": delete_service,
    "DescribeService": describe_service,
    "ListServices": list_services,
}
