"""Lambda's settings beside a function: event invoke and provisioned concurrency, each by
qualifier, and the answers of those that have a default."""

from __future__ import annotations

from jotgraph.sandbox.functions.access import absent
from jotgraph.sandbox.functions.common import configuration, function_arn, function_of
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World


def _invoke_config(world: World, request: Request, *, keep: bool) -> Reply:
    name, qualifier, function = function_of(world, request)
    configuration(request, name, function, qualifier)
    made = function.extras.get(("invoke", qualifier), {}) if keep else {}
    for key in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"):
        if key in request.params:
            made[key] = request.params[key]
    made["FunctionArn"] = function_arn(request, name, qualifier or "$LATEST")
    made["LastModified"] = world.now()
    function.extras["invoke", qualifier] = made
    return json_reply(made)


def put_function_event_invoke_config(world: World, request: Request) -> Reply:
    """Replace (API_PutFunctionEventInvokeConfig)."""
    return _invoke_config(world, request, keep=False)


def update_function_event_invoke_config(world: World, request: Request) -> Reply:
    """Change only what is given (API_UpdateFunctionEventInvokeConfig)."""
    return _invoke_config(world, request, keep=True)


def put_provisioned_concurrency_config(world: World, request: Request) -> Reply:
    """For a version or an alias, READY at once (API_PutProvisionedConcurrencyConfig)."""
    name, qualifier, function = function_of(world, request)
    configuration(request, name, function, qualifier)
    if qualifier in ("", "$LATEST"):
        raise AwsError(
            "InvalidParameterValueException",
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
        )
    count = int(request.params["ProvisionedConcurrentExecutions"])
    function.extras["provisioned", qualifier] = {
        "RequestedProvisionedConcurrentExecutions": count,
        "AllocatedProvisionedConcurrentExecutions": count,
        "AvailableProvisionedConcurrentExecutions": count,
        "Status": "READY",
        "LastModified": world.stamp(),
    }
    return json_reply(function.extras["provisioned", qualifier], 202)


def _getter(what: str, error: str = "ResourceNotFoundException") -> Handler:
    def get(world: World, request: Request) -> Reply:
        name, qualifier, function = function_of(world, request)
        if (what, qualifier) not in function.extras:
            raise AwsError(
                error,
                f"The function {function_arn(request, name, qualifier)} has no such config",
                404,
            )
        return json_reply(function.extras[what, qualifier])

    return get


def _deleter(what: str, *, idempotent: bool) -> Handler:
    def delete(world: World, request: Request) -> Reply:
        _, qualifier, function = function_of(world, request)
        if function.extras.pop((what, qualifier), None) is None and not idempotent:
            raise absent()
        return json_reply(None, 204)

    return delete


def _lister(what: str, member: str) -> Handler:
    def listed(world: World, request: Request) -> Reply:
        name, _, function = function_of(world, request)
        page, marker = world.page(
            request,
            lambda: [
                {**extra, "FunctionArn": function_arn(request, name, qualifier)}
                for (kind, qualifier), extra in sorted(function.extras.items())
                if kind == what
            ],
            min(int(request.params.get("MaxItems") or 50), 50),
            request.params.get("Marker"),
            "InvalidParameterValueException",
        )
        return json_reply({member: list(page), "NextMarker": marker})

    return listed


def get_function_code_signing_config(world: World, request: Request) -> Reply:
    """Without an ARN unless set (API_GetFunctionCodeSigningConfig)."""
    name, _, function = function_of(world, request)
    return json_reply({"FunctionName": name, **function.extras.get(("signing", ""), {})})


def put_function_code_signing_config(world: World, request: Request) -> Reply:
    name, _, function = function_of(world, request)
    kept = {"CodeSigningConfigArn": request.params["CodeSigningConfigArn"]}
    function.extras["signing", ""] = kept
    return json_reply({"FunctionName": name, **kept})


def get_function_recursion_config(world: World, request: Request) -> Reply:
    """Terminate unless set (API_GetFunctionRecursionConfig)."""
    _, _, function = function_of(world, request)
    return json_reply(function.extras.get(("recursion", ""), {"RecursiveLoop": "Terminate"}))


def put_function_recursion_config(world: World, request: Request) -> Reply:
    _, _, function = function_of(world, request)
    function.extras["recursion", ""] = {"RecursiveLoop": request.params["RecursiveLoop"]}
    return json_reply(function.extras["recursion", ""])


def get_runtime_management_config(world: World, request: Request) -> Reply:
    """Auto unless set (API_GetRuntimeManagementConfig)."""
    name, qualifier, function = function_of(world, request)
    arn = function_arn(request, name, qualifier or "$LATEST")
    kept = function.extras.get(("runtime", qualifier), {"UpdateRuntimeOn": "Auto"})
    return json_reply({**kept, "FunctionArn": arn})


def put_runtime_management_config(world: World, request: Request) -> Reply:
    """Of a zip function (API_PutRuntimeManagementConfig)."""
    name, qualifier, function = function_of(world, request)
    members = ("UpdateRuntimeOn", "RuntimeVersionArn")
    kept = {key: request.params[key] for key in members if key in request.params}
    function.extras["runtime", qualifier] = kept
    return json_reply({**kept, "FunctionArn": function_arn(request, name, qualifier or "$LATEST")})


def get_account_settings(world: World, request: Request) -> Reply:
    """An account's limits and use (API_GetAccountSettings)."""
    count = len(world.lambda_of(request.account, request.region).functions)
    limit = {
        "TotalCodeSize": 80530636800,
        "CodeSizeUnzipped": 262144000,
        "CodeSizeZipped": 52428800,
        "ConcurrentExecutions": 1000,
        "UnreservedConcurrentExecutions": 1000,
    }
    return json_reply({"AccountLimit": limit, "AccountUsage": {"FunctionCount": count}})


HANDLERS: dict[str, Handler] = {
    "DeleteFunctionEventInvokeConfig": _deleter("invoke", idempotent=False),
    "DeleteProvisionedConcurrencyConfig": _deleter("provisioned", idempotent=True),
    "GetAccountSettings": get_account_settings,
    "GetFunctionCodeSigningConfig": get_function_code_signing_config,
    "GetFunctionEventInvokeConfig": _getter("invoke"),
    "GetFunctionRecursionConfig": get_function_recursion_config,
    "GetProvisionedConcurrencyConfig": _getter(
        "provisioned", "ProvisionedConcurrencyConfigNotFoundException"
    ),
    "GetRuntimeManagementConfig": get_runtime_management_config,
    "ListFunctionEventInvokeConfigs": _lister("invoke", "FunctionEventInvokeConfigs"),
    "ListProvisionedConcurrencyConfigs": _lister("provisioned", "ProvisionedConcurrencyConfigs"),
    "PutFunctionEventInvokeConfig": put_function_event_invoke_config,
    "PutFunctionCodeSigningConfig": put_function_code_signing_config,
    "PutFunctionRecursionConfig": put_function_recursion_config,
    "PutRuntimeManagementConfig": put_runtime_management_config,
    "PutProvisionedConcurrencyConfig": put_provisioned_concurrency_config,
    "UpdateFunctionEventInvokeConfig": update_function_event_invoke_config,
}
