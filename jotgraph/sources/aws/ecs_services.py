"""Reading calls for one ECS service and its task definition, used before changing it.

A scan reads them through the table in ``sources.consumers``. These raise CallFailedError.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records.references import arn_of
from jotgraph.sources.aws.batches import batches
from jotgraph.sources.aws.calls import RegionClient

_DESCRIBED = 10
"""The most services in one DescribeServices (API_DescribeServices)."""


def get_service(place: RegionClient, cluster: str, name: str) -> dict[str, Any] | None:
    """Return an active service with its ``tags``. DescribeServices also returns services that are
    draining or were deleted a while ago (API_DescribeServices)."""
    services = _described(place, cluster, [name], include=["TAGS"])
    active = (service for service in services if service.get("status") == "ACTIVE")
    return next((dict(service) for service in active), None)


def services_on(place: RegionClient, definition: str) -> list[str]:
    """Return ``cluster/name`` of the active services that run a task definition or are about to,
    sorted."""
    names: list[str] = []
    for cluster in place.pages("ecs", "ListClusters", "clusterArns").whole():
        listed = place.pages("ecs", "ListServices", "serviceArns", cluster=cluster).whole()
        for batch in batches(listed, _DESCRIBED):
            names += [
                f"{cluster.rpartition('/')[2]}/{service['serviceName']}"
                for service in _described(place, cluster, batch)
                if service.get("status") == "ACTIVE" and definition in _definitions(service)
            ]
    return sorted(names)


def _described(
    place: RegionClient, cluster: str, names: Sequence[str], **more: Any
) -> list[dict[str, Any]]:
    """The existing services, by names or ARNs. For a missing one the response names its ARN as
    missing (API_DescribeServices); anything else means that it was not read."""
    answer = place.ask(
        "ecs", "DescribeServices", "services", cluster=cluster, services=names, **more
    )
    failures = answer.get("failures") or ()
    arns = [service["serviceArn"] for service in answer["services"]]
    arns += [item.get("arn", "") for item in failures if item.get("reason") == "MISSING"]
    known = {*arns, *(arn.name for arn in map(arn_of, arns) if arn)}
    for name in names:
        if name not in known:
            raise CallFailedError(Failure("error", f"the answer does not contain {name}"))
    return [dict(service) for service in answer["services"]]


def _definitions(service: dict[str, Any]) -> set[str]:
    deployments = (*(service.get("deployments") or ()), *(service.get("taskSets") or ()))
    return {str(holder.get("taskDefinition")) for holder in (service, *deployments)}


def get_task_definition(place: RegionClient, name: str) -> dict[str, Any]:
    """Return a task definition with its ``tags``, which DescribeTaskDefinition returns
    separately."""
    answer = place.ask(
        "ecs", "DescribeTaskDefinition", "taskDefinition", taskDefinition=name, include=["TAGS"]
    )
    return {**answer["taskDefinition"], "tags": answer.get("tags") or []}


def active_task_definitions(place: RegionClient, family: str) -> list[str]:
    """Return the ARNs of all active revisions of a family, newest first
    (API_ListTaskDefinitions)."""
    listing = place.pages(
        "ecs",
        "ListTaskDefinitions",
        "taskDefinitionArns",
        familyPrefix=family,
        sort="DESC",
        maxResults=100,
    )
    return [str(arn) for arn in listing.whole()]
