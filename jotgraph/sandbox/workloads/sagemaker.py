"""SageMaker's models, endpoints, inference components and Studio images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jotgraph.sandbox.kept import Paging, arn, cut, image_digest, repository_of, shelf
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

MODELS, PACKAGES, CONFIGS, ENDPOINTS, COMPONENTS, IMAGES = (
    "sagemaker/model", "sagemaker/model-package", "sagemaker/endpoint-config", "sagemaker/endpoint",
    "sagemaker/inference-component", "sagemaker/image",
)  # fmt: skip


def _pages(member: str) -> Paging:
    """10 a page unless told, 100 at most (API_ListEndpoints, API_ListImages)."""
    return Paging(member, 100, 10, "MaxResults", "NextToken", "ValidationException")


def _newest_first(
    world: World, request: Request, member: str, kind: str, summary: tuple[str, ...]
) -> Reply:
    """ "The default is Descending", by creation time."""
    resources = shelf(world, request, kind)
    return cut(
        world,
        request,
        _pages(member),
        lambda: [
            {key: item[key] for key in summary if key in item}
            for item in reversed(list(resources.values()))
        ],
    )


def _found(world: World, request: Request, kind: str, name: str) -> Any:
    resource = shelf(world, request, kind).get(name)
    if resource is None:
        code = "ResourceNotFound" if kind == IMAGES else "ValidationException"
        what = kind.partition("/")[2]
        raise AwsError(code, f'Could not find {what} "{arn(request, "sagemaker", name)}".')
    return resource


def create_model(world: World, request: Request) -> Reply:
    name = request.text("ModelName")
    named = arn(request, "sagemaker", f"model/{name}")
    made = {**request.params, "ModelArn": named, "CreationTime": world.now()}
    shelf(world, request, MODELS)[name] = made
    return json_reply({"ModelArn": named})


def list_models(world: World, request: Request) -> Reply:
    summary = ("ModelName", "ModelArn", "CreationTime")
    return _newest_first(world, request, "Models", MODELS, summary)


def describe_model(world: World, request: Request) -> Reply:
    return json_reply(_found(world, request, MODELS, request.text("ModelName")))


def delete_model(world: World, request: Request) -> Reply:
    """ "DeleteModel deletes only the model entry" (API_DeleteModel): endpoints keep running."""
    _found(world, request, MODELS, request.text("ModelName"))
    del shelf(world, request, MODELS)[request.text("ModelName")]
    return json_reply({})


def create_model_package(world: World, request: Request) -> Reply:
    registered, group = shelf(world, request, PACKAGES), request.text("ModelPackageGroupName")
    number = sum(package["ModelPackageGroupName"] == group for package in registered.values()) + 1
    named = arn(request, "sagemaker", f"model-package/{group}/{number}")
    registered[named] = {
        **request.params,
        "ModelPackageName": f"{group}/{number}",
        "ModelPackageArn": named,
        "ModelPackageVersion": number,
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "CreationTime": world.now(),
    }
    return json_reply({"ModelPackageArn": named})


def describe_model_package(world: World, request: Request) -> Reply:
    return json_reply(_found(world, request, PACKAGES, request.text("ModelPackageName")))


def create_endpoint_config(world: World, request: Request) -> Reply:
    name = request.text("EndpointConfigName")
    shelf(world, request, CONFIGS)[name] = dict(request.params)
    return json_reply({"EndpointConfigArn": arn(request, "sagemaker", f"endpoint-config/{name}")})


def create_endpoint(world: World, request: Request) -> Reply:
    """Each variant with the images of its model: "If you used the registry/repository[:tag] form …
    the path resolves to a path of the form registry/repository[@digest]" (API_DeployedImage)."""
    name = request.text("EndpointName")
    config = _found(world, request, CONFIGS, request.text("EndpointConfigName"))
    made = {
        "EndpointName": name,
        "EndpointArn": arn(request, "sagemaker", f"endpoint/{name}"),
        "EndpointConfigName": request.text("EndpointConfigName"),
        "EndpointStatus": "InService",
        "CreationTime": world.now(),
        "LastModifiedTime": world.now(),
    }
    for member in ("ProductionVariants", "ShadowProductionVariants"):
        if config.get(member):
            made[member] = [_variant(world, request, variant) for variant in config[member]]
    shelf(world, request, ENDPOINTS)[name] = made
    return json_reply({"EndpointArn": made["EndpointArn"]})


def _variant(world: World, request: Request, variant: Mapping[str, Any]) -> dict[str, Any]:
    if "ModelName" not in variant:  # a variant that hosts inference components
        return {"VariantName": variant["VariantName"]}
    model = _found(world, request, MODELS, variant["ModelName"])
    deployed = [_deployed(world, image) for image in _images(model)]
    return {"VariantName": variant["VariantName"], "DeployedImages": deployed}


def _deployed(world: World, image: str) -> dict[str, Any]:
    shown = {"SpecifiedImage": image, "ResolutionTime": world.now()}
    digest = image_digest(world, image)
    return {**shown, **({"ResolvedImage": f"{repository_of(image)}@{digest}"} if digest else {})}


def _images(model: Mapping[str, Any]) -> Iterator[str]:
    for container in (model.get("PrimaryContainer"), *(model.get("Containers") or ())):
        if container and container.get("Image"):
            yield container["Image"]


