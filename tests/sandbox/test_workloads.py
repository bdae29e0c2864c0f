"""The other services that run images, as they are documented."""

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


def _image(aws: Sandbox) -> str:
    seed.repository(aws, "app")
    return seed.image(aws, "app", "v1")


def test_job_definitions_have_revisions_and_statuses(aws: Sandbox) -> None:
    first = seed.job_definition(aws, "nightly", "docker.io/a:1", role=ROLE)
    second = seed.job_definition(aws, "nightly", "docker.io/a:2")
    batch = aws.client("batch")
    batch.deregister_job_definition(jobDefinition=first)
    (active,) = batch.describe_job_definitions(status="ACTIVE")["jobDefinitions"]
    assert (active["jobDefinitionArn"], active["revision"]) == (second, 2)
    both = batch.describe_job_definitions(jobDefinitionName="nightly")["jobDefinitions"]
    assert [each["status"] for each in both] == ["INACTIVE", "ACTIVE"]
    (named,) = batch.describe_job_definitions(jobDefinitions=[first])["jobDefinitions"]
    assert named["containerProperties"] == {"image": "docker.io/a:1", "jobRoleArn": ROLE}


@pytest.mark.parametrize(
    "properties",
    [
        {"nodeProperties": {"numNodes": 1, "mainNode": 0, "nodeRangeProperties": []}},
        {"ecsProperties": {"taskProperties": [{"containers": [{"image": "docker.io/a:1"}]}]}},
        {"eksProperties": {"podProperties": {"containers": [{"image": "docker.io/a:1"}]}}},
    ],
    ids=["nodes", "ecs", "eks"],
)
def test_every_kind_of_job_keeps_its_images(aws: Sandbox, properties: dict[str, Any]) -> None:
    """API_RegisterJobDefinition: four kinds of properties; moto drops two of them."""
    seed.job_definition(aws, "nightly", **properties)
    (found,) = aws.client("batch").describe_job_definitions()["jobDefinitions"]
    assert {key: found[key] for key in properties} == properties


def test_projects_that_are_not_there_are_named(aws: Sandbox) -> None:
    named = seed.build_project(aws, "ci", "docker.io/a:1", role=ROLE, tags={"team": "a"})
    found = aws.client("codebuild").batch_get_projects(names=["ci", "nope"])
    assert found["projectsNotFound"] == ["nope"]
    (project,) = found["projects"]
    assert (project["arn"], project["environment"]["image"]) == (named, "docker.io/a:1")


def test_an_endpoint_keeps_the_digest_it_resolved(aws: Sandbox) -> None:
    """API_DeployedImage; deleting the model leaves the endpoint (API_DeleteModel)."""
    digest = _image(aws)
    seed.model(aws, "m", "app:v1", role=ROLE)
    seed.endpoint(aws, "e", "m")
    seed.image(aws, "app", "v1", config=seed.image_config({"n": "2"}))
    sagemaker = aws.client("sagemaker")
    sagemaker.delete_model(ModelName="m")
    (variant,) = sagemaker.describe_endpoint(EndpointName="e")["ProductionVariants"]
    (deployed,) = variant["DeployedImages"]
    assert deployed["SpecifiedImage"] == seed.uri(aws, "app:v1")
    assert deployed["ResolvedImage"] == seed.uri(aws, f"app@{digest}")


def test_a_component_keeps_the_digest_it_resolved(aws: Sandbox) -> None:
    digest = _image(aws)
    seed.endpoint(aws, "e")
    seed.inference_component(aws, "c", "e", "app:v1")
    seed.image(aws, "app", "v1", config=seed.image_config({"n": "2"}))
    found = aws.client("sagemaker").describe_inference_component(InferenceComponentName="c")
    deployed = found["Specification"]["Container"]["DeployedImage"]
    assert deployed["SpecifiedImage"] == seed.uri(aws, "app:v1")
    assert deployed["ResolvedImage"] == seed.uri(aws, f"app@{digest}")


def test_a_studio_image_is_described_by_version(aws: Sandbox) -> None:
    digest = _image(aws)
    seed.studio_image(aws, "lab", "app:v1", "docker.io/lab:2")
    sagemaker = aws.client("sagemaker")
    newest = sagemaker.describe_image_version(ImageName="lab")
    assert (newest["Version"], newest["BaseImage"]) == (2, "docker.io/lab:2")
    first = sagemaker.describe_image_version(ImageName="lab", Version=1)
    assert first["ContainerImage"] == seed.uri(aws, f"app@{digest}")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        sagemaker.describe_image_version(ImageName="lab", Version=3)


