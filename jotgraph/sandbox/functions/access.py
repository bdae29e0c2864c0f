"""Who may call a function and how: resource policies, URLs, concurrency, tags, side settings.

Corrections to moto 5.2: a policy, a URL and settings for each qualifier; ListFunctionUrlConfigs;
reserved concurrency 0; 404 where there is none.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from jotgraph.sandbox.functions.common import (
    check_revision,
    configuration,
    function_arn,
    function_of,
    here,
    revision,
)
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import World

LIMIT, UNRESERVED = 1000, 100
"""Concurrent executions of an account and region, and how many no function may reserve."""


def absent(message: str = "The resource you requested does not exist.") -> AwsError:
    return AwsError("ResourceNotFoundException", message, 404)


def _principal(value: str) -> Any:
    if value == "*":
        return "*"
    if value.endswith(".amazonaws.com"):
        return {"Service": value}
    return {"AWS": f"arn:aws:iam::{value}:root" if value.isdigit() else value}


def add_permission(world: World, request: Request) -> Reply:
    """Add a statement to the policy of a function, version or alias (API_AddPermission)."""
    name, qualifier, function = function_of(world, request)
    configuration(request, name, function, qualifier)
    policy = function.policies.setdefault(qualifier, {"Policy": [], "RevisionId": revision()})
    check_revision(request, policy["RevisionId"])
    sid = request.text("StatementId")
    if any(statement["Sid"] == sid for statement in policy["Policy"]):
        raise AwsError(
            "ResourceConflictException",
            f"The statement id ({sid}) provided already exists. Please provide a new statement "
            "id, or remove the existing statement.",
            409,
        )
    statement: dict[str, Any] = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": _principal(request.text("Principal")),
        "Action": request.text("Action"),
        "Resource": function_arn(request, name, qualifier),
    }
    condition: dict[str, dict[str, str]] = {}
    if request.params.get("SourceArn"):
        condition["ArnLike"] = {"AWS:SourceArn": request.params["SourceArn"]}
    if request.params.get("SourceAccount"):
        condition["StringEquals"] = {"AWS:SourceAccount": request.params["SourceAccount"]}
    if request.params.get("FunctionUrlAuthType"):
        equals = condition.setdefault("StringEquals", {})
        equals["lambda:FunctionUrlAuthType"] = request.params["FunctionUrlAuthType"]
    if condition:
        statement["Condition"] = condition
    policy["Policy"].append(statement)
    policy["RevisionId"] = revision()
    return json_reply({"Statement": json.dumps(statement)}, 201)


def get_policy(world: World, request: Request) -> Reply:
    """404 when the function or the qualifier has none (API_GetPolicy)."""
    name, qualifier, function = function_of(world, request)
    configuration(request, name, function, qualifier)
    policy = function.policies.get(qualifier)
    if not policy or not policy["Policy"]:
        raise absent()
    document = {"Version": "2012-10-17", "Id": "default", "Statement": policy["Policy"]}
    return json_reply({"Policy": json.dumps(document), "RevisionId": policy["RevisionId"]})


def remove_permission(world: World, request: Request) -> Reply:
    _, qualifier, function = function_of(world, request)
    policy = function.policies.get(qualifier) or {"Policy": [], "RevisionId": ""}
    check_revision(request, policy["RevisionId"])
    sid = request.text("StatementId")
    kept = [statement for statement in policy["Policy"] if statement["Sid"] != sid]
    if len(kept) == len(policy["Policy"]):
        raise absent(f"Statement {sid} is not found in resource policy.")
    policy["Policy"], policy["RevisionId"] = kept, revision()
    return json_reply(None, 204)


def create_function_url_config(world: World, request: Request) -> Reply:
    """A URL for the function or one of its aliases, with a host name that no other ever had: of a
    deleted one "you can't recover it" (API_CreateFunctionUrlConfig; Lambda guide, "Function
    URLs")."""
    name, qualifier, function = function_of(world, request)
    configuration(request, name, function, qualifier)
    if qualifier in function.urls:
        arn = function_arn(request, name, qualifier)
        raise AwsError(
            "ResourceConflictException",
            f"Failed to create function url config for [functionArn = {arn}]. Error message:  "
            "FunctionUrlConfig exists for this Lambda function",
            409,
        )
    arn = function_arn(request, name, qualifier)
    host = hashlib.sha256(f"{arn} {revision()}".encode()).hexdigest()[:32]
    made: dict[str, Any] = {
        "FunctionUrl": f"https://{host}.lambda-url.{request.region}.on.aws/",
        "FunctionArn": arn,
        "AuthType": request.text("AuthType", "NONE"),
        "CreationTime": world.stamp(),
        "InvokeMode": request.text("InvokeMode", "BUFFERED"),
    }
    if request.params.get("Cors"):
        made["Cors"] = request.params["Cors"]
    function.urls[qualifier] = made
    return json_reply(made, 201)


def _url(world: World, request: Request) -> dict[str, Any]:
    _, qualifier, function = function_of(world, request)
    if qualifier not in function.urls:
        raise absent()
    return function.urls[qualifier]


def get_function_url_config(world: World, request: Request) -> Reply:
    made = _url(world, request)
    return json_reply({"LastModifiedTime": made["CreationTime"], **made})


def update_function_url_config(world: World, request: Request) -> Reply:
    made = _url(world, request)
    made.update(
        (key, request.params[key])
        for key in ("AuthType", "Cors", "InvokeMode")
        if key in request.params
    )
    made["LastModifiedTime"] = world.stamp()
    return json_reply(made)


def delete_function_url_config(world: World, request: Request) -> Reply:
    _url(world, request)
    _, qualifier, function = function_of(world, request)
    del function.urls[qualifier]
    return json_reply(None, 204)


def list_function_url_configs(world: World, request: Request) -> Reply:
    """All of a function's URLs, 50 a page (API_ListFunctionUrlConfigs)."""
    _, _, function = function_of(world, request)
    page, marker = world.page(
        request,
        lambda: [
            {"LastModifiedTime": url["CreationTime"], **url}
            for _, url in sorted(function.urls.items())
        ],
        min(int(request.params.get("MaxItems") or 50), 50),
        request.params.get("Marker"),
        "InvalidParameterValueException",
    )
    return json_reply({"FunctionUrlConfigs": list(page), "NextMarker": marker})


def put_function_concurrency(world: World, request: Request) -> Reply:
    """Reserve; 0 throttles every call. "You can reserve concurrency for as many functions as you
    like, as long as you leave at least 100 simultaneous executions unreserved"
    (API_PutFunctionConcurrency), of the account's 1000."""
    _, _, function = function_of(world, request)
    wanted = int(request.params["ReservedConcurrentExecutions"])
    functions = here(world, request).functions.values()
    others = sum(other.concurrency or 0 for other in functions if other is not function)
    if wanted and wanted + others > LIMIT - UNRESERVED:
        raise AwsError(
            "InvalidParameterValueException",
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{UNRESERVED}].",
        )
    function.concurrency = wanted
    return json_reply({"ReservedConcurrentExecutions": function.concurrency})


