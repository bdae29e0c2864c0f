"""A resource id -> the answers of the calls that describe it: what an undo makes it again from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jotgraph.failures import CallFailedError, Failure
from jotgraph.records import Kind, ResourceId, key_of
from jotgraph.sources.aws.calls import Place
from jotgraph.sources.session import World, is_gone
from jotgraph.sources.single import every, parts

Answers = dict[str, Any]
_ABSENT = frozenset(
    {
        "RepositoryPolicyNotFoundException",
        "LifecyclePolicyNotFoundException",
    }
)
"""Codes, beside those of ``is_gone``, that say: there is no such setting."""


def _trigger(world: World, resource: ResourceId) -> Answers:
    account, region, uuid = parts(resource)
    place = world.place(account, region)
    found = place.ask("lambda", "GetEventSourceMapping", "UUID", UUID=uuid)
    return {"GetEventSourceMapping": _plain(found)}


def _alias(world: World, resource: ResourceId) -> Answers:
    account, region, rest = parts(resource)
    name, _, alias = rest.partition(":")
    place = world.place(account, region)
    found = place.ask("lambda", "GetAlias", "Name", FunctionName=name, Name=alias)
    return {"GetAlias": _plain(found), **_access(place, name, alias)}


def _configuration(world: World, resource: ResourceId) -> Answers:
    account, region, rest = parts(resource)
    name, _, number = rest.partition(":")
    place = world.place(account, region)
    qualified = {"Qualifier": number} if number else {}
    found = _plain(
        place.ask("lambda", "GetFunction", "Configuration", FunctionName=name, **qualified)
    )
    if (found["Configuration"].get("Environment") or {}).get("Error"):
        said = "no backup: its environment cannot be read (the key may not be used)"
        raise CallFailedError(Failure("denied", said))
    return {"GetFunction": found, **_access(place, name, number)}


def _access(place: Place, name: str, qualifier: str) -> Answers:
    """Who may call it and how; a version has no URL (API_CreateFunctionUrlConfig). What has
    provisioned concurrency is not deleted at all."""
    words = {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}
    asked = ["GetPolicy", "GetFunctionEventInvokeConfig"]
    if not qualifier.isdigit():
        asked.append("GetFunctionUrlConfig")
    return {each: _or_none(place, "lambda", each, **words) for each in asked}


def _repository(world: World, resource: ResourceId) -> Answers:
    account, region, name = parts(resource)
    place = world.place(account, region)
    answer = place.ask("ecr", "DescribeRepositories", "repositories", repositoryNames=[name])
    found = _plain(answer["repositories"][0])
    arn = found["repositoryArn"]
    return {
        "DescribeRepositories": found,
        "GetRepositoryPolicy": _or_none(place, "ecr", "GetRepositoryPolicy", repositoryName=name),
        "GetLifecyclePolicy": _or_none(place, "ecr", "GetLifecyclePolicy", repositoryName=name),
        "ListTagsForResource": _or_none(place, "ecr", "ListTagsForResource", resourceArn=arn),
    }


def _role(world: World, resource: ResourceId) -> Answers:
    place = world.place(key_of(resource).partition("/")[0])
    name = resource.rpartition("/")[2]
    words = {"RoleName": name}
    inline = every(place, "iam", "ListRolePolicies", "PolicyNames", **words)
    return {
        "GetRole": _plain(place.ask("iam", "GetRole", "Role", **words)["Role"]),
        "attached": [
            each["PolicyArn"]
            for each in every(place, "iam", "ListAttachedRolePolicies", "AttachedPolicies", **words)
        ],
        "inline": {
            each: place.ask("iam", "GetRolePolicy", "PolicyDocument", PolicyName=each, **words)[
                "PolicyDocument"
            ]
            for each in inline
        },
        "profiles": [
            each["InstanceProfileName"]
            for each in every(
                place, "iam", "ListInstanceProfilesForRole", "InstanceProfiles", **words
            )
        ],
    }


def _or_none(place: Place, service: str, action: str, **params: Any) -> Any:
    """An answer; None when there is nothing to describe."""
    try:
        return _plain(place.ask(service, action, **params))
    except CallFailedError as error:
        if is_gone(error) or error.failure.code in _ABSENT:
            return None
        raise


def _plain(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {key: each for key, each in answer.items() if key != "ResponseMetadata"}


READERS: Mapping[Kind, Callable[[World, ResourceId], Answers]] = {
    Kind.TRIGGER: _trigger,
    Kind.ALIAS: _alias,
    Kind.VERSION: _configuration,
    Kind.FUNCTION: _configuration,
    Kind.ECR_REPO: _repository,
    Kind.ROLE: _role,
}
