"""The rules of other cleaners, as they stand in their sources, run against the embedded AWS.

Each takes what makes the clients of one region, makes the calls that the tool makes, and deletes
what the tool deletes. Configured as the tool's own generator or README has it. Read at

- fujiwara/ecrm 9738815 (scanner.go, lambda.go, planner.go, generate.go);
- devopsbox-io/aws-ecr-cleaner aba65dc (used.go, cleaner.go);
- cloud-custodian 0.9.53 (resources/ecr.py): it has no action that deletes an image and no filter
  that knows what runs; what it offers is ``set-lifecycle``, here of untagged images after 30 days.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]
Clients: TypeAlias = Callable[[str], Any]
"""Name of a service -> its boto3 client."""
EXPIRES = timedelta(days=30)
KEEP_COUNT = 5
"""What ``ecrm generate`` writes: of task definitions, versions and tagged images alike."""
KEEP_TAGS = ("latest",)
INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
IMAGES = (
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
)


def ecrm(client: Clients) -> None:
    """Keeps what tasks run, by digest; what task definitions and Lambda name, as typed; young
    images; the newest five with a tag of each repository. All else expires."""
    kept = _ecs_in_use(client) | _functions_as_typed(client)
    for repository, images in _repositories(client):
        uri = repository["repositoryUri"]
        plain = [image for image in images if image.get("artifactMediaType") in IMAGES]
        indexes = [image for image in images if image["imageManifestMediaType"] in INDEXES]
        gone = _expired(uri, indexes, kept)
        alive = [index for index in indexes if index["imageDigest"] not in gone]
        kept |= {f"{uri}@{child}" for child in _children(client, alive)}
        _delete(client, repository, [*_expired(uri, plain, kept), *gone])


def _expired(uri: str, images: list[Row], kept: set[str]) -> list[str]:
    """Digests of what nothing keeps, newest first."""
    expired, tagged = [], 0
    for image in sorted(images, key=lambda image: image["imagePushedAt"], reverse=True):
        tags = image.get("imageTags", [])
        names = {f"{uri}@{image['imageDigest']}", *(f"{uri}:{tag}" for tag in tags)}
        if names & kept or _young(image):
            continue
        if any(fnmatchcase(tag, pattern) for tag in tags for pattern in KEEP_TAGS):
            continue
        tagged += bool(tags)
        if not tags or tagged > KEEP_COUNT:
            expired.append(image["imageDigest"])
    return expired


def _ecs_in_use(client: Clients) -> set[str]:
    """Images of running and stopped tasks by digest, and as typed those of their definitions, of
    services' deployments, and of the newest five revisions of each family."""
    ecs, used, definitions = client("ecs"), set[str](), set[str]()
    for cluster in ecs.list_clusters()["clusterArns"]:
        for status in ("RUNNING", "STOPPED"):
            names = ecs.list_tasks(cluster=cluster, desiredStatus=status)["taskArns"]
            tasks = ecs.describe_tasks(cluster=cluster, tasks=names)["tasks"] if names else []
            definitions |= {task["taskDefinitionArn"] for task in tasks}
            used |= {
                _repository_of(container["image"]) + "@" + container["imageDigest"]
                for task in tasks
                for container in task["containers"]
                if container.get("imageDigest")
            }
        definitions |= {
            deployment["taskDefinition"]
            for service in _services(ecs, cluster)
            for deployment in service["deployments"]
        }
    definitions |= set(_newest_definitions(ecs))
    return used | _named(ecs, definitions)


def _newest_definitions(ecs: Any) -> Iterator[str]:
    listed = ecs.list_task_definitions(sort="DESC")["taskDefinitionArns"]
    counts: dict[str, int] = {}
    for arn in listed:
        family = arn.rpartition(":")[0]
        counts[family] = counts.get(family, 0) + 1
        if counts[family] <= KEEP_COUNT:
            yield arn


def _functions_as_typed(client: Clients) -> set[str]:
    """``Code.ImageUri`` of every aliased version and of the newest five: what was typed."""
    lambdas, used = client("lambda"), set[str]()
    for function in _functions(lambdas):
        name = function["FunctionName"]
        aliased = {
            version
            for alias in lambdas.list_aliases(FunctionName=name)["Aliases"]
            for version in (
                alias["FunctionVersion"],
                *alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}),
            )
        }
        versions = lambdas.list_versions_by_function(FunctionName=name)["Versions"]
        numbers = sorted((version["Version"] for version in versions), key=_number, reverse=True)
        others = [number for number in numbers if number not in aliased][:KEEP_COUNT]
        for number in (*aliased, *others):
            code = lambdas.get_function(FunctionName=name, Qualifier=number)["Code"]
            used.add(code["ImageUri"])
    return used