def test_an_application_has_the_digest_of_its_images(aws: Sandbox) -> None:
    digest = _image(aws)
    identity = seed.emr_application(aws, "spark", "app:v1", workers={"Driver": "app:v1"})
    emr = aws.client("emr-serverless")
    found = emr.get_application(applicationId=identity)["application"]
    expected = {"imageUri": seed.uri(aws, "app:v1"), "resolvedImageDigest": digest}
    assert found["imageConfiguration"] == expected
    assert found["workerTypeSpecifications"] == {"Driver": {"imageConfiguration": expected}}
    with pytest.raises(emr.exceptions.ResourceNotFoundException):
        emr.get_application(applicationId="nope")


def test_an_update_of_a_runtime_is_a_new_version(aws: Sandbox) -> None:
    identity = seed.agent_runtime(aws, "agent", "docker.io/a:1", "docker.io/a:2", role=ROLE)
    control = aws.client("bedrock-agentcore-control")
    (runtime,) = control.list_agent_runtimes()["agentRuntimes"]
    assert runtime["agentRuntimeVersion"] == "2"
    versions = control.list_agent_runtime_versions(agentRuntimeId=identity)["agentRuntimes"]
    assert [each["agentRuntimeVersion"] for each in versions] == ["2", "1"]

    def image(**version: str) -> str:
        found = control.get_agent_runtime(agentRuntimeId=identity, **version)
        return str(found["agentRuntimeArtifact"]["containerConfiguration"]["containerUri"])

    assert (image(), image(agentRuntimeVersion="1")) == ("docker.io/a:2", "docker.io/a:1")


def test_an_app_runner_service_names_its_image_and_roles(aws: Sandbox) -> None:
    named = seed.runner_service(aws, "shop", "app:v1", role=ROLE, access_role=ROLE)
    runner = aws.client("apprunner")
    (summary,) = runner.list_services()["ServiceSummaryList"]
    assert (summary["ServiceArn"], summary["Status"]) == (named, "RUNNING")
    service = runner.describe_service(ServiceArn=named)["Service"]
    source = service["SourceConfiguration"]
    assert source["ImageRepository"]["ImageIdentifier"] == seed.uri(aws, "app:v1")
    assert source["AuthenticationConfiguration"]["AccessRoleArn"] == ROLE
    runner.delete_service(ServiceArn=named)
    with pytest.raises(runner.exceptions.ResourceNotFoundException):
        runner.describe_service(ServiceArn=named)


def test_a_container_group_lists_its_newest_version(aws: Sandbox) -> None:
    digest = _image(aws)
    seed.container_group(aws, "game", "app:v1", "docker.io/game:2")
    gamelift = aws.client("gamelift")
    (newest,) = gamelift.list_container_group_definitions()["ContainerGroupDefinitions"]
    assert newest["VersionNumber"] == 2
    found = gamelift.list_container_group_definition_versions(Name="game")
    _, first = found["ContainerGroupDefinitions"]
    assert first["GameServerContainerDefinition"]["ResolvedImageDigest"] == digest
    with pytest.raises(gamelift.exceptions.NotFoundException):
        gamelift.list_container_group_definition_versions(Name="nope")


def test_a_kubernetes_cluster_says_its_role_and_not_what_runs_in_it(aws: Sandbox) -> None:
    seed.kubernetes_cluster(aws, "prod", role=ROLE)
    eks = aws.client("eks")
    cluster = eks.describe_cluster(name="prod")["cluster"]
    assert (cluster["roleArn"], cluster["status"]) == (ROLE, "ACTIVE")
    with pytest.raises(eks.exceptions.ResourceNotFoundException):
        eks.describe_cluster(name="nope")


def test_inspector_counts_tasks_and_never_functions(aws: Sandbox) -> None:
    digest = _image(aws)
    other = seed.image(aws, "app", "v2", config=seed.image_config({"n": "2"}))
    seed.function(aws, "f", "app:v2")
    seed.task_definition(aws, "web", "app:v1")
    seed.ecs_service(aws, "web", "web", count=2)
    criteria = {"resourceType": [{"comparison": "EQUALS", "value": "AWS_ECR_CONTAINER_IMAGE"}]}
    found = aws.client("inspector2").list_coverage(filterCriteria=criteria)["coveredResources"]
    counts = {
        each["resourceId"].rpartition("/")[2]: each["resourceMetadata"]["ecrImage"]["inUseCount"]
        for each in found
    }
    assert counts == {digest: 2, other: 0}


@pytest.mark.parametrize("service", ["apprunner", "gamelift"])
def test_what_is_not_emulated_says_so(aws: Sandbox, service: str) -> None:
    client = aws.client(service)
    ask = {"apprunner": "list_connections", "gamelift": "list_builds"}[service]
    with pytest.raises(ClientError, match="not part of the sandbox"):
        getattr(client, ask)()
