"""SageMaker: models, endpoints, images of Studio."""

from __future__ import annotations

from typing import Any

from jotgraph.sources.consumers.model import Call, Consumer


def _sagemaker(action: str, member: str, **fields: Any) -> Call:
    return Call(
        action=action, found=member, page=100, limit="MaxResults", token="NextToken", **fields
    )


MODELS = Consumer(
    service="sagemaker",
    type="'model'",
    calls=(
        _sagemaker("ListModels", "Models", into="listed"),
        Call(
            action="DescribeModel",
            into="model",
            names="listed.ModelName",
            member="ModelName",
            keep="{images: [PrimaryContainer, Containers[]][].[Image || ModelPackageName][], "
            "role: ExecutionRoleArn}",
            immutable="document.listed.[ModelArn, CreationTime]",
        ),
        Call(
            action="DescribeModelPackage",
            into="packages",
            names="model.images[?starts_with(@, 'arn:')]",
            member="ModelPackageName",
            key="ModelPackageArn",
            several=True,
            facts=("images",),
            keep="{images: [InferenceSpecification, AdditionalInferenceSpecifications[]][]"
            ".Containers[].Image}",
        ),
    ),
    name="listed.ModelName",
    arn="listed.ModelArn",
    images="[model.images[?!starts_with(@, 'arn:')], packages[].images[]][]",
    roles="[model.role]",
    state="'active'",
    changed_at="listed.CreationTime",
)

ENDPOINTS = Consumer(
    service="sagemaker",
    type="'endpoint'",
    calls=(
        _sagemaker("ListEndpoints", "Endpoints", into="listed"),
        Call(
            action="DescribeEndpoint",
            into="endpoint",
            names="listed.EndpointName",
            member="EndpointName",
        ),
    ),
    name="endpoint.EndpointName",
    arn="endpoint.EndpointArn",
    images="endpoint.[ProductionVariants, ShadowProductionVariants, "
    "PendingDeploymentSummary.ProductionVariants, "
    "PendingDeploymentSummary.ShadowProductionVariants][][].DeployedImages[]"
    ".[SpecifiedImage, ResolvedImage]",
    changed_at="endpoint.LastModifiedTime",
)

INFERENCE_COMPONENTS = Consumer(
    service="sagemaker",
    type="'inference-component'",
    calls=(
        _sagemaker("ListEndpoints", "Endpoints", into="endpoint"),
        _sagemaker("ListInferenceComponents", "InferenceComponents", into="listed"),
        Call(
            action="DescribeInferenceComponent",
            into="component",
            names="listed.InferenceComponentName",
            member="InferenceComponentName",
        ),
    ),
    name="component.InferenceComponentName",
    arn="component.InferenceComponentArn",
    images="component.[Specification, Specifications[]][].Container.DeployedImage"
    ".[SpecifiedImage, ResolvedImage]",
    changed_at="component.LastModifiedTime",
)
"""Components of an endpoint without a model of its own; without endpoints there are none."""

STUDIO_IMAGES = Consumer(
    service="sagemaker",
    type="'image-version'",
    calls=(
        _sagemaker("ListImages", "Images", into="image"),
        _sagemaker(
            "ListImageVersions",
            "ImageVersions",
            into="version",
            args={"ImageName": "image.ImageName"},
        ),
        Call(
            action="DescribeImageVersion",
            into="described",
            args={"ImageName": "image.ImageName"},
            names="version.Version",
            member="Version",
            keep="{images: [[BaseImage, ContainerImage]]}",
            immutable="document.version.[ImageVersionArn, CreationTime]",
            settled="images[0][1]",
        ),
    ),
    name="join(':', [image.ImageName, to_string(version.Version)])",
    arn="version.ImageVersionArn",
    images="described.images",
    family="image.ImageName",
    revision="version.Version",
    changed_at="version.LastModifiedTime",
)
