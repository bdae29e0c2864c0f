"""What others added to a resource that a run created, and that would be deleted with it.

What the run created has none of it. The checks before a deletion ask who uses a resource; this also
asks for its settings, which a deletion backs up and an undo does not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from jotgraph.deploy.undo.session import Undoing
from jotgraph.errors import CallFailedError
from jotgraph.records import (
    Kind,
    ResourceId,
    function_name_of,
    function_of,
    kind_of,
    name_of,
    place_of,
    qualifier_of,
)
from jotgraph.records.references import lambda_target
from jotgraph.sources.connections import is_gone
from jotgraph.sources.ecr.requests import get_lifecycle_policy, get_repository_policy
from jotgraph.sources.ecr.settings import NO_SETTING
from jotgraph.sources.functions.invocations import resource_policy, urls_of
from jotgraph.sources.functions.requests import (
    get_code_signing,
    get_event_settings,
    get_function,
    get_recursion,
)
from jotgraph.sources.single import aliases, provisioned, triggers, versions


def added(undoing: Undoing, resource: ResourceId) -> str:
    """Return what somebody added to a resource that the run created, in words; empty for nothing.
    Raises CallFailedError."""
    kind = kind_of(resource)
    if kind in (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS):
        addition = next(_to_lambda(undoing, resource), "")
    elif kind is Kind.ECR_REPO:
        addition = next(_to_repository(undoing, resource), "")
    else:
        addition = ""
    return f"somebody gave it {addition} since" if addition else ""


def _to_lambda(undoing: Undoing, resource: ResourceId) -> Iterator[str]:
    """For a function, version or alias: its callers, and the settings deleted with it."""
    connections, client = undoing.session.connections, undoing.session.client(resource)
    is_function = kind_of(resource) is Kind.FUNCTION
    name, qualifier = function_name_of(resource), "" if is_function else qualifier_of(resource)
    for trigger in triggers(connections, *place_of(resource)):
        if lambda_target(trigger.function_arn) == resource:
            yield f"the trigger {trigger.uuid}"
    policy = resource_policy(client, name, qualifier)
    for statement in json.loads(policy)["Statement"] if policy else ():
        yield f"the permission {statement.get('Sid', '')}"
    if qualifier in urls_of(client, name):
        yield "a URL"
    if qualifier and qualifier in provisioned(connections, function_of(resource)):
        yield "provisioned concurrency"
    if _or_none(lambda: get_event_settings(client, name, qualifier)):
        yield "settings of asynchronous calls (retries, destinations)"
    if is_function:
        yield from _to_function(undoing, resource)


def _to_function(undoing: Undoing, resource: ResourceId) -> Iterator[str]:
    client, name = undoing.session.client(resource), name_of(resource)
    for alias in aliases(undoing.session.connections, resource):
        if alias.description != undoing.description:
            yield f"the alias {alias.name}"
    for version in versions(undoing.session.connections, resource):
        if version.description != undoing.description:
            yield f"version {version.number}"
    concurrency = get_function(client, name).get("Concurrency") or {}
    if (reserved := concurrency.get("ReservedConcurrentExecutions")) is not None:
        yield f"reserved concurrency ({reserved})"
    if get_code_signing(client, name).get("CodeSigningConfigArn"):
        yield "a configuration of code signing"
    if get_recursion(client, name).get("RecursiveLoop", "Terminate") != "Terminate":
        yield "the right to call itself"


def _to_repository(undoing: Undoing, resource: ResourceId) -> Iterator[str]:
    client, name = undoing.session.client(resource), name_of(resource)
    if _or_none(lambda: get_repository_policy(client, name)):
        yield "a policy"
    own = undoing.calls(resource, "ecr:PutLifecyclePolicy")
    answer = _or_none(lambda: get_lifecycle_policy(client, name))
    text = str((answer or {}).get("lifecyclePolicyText") or "")
    if text and not any(_is_same(text, call.params["lifecyclePolicyText"]) for call in own):
        yield "a lifecycle policy"


def _is_same(first: str, second: str) -> bool:
    """Whether two texts are the same JSON."""
    try:
        return bool(json.loads(first) == json.loads(second))
    except ValueError:
        return first == second


def _or_none(ask: Callable[[], Any]) -> Any:
    """The answer of a call; None for what is not set. Raises CallFailedError."""
    try:
        return ask()
    except CallFailedError as error:
        if is_gone(error) or error.failure.code in NO_SETTING:
            return None
        raise
