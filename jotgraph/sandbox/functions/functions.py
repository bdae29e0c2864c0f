"""Lambda's functions and versions: create, update, publish, delete.

Corrections to moto 5.2: RevisionId, AWS's time format, frozen versions, versions held by aliases,
``$LATEST`` not deletable, Pending after a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.functions import packages
from jotgraph.sandbox.functions.common import (
    LATEST,
    LATEST_PUBLISHED,
    check_revision,
    function_arn,
    function_of,
    here,
    named,
    not_found,
    revision,
)
from jotgraph.sandbox.functions.images import check_role, invalid, resolve
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Function, World

CODE = ("ImageUri", "ResolvedImageUri")
"""Members kept with a configuration that only GetFunction shows, under ``Code``."""
STATES = (
    "State", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason",
    "LastUpdateStatusReasonCode",
)  # fmt: skip
"""Left out of listings: "The ListFunctions operation returns a subset of the
FunctionConfiguration fields. To get the additional fields (State, StateReasonCode, StateReason,
LastUpdateStatus, LastUpdateStatusReason, LastUpdateStatusReasonCode, RuntimeVersionConfig) … use
GetFunction" (API_ListFunctions)."""
SETTINGS = (
    "Role", "Handler", "Description", "Timeout", "MemorySize", "VpcConfig", "Runtime", "KMSKeyArn",
    "TracingConfig", "DeadLetterConfig", "EphemeralStorage", "FileSystemConfigs", "SnapStart",
    "LoggingConfig", "CapacityProviderConfig", "DurableConfig", "RuntimeConfig",
)  # fmt: skip


def new_configuration(
    world: World, request: Request, name: str, spec: Mapping[str, Any], code: Mapping[str, Any]
) -> dict[str, Any]:
    """The configuration of a new ``$LATEST``, with AWS's defaults (API_CreateFunction)."""
    config: dict[str, Any] = {
        "FunctionName": name,
        "FunctionArn": function_arn(request, name),
        "Role": spec["Role"],
        "CodeSize": 0,
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "LastModified": world.stamp(),
        "Version": LATEST,
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": revision(),
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": spec.get("PackageType", "Zip"),
        "Architectures": list(spec.get("Architectures") or ["x86_64"]),
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
        **code,
    }
    _apply(config, spec)
    return config


def _apply(config: dict[str, Any], spec: Mapping[str, Any]) -> None:
    for key in SETTINGS:
        if key in spec:
            config[key] = spec[key]
    if "Environment" in spec:
        config["Environment"] = {"Variables": dict(spec["Environment"].get("Variables") or {})}
    if "LoggingConfig" in spec:
        default = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{config['FunctionName']}"}
        config["LoggingConfig"] = {**default, **spec["LoggingConfig"]}
    if "Layers" in spec:
        config["Layers"] = [{"Arn": arn, "CodeSize": 0} for arn in spec["Layers"]]
    if "ImageConfig" in spec:
        config.pop("ImageConfigResponse", None)
        if spec["ImageConfig"]:
            config["ImageConfigResponse"] = {"ImageConfig": spec["ImageConfig"]}


def _code(world: World, request: Request, spec: Mapping[str, Any]) -> dict[str, Any]:
    return (
        resolve(world, request, spec["ImageUri"])
        if spec.get("ImageUri")
        else packages.keep(world, spec)
    )


