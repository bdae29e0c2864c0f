"""The responses that describe a resource, from which an undo creates it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jotgraph.errors import CallFailedError, Failure
from jotgraph.records import (
    Kind,
    ResourceId,
    function_name_of,
    key_of,
    kind_of,
    last_name_of,
    name_of,
    qualifier_of,
)
from jotgraph.sources.aws.calls import Answer, RegionClient
from jotgraph.sources.aws.log_groups import get_log_group, list_filters, log_group_tags
from jotgraph.sources.aws.roles import (
    attached_policies,
    get_role,
    inline_policies,
    instance_profiles,
)
from jotgraph.sources.connections import Connections, ask_engine, is_gone
from jotgraph.sources.ecr.requests import (
    get_lifecycle_policy,
    get_repository,
    get_repository_policy,
    list_repository_tags,
)
from jotgraph.sources.ecr.settings import NO_SETTING
from jotgraph.sources.functions.requests import (
    get_alias,
    get_code_signing,
    get_event_settings,
    get_function,
    get_policy,
    get_recursion,
    get_runtime_management,
    get_trigger,
    get_url,
    list_function_tags,
)

Answers = dict[str, Any]


def describe(connections: Connections, resource: ResourceId) -> Answers:
    """Return the responses that describe a resource of Lambda, IAM, ECR (a repository) or the
    engine, by call. Raises CallFailedError when it cannot be read completely."""
    return _READERS[kind_of(resource)](connections, resource)


def _trigger(connections: Connections, resource: ResourceId) -> Answers:
    client = connections.client(resource)
    answer = get_trigger(client, name_of(resource))
    arn = answer.get("EventSourceMappingArn")
    tags = _or_none(lambda: list_function_tags(client, arn)) if arn else None
    return {"GetEventSourceMapping": _plain(answer), "ListTags": tags}


def _alias(connections: Connections, resource: ResourceId) -> Answers:
    client = connections.client(resource)
    name, alias = function_name_of(resource), qualifier_of(resource)
    return {"GetAlias": _plain(get_alias(client, name, alias)), **_access(client, name, alias)}


def _configuration(connections: Connections, resource: ResourceId) -> Answers:
    client = connections.client(resource)
    name, number = function_name_of(resource), qualifier_of(resource)
    answer = _plain(get_function(client, name, number))
    if (answer["Configuration"].get("Environment") or {}).get("Error"):
        why = "no backup: its environment cannot be read (the key may not be used)"
        raise CallFailedError(Failure("denied", why))
    answers = {"GetFunction": answer, **_access(client, name, number)}
    if not number:
        answers["GetFunctionCodeSigningConfig"] = _plain(get_code_signing(client, name))
        answers["GetFunctionRecursionConfig"] = _plain(get_recursion(client, name))
    if answer["Configuration"].get("PackageType") == "Zip":
        answers["GetRuntimeManagementConfig"] = _plain(get_runtime_management(client, name, number))
    return answers


def _access(client: RegionClient, name: str, qualifier: str) -> Answers:
    """Callers and access; a version has no URL (API_CreateFunctionUrlConfig). Provisioned
    concurrency is not included, since nothing with it is deleted."""
    answers = {
        "GetPolicy": _or_none(lambda: get_policy(client, name, qualifier)),
        "GetFunctionEventInvokeConfig": _or_none(
            lambda: get_event_settings(client, name, qualifier)
        ),
    }
    if not qualifier.isdigit():
        answers["GetFunctionUrlConfig"] = _or_none(lambda: get_url(client, name, qualifier))
    return answers


def _repository(connections: Connections, resource: ResourceId) -> Answers:
    client, name = connections.client(resource), name_of(resource)
    answer = get_repository(client, name)
    if answer is None:
        raise CallFailedError(Failure("error", f"ECR answers nothing of {name}", "NotFound"))
    arn = answer["repositoryArn"]
    return {
        "DescribeRepositories": answer,
        "GetRepositoryPolicy": _or_none(lambda: get_repository_policy(client, name)),
        "GetLifecyclePolicy": _or_none(lambda: get_lifecycle_policy(client, name)),
        "ListTagsForResource": _or_none(lambda: list_repository_tags(client, arn)),
    }


def _role(connections: Connections, resource: ResourceId) -> Answers:
    client, name = connections.client(resource), last_name_of(resource)
    return {
        "GetRole": get_role(client, name),
        "attached": [policy["PolicyArn"] for policy in attached_policies(client, name)],
        "inline": {
            policy["PolicyName"]: policy["PolicyDocument"]
            for policy in inline_policies(client, name)
        },
        "profiles": [profile["InstanceProfileName"] for profile in instance_profiles(client, name)],
    }


_LOG_SETTINGS = {
    "dataProtectionStatus": "data protection policy",
    "bearerTokenAuthenticationEnabled": "bearer token authentication",
}
"""Members of a LogGroup for settings that are not stored, with their words."""


def _log_group(connections: Connections, resource: ResourceId) -> Answers:
    client, name = connections.client(resource), name_of(resource)
    detail = get_log_group(client, name)
    if detail is None:
        raise CallFailedError(Failure("error", f"CloudWatch Logs has no {name}", "NotFound"))
    arn = str(detail.get("logGroupArn", ""))
    return {
        "DescribeLogGroups": dict(detail),
        "ListTagsForResource": log_group_tags(client, arn),
        "DescribeMetricFilters": list_filters(
            client, name, "DescribeMetricFilters", "metricFilters"
        ),
        "DescribeSubscriptionFilters": list_filters(
            client, name, "DescribeSubscriptionFilters", "subscriptionFilters"
        ),
        "lost": [words for member, words in _LOG_SETTINGS.items() if detail.get(member)],
    }


def _container(connections: Connections, resource: ResourceId) -> Answers:
    return {"inspect": ask_engine(connections.docker().inspect_container, key_of(resource))}


def _local_image(connections: Connections, resource: ResourceId) -> Answers:
    return {"inspect": ask_engine(connections.docker().inspect_image, key_of(resource))}


def _or_none(ask: Callable[[], Answer]) -> Any:
    """A response; None when there is nothing to describe."""
    try:
        return _plain(ask())
    except CallFailedError as error:
        if is_gone(error) or error.failure.code in NO_SETTING:
            return None
        raise


def _plain(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {member: value for member, value in answer.items() if member != "ResponseMetadata"}


_READERS: Mapping[Kind, Callable[[Connections, ResourceId], Answers]] = {
    Kind.TRIGGER: _trigger,
    Kind.ALIAS: _alias,
    Kind.VERSION: _configuration,
    Kind.FUNCTION: _configuration,
    Kind.ECR_REPO: _repository,
    Kind.ROLE: _role,
    Kind.LOG_GROUP: _log_group,
    Kind.CONTAINER: _container,
    Kind.LOCAL_IMAGE: _local_image,
}
