"""Listings of services that run images: AWS's pages, tokens, throttling and denial."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.ecs.common import new_task
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Request

ROLE = "arn:aws:iam::123456789012:role/app"


class Listing(NamedTuple):
    """A listing, how to fill it, and AWS's page sizes."""

    service: str
    call: str
    member: str
    fill: Callable[[Sandbox, int], object]
    default: int
    """Of who names no size; 0: all."""
    most: int
    limit: str = "maxResults"
    token: str = "nextToken"
    asked: Mapping[str, str] = MappingProxyType({})

    def __str__(self) -> str:
        return f"{self.service}-{self.call}"


def _tasks(aws: Sandbox, number: int) -> None:
    named = seed.task_definition(aws, "web", "docker.io/app:1")
    where = seed.ecs_cluster(aws)
    request = Request("ecs", "", aws.region, aws.account, "", {})
    definition = {"containerDefinitions": [], "family": "web", "taskDefinitionArn": named}
    cluster = {"clusterArn": where, "clusterName": "default"}
    for _ in range(number):
        new_task(aws.world, request, cluster, definition, {})


def _services(aws: Sandbox, number: int) -> None:
    seed.task_definition(aws, "web", "docker.io/app:1")
    for i in range(number):
        seed.ecs_service(aws, f"s{i}", "web", count=0)


def _images(aws: Sandbox, number: int) -> None:
    seed.inspector(aws)
    seed.repository(aws, "app")
    for i in range(number):
        seed.image(aws, "app", config=seed.image_config({"n": str(i)}))


def _each(make: Callable[[Sandbox, str], object]) -> Callable[[Sandbox, int], None]:
    def fill(aws: Sandbox, number: int) -> None:
        for i in range(number):
            make(aws, f"n{i}")

    return fill


LISTINGS = (
    Listing("ecs", "list_clusters", "clusterArns", _each(seed.ecs_cluster), 100, 100),
    Listing("ecs", "list_tasks", "taskArns", _tasks, 100, 100),
    Listing("ecs", "list_services", "serviceArns", _services, 10, 100),
    Listing(
        "ecs",
        "list_task_definitions",
        "taskDefinitionArns",
        _each(lambda aws, name: seed.task_definition(aws, "web", f"docker.io/{name}")),
        100,
        100,
    ),
    Listing(
        "ecs",
        "list_daemons",
        "daemonSummariesList",
        _each(lambda aws, name: seed.daemon(aws, name, "docker.io/app:1")),
        100,
        100,
    ),
    Listing(
        "batch",
        "describe_job_definitions",
        "jobDefinitions",
        _each(lambda aws, name: seed.job_definition(aws, name, "docker.io/app:1")),
        100,
        100,
    ),
    Listing(
        "codebuild",
        "list_projects",
        "projects",
        _each(lambda aws, name: seed.build_project(aws, name, "docker.io/app:1")),
        100,
        0,
    ),
    Listing(
        "sagemaker",
        "list_models",
        "Models",
        _each(lambda aws, name: seed.model(aws, name, "docker.io/app:1")),
        10,
        100,
        "MaxResults",
        "NextToken",
    ),
    Listing(
        "sagemaker",
        "list_inference_components",
        "InferenceComponents",
        lambda aws, number: [
            seed.endpoint(aws, "e"),
            *(
                seed.inference_component(aws, f"c{i}", "e", "docker.io/app:1")
                for i in range(number)
            ),
        ],
        10,
        100,
        "MaxResults",
        "NextToken",
    ),
    Listing(
        "sagemaker",
        "list_images",
        "Images",
        _each(lambda aws, name: seed.studio_image(aws, name)),
        10,
        100,
        "MaxResults",
        "NextToken",
    ),
    Listing(
        "sagemaker",
        "list_image_versions",
        "ImageVersions",
        lambda aws, number: seed.studio_image(aws, "lab", *["docker.io/lab:1"] * number),
        10,
        100,
        "MaxResults",
        "NextToken",
        {"ImageName": "lab"},
    ),
    Listing("eks", "list_clusters", "clusters", _each(seed.kubernetes_cluster), 100, 100),
    Listing(
        "emr-serverless",
        "list_applications",
        "applications",
        _each(lambda aws, name: seed.emr_application(aws, name, "docker.io/app:1")),
        50,
        50,
    ),
    Listing(
        "bedrock-agentcore-control",
        "list_agent_runtimes",
        "agentRuntimes",
        _each(lambda aws, name: seed.agent_runtime(aws, name, "docker.io/a:1", role=ROLE)),
        100,
        100,
    ),
    Listing(
        "apprunner",
        "list_services",
        "ServiceSummaryList",
        _each(lambda aws, name: seed.runner_service(aws, name, "docker.io/app:1")),
        0,
        20,
        "MaxResults",
        "NextToken",
    ),
    Listing(
        "gamelift",
        "list_container_group_definitions",
        "ContainerGroupDefinitions",
        _each(lambda aws, name: seed.container_group(aws, name, "docker.io/app:1")),
        100,
        100,
        "Limit",
        "NextToken",
    ),
    Listing(
        "gamelift",
        "list_container_group_definition_versions",
        "ContainerGroupDefinitions",
        lambda aws, number: seed.container_group(aws, "g", *["docker.io/a:1"] * number),
        100,
        100,
        "Limit",
        "NextToken",
        {"Name": "g"},
    ),
    Listing("inspector2", "list_coverage", "coveredResources", _images, 200, 200),
)


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
def test_a_listing_has_the_pages_of_aws(aws: Sandbox, listing: Listing) -> None:
    number = max(listing.default, listing.most) + 1
    listing.fill(aws, number)
    client = aws.client(listing.service)

    def rows(page: dict[str, Any]) -> list[str]:
        return [repr(row) for row in page[listing.member]]

    ask = getattr(client, listing.call)
    first = ask(**listing.asked)
    assert len(first[listing.member]) == (listing.default or number)
    found = rows(first)
    while first.get(listing.token):
        first = ask(**{listing.token: first[listing.token]}, **listing.asked)
        found += rows(first)
    assert (len(found), len(set(found))) == (number, number), "all pages, nothing twice"
    if listing.most:
        most = ask(**{listing.limit: listing.most}, **listing.asked)
        assert len(most[listing.member]) == listing.most
        assert most[listing.token]


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
def test_a_token_of_another_listing_is_refused(aws: Sandbox, listing: Listing) -> None:
    listing.fill(aws, 1)
    client = aws.client(listing.service)
    with pytest.raises(ClientError):
        getattr(client, listing.call)(**{listing.token: "page1.100"}, **listing.asked)


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
def test_faults_and_policies_reach_every_listing(aws: Sandbox, listing: Listing) -> None:
    listing.fill(aws, 1)
    ask = getattr(aws.client(listing.service), listing.call)
    aws.enforce({"Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]})
    with pytest.raises(ClientError, match="AccessDenied"):
        ask(**listing.asked)
    aws.enforce(None)
    aws.faults.throttle(listing.service, times=1)
    assert ask(**listing.asked)[listing.member], "botocore takes it for throttling and asks again"
    statuses = [call.status for call in aws.calls if call.service == listing.service][-2:]
    assert statuses[0] in (400, 429)
    assert statuses[1] == 200
