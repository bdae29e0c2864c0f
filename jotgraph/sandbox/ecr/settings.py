"""Settings of a repository and of a registry, answered from moto's objects, because every batch of
images and every deletion of a repository reads them.

A correction to moto 5.2: the time of the last evaluation of a lifecycle policy is by the sandbox's
clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.ecr.common import registry_of
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World, ecr_backend, repository_of

_ARN = re.compile(r"arn:[^:]+:ecr:(?P<region>[^:]+):(?P<account>[^:]+):repository/(?P<name>.*)")


def _repository(world: World, request: Request) -> Any:
    name = request.text("repositoryName")
    return repository_of(world, registry_of(request), request.region, name)


def _no_policy(code: str, what: str, request: Request) -> AwsError:
    return AwsError(
        code,
        f"{what} policy does not exist for the repository with name "
        f"'{request.text('repositoryName')}' in the registry with id '{registry_of(request)}'",
    )


def _reply_on(repository: Any, **settings: Any) -> Reply:
    named = {"registryId": repository.registry_id, "repositoryName": repository.name}
    return json_reply({**named, **settings})


def get_repository_policy(world: World, request: Request) -> Reply:
    """Return the policy that admits other principals (API_GetRepositoryPolicy)."""
    repository = _repository(world, request)
    if not repository.policy:
        raise _no_policy("RepositoryPolicyNotFoundException", "Repository", request)
    return _reply_on(repository, policyText=repository.policy)


def get_lifecycle_policy(world: World, request: Request) -> Reply:
    """Return the policy that expires images (API_GetLifecyclePolicy)."""
    repository = _repository(world, request)
    if not repository.lifecycle_policy:
        raise _no_policy("LifecyclePolicyNotFoundException", "Lifecycle", request)
    text, now = repository.lifecycle_policy, int(world.now())
    return _reply_on(repository, lifecyclePolicyText=text, lastEvaluatedAt=now)


def list_tags_for_resource(world: World, request: Request) -> Reply:
    """Tags of a repository (API_ListTagsForResource)."""
    named = _ARN.fullmatch(request.text("resourceArn"))
    if named is None:
        raise AwsError(
            "InvalidParameterException",
            "Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN'",
        )
    repository = repository_of(world, named["account"], request.region, named["name"])
    tagger = ecr_backend(named["account"], request.region).tagger
    return json_reply(tagger.list_tags_for_resource(repository.arn))


def get_registry_policy(world: World, request: Request) -> Reply:
    """Return who may replicate to the registry or create repositories (API_GetRegistryPolicy)."""
    text = ecr_backend(request.account, request.region).registry_policy
    if not text:
        raise AwsError(
            "RegistryPolicyNotFoundException",
            f"Registry policy does not exist in the registry with id '{request.account}'",
        )
    return json_reply({"registryId": request.account, "policyText": text})


def describe_registry(world: World, request: Request) -> Reply:
    """Return the account of the registry, and where it replicates to (API_DescribeRegistry)."""
    replication = ecr_backend(request.account, request.region).replication_config
    return json_reply({"registryId": request.account, "replicationConfiguration": replication})


HANDLERS: Mapping[str, Handler] = {
    "DescribeRegistry": describe_registry,
    "GetLifecyclePolicy": get_lifecycle_policy,
    "GetRegistryPolicy": get_registry_policy,
    "GetRepositoryPolicy": get_repository_policy,
    "ListTagsForResource": list_tags_for_resource,
}
