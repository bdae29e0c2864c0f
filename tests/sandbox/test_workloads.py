"""The other services that run images, as they are documented."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

ROLE = "arn:aws:iam::123456789012:role/app"


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
    assert [endpoint["status"] for endpoint in both] == ["INACTIVE", "ACTIVE"]
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
    (definition,) = aws.client("batch").describe_job_definitions()["jobDefinitions"]
    assert {key: definition[key] for key in properties} == properties


def test_projects_that_are_not_there_are_named(aws: Sandbox) -> None:
    named = seed.build_project(aws, "ci", "docker.io/a:1", role=ROLE, tags={"team": "a"})
    answer = aws.client("codebuild").batch_get_projects(names=["ci", "nope"])
    assert answer["projectsNotFound"] == ["nope"]
    (project,) = answer["projects"]
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
    component = aws.client("sagemaker").describe_inference_component(InferenceComponentName="c")
    deployed = component["Specification"]["Container"]["DeployedImage"]
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
    application = emr.get_application(applicationId=identity)["application"]
    expected = {"imageUri": seed.uri(aws, "app:v1"), "resolvedImageDigest": digest}
    assert application["imageConfiguration"] == expected
    assert application["workerTypeSpecifications"] == {"Driver": {"imageConfiguration": expected}}
    with pytest.raises(emr.exceptions.ResourceNotFoundException):
        emr.get_application(applicationId="nope")


def test_an_update_of_a_runtime_is_a_new_version(aws: Sandbox) -> None:
    identity = seed.agent_runtime(aws, "agent", "docker.io/a:1", "docker.io/a:2", role=ROLE)
    control = aws.client("bedrock-agentcore-control")
    (runtime,) = control.list_agent_runtimes()["agentRuntimes"]
    assert runtime["agentRuntimeVersion"] == "2"
    versions = control.list_agent_runtime_versions(agentRuntimeId=identity)["agentRuntimes"]
    assert [version["agentRuntimeVersion"] for version in versions] == ["2", "1"]

    def image(**version: str) -> str:
        runtime = control.get_agent_runtime(agentRuntimeId=identity, **version)
        return str(runtime["agentRuntimeArtifact"]["containerConfiguration"]["containerUri"])

    assert (image(), image(agentRuntimeVersion="1")) == ("docker.io/a:2", "docker.io/a:1")


def test_the_endpoint_of_a_runtime_follows_its_newest_version_unless_it_names_one(
    aws: Sandbox,
) -> None:
    identity = seed.agent_runtime(aws, "agent", "docker.io/a:1", "docker.io/a:2", role=ROLE)
    control = aws.client("bedrock-agentcore-control")
    made = control.create_agent_runtime_endpoint(
        agentRuntimeId=identity, name="prod", agentRuntimeVersion="1"
    )
    assert (made["targetVersion"], made["status"]) == ("1", "CREATING")
    listed = control.list_agent_runtime_endpoints(agentRuntimeId=identity)["runtimeEndpoints"]
    assert {endpoint["name"]: endpoint["liveVersion"] for endpoint in listed} == {
        "DEFAULT": "2",
        "prod": "1",
    }


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
    answer = gamelift.list_container_group_definition_versions(Name="game")
    _, first = answer["ContainerGroupDefinitions"]
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


def test_inspector_is_off_until_it_is_switched_on(aws: Sandbox) -> None:
    _image(aws)
    inspector = aws.client("inspector2")

    def status() -> str:
        (account,) = inspector.batch_get_account_status()["accounts"]
        return str(account["resourceState"]["ecr"]["status"])

    assert (status(), inspector.list_coverage()["coveredResources"]) == ("DISABLED", [])
    seed.inspector(aws)
    assert (status(), len(inspector.list_coverage()["coveredResources"])) == ("ENABLED", 1)


def test_inspector_counts_tasks_and_never_functions(aws: Sandbox) -> None:
    seed.inspector(aws)
    digest = _image(aws)
    other = seed.image(aws, "app", "v2", config=seed.image_config({"n": "2"}))
    seed.function(aws, "f", "app:v2")
    seed.task_definition(aws, "web", "app:v1")
    seed.ecs_service(aws, "web", "web", count=2)
    criteria = {"resourceType": [{"comparison": "EQUALS", "value": "AWS_ECR_CONTAINER_IMAGE"}]}
    resources = aws.client("inspector2").list_coverage(filterCriteria=criteria)["coveredResources"]
    counts = {
        resource["resourceId"].rpartition("/")[2]: resource["resourceMetadata"]["ecrImage"][
            "inUseCount"
        ]
        for resource in resources
    }
    assert counts == {digest: 2, other: 0}


@pytest.mark.parametrize("service", ["apprunner", "gamelift"])
def test_what_is_not_emulated_says_so(aws: Sandbox, service: str) -> None:
    client = aws.client(service)
    ask = {"apprunner": "list_connections", "gamelift": "list_builds"}[service]
    with pytest.raises(ClientError, match="not part of the sandbox"):
        getattr(client, ask)()