def list_endpoints(world: World, request: Request) -> Reply:
    summary = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")
    return _newest_first(world, request, "Endpoints", ENDPOINTS, summary)


def describe_endpoint(world: World, request: Request) -> Reply:
    return json_reply(_found(world, request, ENDPOINTS, request.text("EndpointName")))


def create_inference_component(world: World, request: Request) -> Reply:
    """A container on an endpoint, resolved as those of models are (API_DeployedImage)."""
    name = request.text("InferenceComponentName")
    endpoint = _found(world, request, ENDPOINTS, request.text("EndpointName"))
    specification = request.params.get("Specification") or {}
    container = dict(specification.get("Container") or {})
    image = container.pop("Image", "")
    deployed = {"DeployedImage": _deployed(world, image)} if image else {}
    made = {
        "InferenceComponentName": name,
        "InferenceComponentArn": arn(request, "sagemaker", f"inference-component/{name}"),
        "EndpointName": endpoint["EndpointName"],
        "EndpointArn": endpoint["EndpointArn"],
        "VariantName": request.text("VariantName"),
        "Specification": {**specification, "Container": {**container, **deployed}},
        "InferenceComponentStatus": "InService",
        "CreationTime": world.now(),
        "LastModifiedTime": world.now(),
    }
    shelf(world, request, COMPONENTS)[name] = made
    return json_reply({"InferenceComponentArn": made["InferenceComponentArn"]})


def list_inference_components(world: World, request: Request) -> Reply:
    summary = (
        "InferenceComponentName", "InferenceComponentArn", "EndpointName", "EndpointArn",
        "VariantName", "InferenceComponentStatus", "CreationTime", "LastModifiedTime",
    )  # fmt: skip
    return _newest_first(world, request, "InferenceComponents", COMPONENTS, summary)


def describe_inference_component(world: World, request: Request) -> Reply:
    return json_reply(_found(world, request, COMPONENTS, request.text("InferenceComponentName")))


def create_image(world: World, request: Request) -> Reply:
    name = request.text("ImageName")
    named = arn(request, "sagemaker", f"image/{name}")
    shelf(world, request, IMAGES)[name] = {
        **request.params,
        "ImageArn": named,
        "ImageStatus": "CREATED",
        "CreationTime": world.now(),
        "LastModifiedTime": world.now(),
        "versions": [],
    }
    return json_reply({"ImageArn": named})


def list_images(world: World, request: Request) -> Reply:
    summary = ("ImageName", "ImageArn", "ImageStatus", "CreationTime", "LastModifiedTime")
    return _newest_first(world, request, "Images", IMAGES, summary)


def create_image_version(world: World, request: Request) -> Reply:
    """A version of an ECR image; ``ContainerImage`` is the path that holds it
    (API_DescribeImageVersion)."""
    image, base = (
        _found(world, request, IMAGES, request.text("ImageName")),
        request.text("BaseImage"),
    )
    number = len(image["versions"]) + 1
    digest = image_digest(world, base)
    made = {
        "BaseImage": base,
        "ContainerImage": f"{repository_of(base)}@{digest}" if digest else base,
        "ImageArn": image["ImageArn"],
        "ImageVersionArn": arn(
            request, "sagemaker", f"image-version/{image['ImageName']}/{number}"
        ),
        "ImageVersionStatus": "CREATED",
        "CreationTime": world.now(),
        "LastModifiedTime": world.now(),
        "Version": number,
    }
    image["versions"].append(made)
    return json_reply({"ImageVersionArn": made["ImageVersionArn"]})


def list_image_versions(world: World, request: Request) -> Reply:
    versions = _found(world, request, IMAGES, request.text("ImageName"))["versions"]
    hidden = ("BaseImage", "ContainerImage")
    return cut(
        world,
        request,
        _pages("ImageVersions"),
        lambda: [
            {key: value for key, value in version.items() if key not in hidden}
            for version in reversed(versions)
        ],
    )


def describe_image_version(world: World, request: Request) -> Reply:
    """The newest unless a number is given (API_DescribeImageVersion)."""
    versions = _found(world, request, IMAGES, request.text("ImageName"))["versions"]
    wanted = int(request.params.get("Version") or len(versions))
    if not 1 <= wanted <= len(versions):
        raise AwsError("ResourceNotFound", f"No ImageVersion with the version number {wanted}")
    return json_reply(versions[wanted - 1])


HANDLERS: Mapping[str, Handler] = {
    "CreateEndpoint": create_endpoint,
    "CreateEndpointConfig": create_endpoint_config,
    "CreateImage": create_image,
    "CreateInferenceComponent": create_inference_component,
    "CreateImageVersion": create_image_version,
    "CreateModel": create_model,
    "CreateModelPackage": create_model_package,
    "DeleteModel": delete_model,
    "DescribeEndpoint": describe_endpoint,
    "DescribeImageVersion": describe_image_version,
    "DescribeInferenceComponent": describe_inference_component,
    "DescribeModel": describe_model,
    "DescribeModelPackage": describe_model_package,
    "ListEndpoints": list_endpoints,
    "ListImageVersions": list_image_versions,
    "ListImages": list_images,
    "ListInferenceComponents": list_inference_components,
    "ListModels": list_models,
    "UpdateEndpoint": create_endpoint,
}
