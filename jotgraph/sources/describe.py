"""The answers of the calls that describe a resource: what an undo makes it again from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jotgraph.failures import CallFailedError, Failure
from jotgraph.records import Kind, ResourceId, key_of, kind_of
from jotgraph.sources.aws.calls import Answer, RegionClient
from jotgraph.sources.aws.roles import (
    attached_policies,
    get_role,
    inline_policies,
    instance_profiles,
)
from jotgraph.sources.ecr.requests import (
    get_lifecycle_policy,
    get_repository,
    get_repository_policy,
    list_repository_tags,
)
from jotgraph.sources.ecr.settings import NO_SETTING
from jotgraph.sources.functions.requests import (
    get_alias,
    get_event_settings,
    get_function,
    get_policy,
    get_trigger,
    get_url,
)
from jotgraph.sources.session import World, ask_engine, is_gone
from jotgraph.sources.single import parts

Answers = dict[str, Any]


def describe(world: World, resource: ResourceId) -> Answers:
    """What describes a resource of Lambda, IAM, ECR (a repository) or the engine, by the names of
    the calls. Raises CallFailedError when it cannot be read whole."""
    return _READERS[kind_of(resource)](world, resource)


def _trigger(world: World, resource: ResourceId) -> Answers:
    account, region, uuid = parts(resource)
    return {"GetEventSourceMapping": _plain(get_trigger(world.place(account, region), uuid))}


def _alias(world: World, resource: ResourceId) -> Answers:
    account, region, rest = parts(resource)
    name, _, alias = rest.partition(":")
    place = world.place(account, region)
    return {"GetAlias": _plain(get_alias(place, name, alias)), **_access(place, name, alias)}


def _configuration(world: World, resource: ResourceId) -> Answers:
    account, region, rest = parts(resource)
    name, _, number = rest.partition(":")
    place = world.place(account, region)
    found = _plain(get_function(place, name, number))
    if (found["Configuration"].get("Environment") or {}).get("Error"):
        why = "no backup: its environment cannot be read (the key may not be used)"
        raise CallFailedError(Failure("denied", why))
    return {"GetFunction": found, **_access(place, name, number)}


def _access(place: RegionClient, name: str, qualifier: str) -> Answers:
    """Who may call it and how; a version has no URL (API_CreateFunctionUrlConfig). What has
    provisioned concurrency is not deleted at all."""
    answers = {
        "GetPolicy": _or_none(lambda: get_policy(place, name, qualifier)),
        "GetFunctionEventInvokeConfig": _or_none(
            lambda: get_event_settings(place, name, qualifier)
        ),
    }
    if not qualifier.isdigit():
        answers["GetFunctionUrlConfig"] = _or_none(lambda: get_url(place, name, qualifier))
    return answers


def _repository(world: World, resource: ResourceId) -> Answers:
    account, region, name = parts(resource)
    place = world.place(account, region)
    found = get_repository(place, name)
    if found is None:
        raise CallFailedError(Failure("error", f"ECR answers nothing of {name}", "NotFound"))
    arn = found["repositoryArn"]
    return {
        "DescribeRepositories": found,
        "GetRepositoryPolicy": _or_none(lambda: get_repository_policy(place, name)),
        "GetLifecyclePolicy": _or_none(lambda: get_lifecycle_policy(place, name)),
        "ListTagsForResource": _or_none(lambda: list_repository_tags(place, arn)),
    }


def _role(world: World, resource: ResourceId) -> Answers:
    place = world.place(key_of(resource).partition("/")[0])
    name = resource.rpartition("/")[2]
    return {
        "GetRole": get_role(place, name),
        "attached": [policy["PolicyArn"] for policy in attached_policies(place, name)],
        "inline": {
            policy["PolicyName"]: policy["PolicyDocument"]
            for policy in inline_policies(place, name)
        },
        "profiles": [profile["InstanceProfileName"] for profile in instance_profiles(place, name)],
    }


def _container(world: World, resource: ResourceId) -> Answers:
    return {"inspect": ask_engine(world.docker().inspect_container, key_of(resource))}


def _local_image(world: World, resource: ResourceId) -> Answers:
    return {"inspect": ask_engine(world.docker().inspect_image, key_of(resource))}


def _or_none(ask: Callable[[], Answer]) -> Any:
    """An answer; None when there is nothing to describe."""
    try:
        return _plain(ask())
    except CallFailedError as error:
        if is_gone(error) or error.failure.code in NO_SETTING:
            return None
        raise


def _plain(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {member: value for member, value in answer.items() if member != "ResponseMetadata"}


_READERS: Mapping[Kind, Callable[[World, ResourceId], Answers]] = {
    Kind.TRIGGER: _trigger,
    Kind.ALIAS: _alias,
    Kind.VERSION: _configuration,
    Kind.FUNCTION: _configuration,
    Kind.ECR_REPO: _repository,
    Kind.ROLE: _role,
    Kind.CONTAINER: _container,
    Kind.LOCAL_IMAGE: _local_image,
}
