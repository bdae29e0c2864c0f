"""The reading calls of one ECS service and of its task definition, for who is about to change it.

A scan reads them through the table of ``sources.consumers``. These raise CallFailedError.
"""

from __future__ import annotations

from typing import Any

from jotgraph.sources.aws.calls import RegionClient


def get_service(place: RegionClient, cluster: str, name: str) -> dict[str, Any] | None:
    """An active service with its ``tags``; DescribeServices still tells of one that is draining
    or was deleted a while ago (API_DescribeServices)."""
    answer = place.ask(
        "ecs", "DescribeServices", "services", cluster=cluster, services=[name], include=["TAGS"]
    )
    active = (service for service in answer["services"] if service.get("status") == "ACTIVE")
    return next((dict(service) for service in active), None)


def get_task_definition(place: RegionClient, name: str) -> dict[str, Any]:
    """A task definition with its ``tags``, which DescribeTaskDefinition answers beside it."""
    answer = place.ask(
        "ecs", "DescribeTaskDefinition", "taskDefinition", taskDefinition=name, include=["TAGS"]
    )
    return {**answer["taskDefinition"], "tags": answer.get("tags") or []}


def active_task_definitions(place: RegionClient, family: str) -> list[str]:
    """The ARNs of all active revisions of a family, newest first (API_ListTaskDefinitions)."""
    listing = place.pages(
        "ecs",
        "ListTaskDefinitions",
        "taskDefinitionArns",
        familyPrefix=family,
        sort="DESC",
        maxResults=100,
    )
    return [str(arn) for arn in listing.whole()]