def shown(config: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a configuration as it is shown outside ``Code``."""
    return {key: value for key, value in {**config, **changes}.items() if key not in CODE}


def create_function(world: World, request: Request) -> Reply:
    """201 and State Pending; the function is Active at the next look (API_CreateFunction)."""
    name, _ = named(request)
    functions = here(world, request).functions
    if name in functions:
        raise AwsError("ResourceConflictException", f"Function already exist: {name}", 409)
    spec = request.params
    check_role(world, request, spec.get("Role", ""))
    code = _code(world, request, spec.get("Code") or {})
    function = Function(new_configuration(world, request, name, spec, code))
    function.next_version = here(world, request).numbers.get(name, 1)
    function.looks, function.creating = world.settle_looks, True
    function.tags.update(spec.get("Tags") or {})
    functions[name] = function
    config = publish(world, request, name, function) if spec.get("Publish") else function.latest
    pending = {
        "State": "Pending",
        "StateReason": "The function is being created.",
        "StateReasonCode": "Creating",
    }
    answer = shown(config, **pending)
    answer.pop("LastUpdateStatus", None)
    return json_reply(answer, 201)


def publish(
    world: World, request: Request, name: str, function: Function, description: str = ""
) -> dict[str, Any]:
    """Freeze ``$LATEST`` under the next number; nothing new when nothing changed: "Lambda doesn't
    publish a version if the function's configuration and code haven't changed since the last
    version" (API_PublishVersion). Numbers are never used again."""
    if not function.changed and function.versions:
        return function.versions[max(function.versions)]
    number = function.next_version
    function.next_version += 1
    frozen = {
        **function.latest,
        "Version": str(number),
        "FunctionArn": function_arn(request, name, str(number)),
        "RevisionId": revision(),
    }
    if description:
        frozen["Description"] = description
    function.versions[number] = frozen
    function.changed = False
    return frozen


def _publish_latest(request: Request, name: str, function: Function) -> dict[str, Any]:
    """Freeze ``$LATEST`` as what the capacity provider runs, under no number (API_PublishVersion,
    PublishTo). Whether listings tell of it is not documented: here none does."""
    function.published = {
        **function.latest,
        "Version": LATEST_PUBLISHED,
        "FunctionArn": function_arn(request, name, LATEST_PUBLISHED),
        "RevisionId": revision(),
    }
    return function.published


def publish_version(world: World, request: Request) -> Reply:
    """Check RevisionId and CodeSha256 when given (API_PublishVersion)."""
    name, _, function = function_of(world, request)
    _refuse_while_changing(request, name, function)
    check_revision(request, function.latest["RevisionId"])
    sha = request.params.get("CodeSha256")
    if sha and sha != function.latest["CodeSha256"]:
        raise invalid(
            f"CodeSHA256 ({sha}) is different from current CodeSHA256 in $LATEST "
            f"({function.latest['CodeSha256']}). Please try again with the CodeSHA256 in $LATEST."
        )
    if request.text("PublishTo") == "LATEST_PUBLISHED":
        return json_reply(shown(_publish_latest(request, name, function)), 201)
    frozen = publish(world, request, name, function, request.text("Description"))
    return json_reply(shown(frozen), 201)


def going_on(function: Function) -> dict[str, str]:
    """Return what is shown of a function while its last change is in progress: State Pending after
    creation, later LastUpdateStatus InProgress (Lambda guide, "Lambda function states")."""
    if not function.looks:
        return {}
    if function.creating:
        return {
            "State": "Pending",
            "StateReason": "The function is being created.",
            "StateReasonCode": "Creating",
        }
    return {
        "LastUpdateStatus": "InProgress",
        "LastUpdateStatusReason": "The function is being created.",
        "LastUpdateStatusReasonCode": "Creating",
    }


def _refuse_while_changing(request: Request, name: str, function: Function) -> None:
    """ "The operation cannot be performed at this time. The function is currently in the following
    state: Pending", or "An update is in progress" (409, ResourceConflictException)."""
    if not function.looks:
        return
    arn = function_arn(request, name)
    why = (
        "The function is currently in the following state: Pending"
        if function.creating
        else f"An update is in progress for resource: {arn}"
    )
    message = f"The operation cannot be performed at this time. {why}"
    raise AwsError("ResourceConflictException", message, 409)


def _changed(world: World, function: Function) -> None:
    function.changed = True
    function.looks, function.creating = world.settle_looks, False
    function.latest["RevisionId"] = revision()
    function.latest["LastModified"] = world.stamp()
    for key in STATES:
        function.latest.pop(key, None)
    function.latest.update(State="Active", LastUpdateStatus="Successful")


def update_function_code(world: World, request: Request) -> Reply:
    """Resolve the tag anew; earlier versions keep theirs (API_UpdateFunctionCode)."""
    name, _, function = function_of(world, request)
    _refuse_while_changing(request, name, function)
    check_revision(request, function.latest["RevisionId"])
    code = _code(world, request, request.params)
    if request.params.get("DryRun"):
        return json_reply(shown(function.latest, **code))
    function.latest = {**function.latest, **code}
    if request.params.get("Architectures"):
        function.latest["Architectures"] = request.params["Architectures"]
    _changed(world, function)
    config = function.latest
    if request.params.get("Publish"):
        config = publish(world, request, name, function)
    return json_reply(shown(config, LastUpdateStatus="InProgress"))


def update_function_configuration(world: World, request: Request) -> Reply:
    """Change settings of ``$LATEST`` only (API_UpdateFunctionConfiguration)."""
    name, _, function = function_of(world, request)
    _refuse_while_changing(request, name, function)
    check_revision(request, function.latest["RevisionId"])
    if "Role" in request.params:
        check_role(world, request, request.params["Role"])
    function.latest = dict(function.latest)
    _apply(function.latest, request.params)
    _changed(world, function)
    return json_reply(shown(function.latest, LastUpdateStatus="InProgress"))


def delete_function(world: World, request: Request) -> Reply:
    """Without a qualifier all versions and aliases go, event source mappings stay
    (API_DeleteFunction); version numbers are not given again, "even for a function that has been
    deleted and recreated" (Lambda guide, "Manage Lambda function versions"). A version that an
    alias names, by weight too, is refused; an absent version is no error; ``$LATEST`` cannot go
    alone."""
    name, qualifier = named(request)
    functions = here(world, request).functions
    function = functions.get(name)
    if function is None:
        raise not_found(request, name, qualifier)
    if not qualifier:
        here(world, request).numbers[name] = function.next_version
        del functions[name]
        return json_reply(None, 204)
    if qualifier == LATEST:
        raise invalid("$LATEST version cannot be deleted without deleting the function.")
    if not qualifier.isdigit():
        raise invalid("Deletion of aliases is not currently supported.")
    users = sorted(
        alias
        for alias, configuration in function.aliases.items()
        if qualifier == configuration["FunctionVersion"]
        or qualifier
        in (configuration.get("RoutingConfig") or {}).get("AdditionalVersionWeights", {})
    )
    if users:
        raise AwsError(
            "ResourceConflictException",
            "Unable to delete version because the following aliases reference it: "
            f"[{', '.join(users)}]",
            409,
        )
    if function.versions.pop(int(qualifier), None) is not None:
        function.policies.pop(qualifier, None)
    return json_reply(None, 204)