def _number(version: str) -> float:
    return float("inf") if version == "$LATEST" else int(version)


def aws_ecr_cleaner(client: Clients) -> None:
    """Keeps what services' task definitions, ``$LATEST`` of functions and App Runner name, as
    typed, and images pushed in the last 30 days. All else goes, tag by tag."""
    kept = _services_as_typed(client)
    for repository, images in _repositories(client):
        uri = repository["repositoryUri"]
        for image in images:
            digest, tags = image["imageDigest"], image.get("imageTags", [])
            if _young(image) or f"{uri}@{digest}" in kept:
                continue
            if not tags:
                _delete(client, repository, [digest])
            for tag in tags:
                if f"{uri}:{tag}" not in kept:
                    _batch_delete(client, repository, [{"imageTag": tag}])


def _services_as_typed(client: Clients) -> set[str]:
    ecs, runner = client("ecs"), client("apprunner")
    lambdas = client("lambda")
    definitions = {
        service["taskDefinition"]
        for cluster in ecs.list_clusters()["clusterArns"]
        for service in _services(ecs, cluster)
    }
    functions = {
        lambdas.get_function(FunctionName=function["FunctionArn"])["Code"]["ImageUri"]
        for function in _functions(lambdas)
    }
    sources = (
        runner.describe_service(ServiceArn=service["ServiceArn"])["Service"]["SourceConfiguration"]
        for service in runner.list_services()["ServiceSummaryList"]
    )
    run = {
        source["ImageRepository"]["ImageIdentifier"]
        for source in sources
        if "ImageRepository" in source
    }
    return _named(ecs, definitions) | functions | run


RULES = [
    {
        "rulePriority": 1,
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": 30,
        },
        "action": {"type": "expire"},
    }
]


def custodian(client: Clients) -> None:
    """Sets a lifecycle policy on every repository; ECR expires by it, whoever runs what."""
    for repository, _ in _repositories(client):
        client("ecr").put_lifecycle_policy(
            repositoryName=repository["repositoryName"],
            lifecyclePolicyText=json.dumps({"rules": RULES}),
        )
    expire(client)


def expire(client: Clients) -> None:
    """What ECR itself does by the lifecycle policies of its repositories."""
    ecr = client("ecr")
    for repository, _ in _repositories(client):
        name = repository["repositoryName"]
        ecr.start_lifecycle_policy_preview(repositoryName=name)
        expiring = ecr.get_lifecycle_policy_preview(repositoryName=name)["previewResults"]
        _delete(client, repository, [image["imageDigest"] for image in expiring])


def _repositories(client: Clients) -> Iterator[tuple[Row, list[Row]]]:
    ecr = client("ecr")
    for repository in ecr.describe_repositories()["repositories"]:
        pages = ecr.get_paginator("describe_images")
        listing = pages.paginate(repositoryName=repository["repositoryName"])
        yield repository, [image for page in listing for image in page["imageDetails"]]


def _functions(lambdas: Any) -> list[Row]:
    functions = lambdas.list_functions()["Functions"]
    return [function for function in functions if function["PackageType"] == "Image"]


def _services(ecs: Any, cluster: str) -> list[Row]:
    names = ecs.list_services(cluster=cluster)["serviceArns"]
    answer = ecs.describe_services(cluster=cluster, services=names) if names else {}
    return list(answer.get("services", []))


def _named(ecs: Any, definitions: set[str]) -> set[str]:
    """The images of task definitions, as typed."""
    return {
        container["image"]
        for arn in definitions
        for container in ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"][
            "containerDefinitions"
        ]
    }


def _children(client: Clients, indexes: list[Row]) -> Iterator[str]:
    ecr = client("ecr")
    for index in indexes:
        answer = ecr.batch_get_image(
            repositoryName=index["repositoryName"],
            imageIds=[{"imageDigest": index["imageDigest"]}],
        )
        for image in answer["images"]:
            yield from (
                child["digest"] for child in json.loads(image["imageManifest"])["manifests"]
            )


def _repository_of(image: str) -> str:
    return image.partition("@")[0].rpartition(":")[0] or image.partition("@")[0]


def _young(image: Row) -> bool:
    return bool(datetime.now(UTC) - image["imagePushedAt"] < EXPIRES)


def _delete(client: Clients, repository: Row, digests: list[str]) -> None:
    _batch_delete(client, repository, [{"imageDigest": digest} for digest in digests])


def _batch_delete(client: Clients, repository: Row, ids: list[Row]) -> None:
    """As all of them do: what ECR refuses (a part of an index) is not looked at."""
    if ids:
        client("ecr").batch_delete_image(repositoryName=repository["repositoryName"], imageIds=ids)
