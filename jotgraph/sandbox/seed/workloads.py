"""Fill the other services that run images in process; see seed.py for what is common, and
seed/ecs.py for what an image is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jotgraph.sandbox.seed.call import Where, call, reference
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.workloads.inspector import SCANS, USES


def job_definition(
    aws: Sandbox,
    name: str,
    image: str = "",
    *,
    role: str | None = None,
    account: Where = None,
    region: Where = None,
    **properties: Any,
) -> str:
    """Register the next revision of a Batch job definition, of one container with ``image`` or of
    ``nodeProperties``, ``ecsProperties`` or ``eksProperties``; returns its ARN."""
    if image:
        container = {"image": reference(aws, image, account, region), "jobRoleArn": role}
        properties["containerProperties"] = {k: v for k, v in container.items() if v}
    words = {"jobDefinitionName": name, "type": "container", **properties}
    made = call(aws, "batch", "RegisterJobDefinition", account, region, **words)
    return str(made["jobDefinitionArn"])


def build_project(
    aws: Sandbox,
    name: str,
    image: str,
    *,
    role: str = "",
    tags: Mapping[str, str] | None = None,
    account: Where = None,
    region: Where = None,
) -> str:
    """Make a CodeBuild project whose builds run in an image; returns its ARN."""
    made = call(
        aws,
        "codebuild",
        "CreateProject",
        account,
        region,
        name=name,
        environment={
            "image": reference(aws, image, account, region),
            "type": "LINUX_CONTAINER",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        serviceRole=role or None,
        tags=[{"key": key, "value": value} for key, value in (tags or {}).items()],
    )
    return str(made["project"]["arn"])


def model(
    aws: Sandbox,
    name: str,
    *images: str,
    role: str = "",
    account: Where = None,
    region: Where = None,
) -> str:
    """Make a SageMaker model of one image (or the ARN of a model package) or a pipeline of
    several; returns its ARN."""
    containers = [
        {"ModelPackageName": image}
        if image.startswith("arn:")
        else {"Image": reference(aws, image, account, region)}
        for image in images
    ]
    parts: dict[str, Any] = (
        {"PrimaryContainer": containers[0]} if len(images) == 1 else {"Containers": containers}
    )
    words = {"ModelName": name, "ExecutionRoleArn": role or None, **parts}
    return str(call(aws, "sagemaker", "CreateModel", account, region, **words)["ModelArn"])


def model_package(
    aws: Sandbox, group: str, *images: str, account: Where = None, region: Where = None
) -> str:
    """Make the next version of a SageMaker model package; returns its ARN."""
    containers = [{"Image": reference(aws, image, account, region)} for image in images]
    words = {"ModelPackageGroupName": group, "InferenceSpecification": {"Containers": containers}}
    made = call(aws, "sagemaker", "CreateModelPackage", account, region, **words)
    return str(made["ModelPackageArn"])


def endpoint(
    aws: Sandbox, name: str, model: str = "", *, account: Where = None, region: Where = None
) -> str:
    """Make a SageMaker endpoint of a model, or of none to host components; returns its ARN."""
    variants = [{"VariantName": "all", **({"ModelName": model} if model else {})}]
    config = {"EndpointConfigName": name, "ProductionVariants": variants}
    call(aws, "sagemaker", "CreateEndpointConfig", account, region, **config)
    words = {"EndpointName": name, "EndpointConfigName": name}
    return str(call(aws, "sagemaker", "CreateEndpoint", account, region, **words)["EndpointArn"])


def inference_component(
    aws: Sandbox,
    name: str,
    endpoint: str,
    image: str,
    *,
    account: Where = None,
    region: Where = None,
) -> str:
    """Make a SageMaker inference component on an endpoint; returns its ARN."""
    container = {"Image": reference(aws, image, account, region)}
    made = call(
        aws,
        "sagemaker",
        "CreateInferenceComponent",
        account,
        region,
        InferenceComponentName=name,
        EndpointName=endpoint,
        VariantName="all",
        Specification={"Container": container},
    )
    return str(made["InferenceComponentArn"])


def studio_image(
    aws: Sandbox, name: str, *images: str, account: Where = None, region: Where = None
) -> str:
    """Make a SageMaker Studio image with a version for each image; returns its ARN."""
    made = call(aws, "sagemaker", "CreateImage", account, region, ImageName=name)
    for image in images:
        base = reference(aws, image, account, region)
        words = {"ImageName": name, "BaseImage": base}
        call(aws, "sagemaker", "CreateImageVersion", account, region, **words)
    return str(made["ImageArn"])


def kubernetes_cluster(
    aws: Sandbox, name: str, *, role: str = "", account: Where = None, region: Where = None
) -> str:
    """Make an EKS cluster; returns its ARN."""
    words = {"name": name, "roleArn": role}
    return str(call(aws, "eks", "CreateCluster", account, region, **words)["cluster"]["arn"])


def emr_application(
    aws: Sandbox,
    name: str,
    image: str,
    *,
    workers: Mapping[str, str] | None = None,
    account: Where = None,
    region: Where = None,
) -> str:
    """Make an EMR Serverless application; ``workers``: type -> image. Returns its id."""
    kinds = {
        kind: {"imageConfiguration": {"imageUri": reference(aws, worker, account, region)}}
        for kind, worker in (workers or {}).items()
    }
    made = call(
        aws,
        "emr-serverless",
        "CreateApplication",
        account,
        region,
        name=name,
        releaseLabel="emr-7.9.0",
        type="SPARK",
        imageConfiguration={"imageUri": reference(aws, image, account, region)},
        workerTypeSpecifications=kinds or None,
    )
    return str(made["applicationId"])


def agent_runtime(
    aws: Sandbox,
    name: str,
    *images: str,
    role: str,
    account: Where = None,
    region: Where = None,
) -> str:
    """Make a Bedrock AgentCore runtime with a version for each image; returns its id."""
    service, identity = "bedrock-agentcore-control", ""
    for image in images:
        container = {"containerUri": reference(aws, image, account, region)}
        words = {"agentRuntimeArtifact": {"containerConfiguration": container}, "roleArn": role}
        named = {"agentRuntimeId": identity} if identity else {"agentRuntimeName": name}
        action = "UpdateAgentRuntime" if identity else "CreateAgentRuntime"
        identity = call(aws, service, action, account, region, **named, **words)["agentRuntimeId"]
    return identity


def runner_service(
    aws: Sandbox,
    name: str,
    image: str,
    *,
    role: str | None = None,
    access_role: str | None = None,
    account: Where = None,
    region: Where = None,
) -> str:
    """Make an App Runner service; returns its ARN."""
    source: dict[str, Any] = {
        "ImageRepository": {
            "ImageIdentifier": reference(aws, image, account, region),
            "ImageRepositoryType": "ECR",
        }
    }
    if access_role:
        source["AuthenticationConfiguration"] = {"AccessRoleArn": access_role}
    made = call(
        aws,
        "apprunner",
        "CreateService",
        account,
        region,
        ServiceName=name,
        SourceConfiguration=source,
        InstanceConfiguration={"InstanceRoleArn": role} if role else None,
    )
    return str(made["Service"]["ServiceArn"])


def container_group(
    aws: Sandbox, name: str, *images: str, account: Where = None, region: Where = None
) -> str:
    """Make a GameLift container group definition with a version for each image; returns the ARN
    of the last."""
    named = ""
    for number, image in enumerate(images):
        action = "Update" if number else "Create"
        server = {"ContainerName": "c0", "ImageUri": reference(aws, image, account, region)}
        words = {"Name": name, "GameServerContainerDefinition": server}
        made = call(aws, "gamelift", f"{action}ContainerGroupDefinition", account, region, **words)
        named = made["ContainerGroupDefinition"]["ContainerGroupDefinitionArn"]
    return named


def inspector(aws: Sandbox, *, account: Where = None, region: Where = None) -> None:
    """Switch Inspector's scans of ECR on."""
    place = (account or aws.account, region or aws.region)
    aws.world.kept.setdefault((*place, SCANS), {})["ecr"] = True


def pods(
    aws: Sandbox,
    digest: str,
    count: int,
    *,
    last: datetime | None = None,
    account: Where = None,
    region: Where = None,
) -> None:
    """Say how many pods of EKS use an image, and when one last did, as Inspector would count."""
    place = (account or aws.account, region or aws.region)
    when = last.timestamp() if last else None
    aws.world.kept.setdefault((*place, USES), {})[digest] = (count, when)