def get_function_concurrency(world: World, request: Request) -> Reply:
    """Empty when nothing is reserved (API_GetFunctionConcurrency)."""
    _, _, function = function_of(world, request)
    return json_reply({"ReservedConcurrentExecutions": function.concurrency})


def delete_function_concurrency(world: World, request: Request) -> Reply:
    function_of(world, request)[2].concurrency = None
    return json_reply(None, 204)


def _tagged(world: World, request: Request) -> dict[str, str]:
    """The tags of a function or an event source mapping (API_ListTags takes the ARN of either)."""
    arn = request.text("Resource")
    if ":event-source-mapping:" in arn:
        state, uuid = here(world, request), arn.rpartition(":")[2]
        if uuid not in state.triggers:
            raise absent()
        return state.trigger_tags.setdefault(uuid, {})
    inner = Request(
        request.service, request.action, request.region, request.account, "", {"FunctionName": arn}
    )
    return function_of(world, inner)[2].tags


def list_tags(world: World, request: Request) -> Reply:
    return json_reply({"Tags": dict(_tagged(world, request))})


def tag_resource(world: World, request: Request) -> Reply:
    _tagged(world, request).update(request.params.get("Tags") or {})
    return json_reply(None, 204)


def untag_resource(world: World, request: Request) -> Reply:
    tags = _tagged(world, request)
    for key in request.params.get("TagKeys") or []:
        tags.pop(key, None)
    return json_reply(None, 204)
