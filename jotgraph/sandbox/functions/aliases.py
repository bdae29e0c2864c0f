"""Lambda's aliases: names for versions, with weights.

Corrections to moto 5.2: RevisionId changes, pages, deletion is idempotent, weights are checked.
"""

from __future__ import annotations

from typing import Any

from jotgraph.sandbox.functions.common import (
    LATEST,
    LATEST_PUBLISHED,
    PAGE,
    check_revision,
    function_arn,
    function_of,
    not_found,
    revision,
)
from jotgraph.sandbox.functions.images import invalid
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Function, World


def _check_targets(request: Request, name: str, function: Function, made: dict[str, Any]) -> None:
    """Versions must exist; ``$LATEST`` takes no weights (API_AliasRoutingConfiguration)."""
    weights = (made.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    if weights and LATEST in (made["FunctionVersion"], *weights):
        raise invalid("$LATEST is not supported for an alias pointing to more than 1 version")
    for version in (made["FunctionVersion"], *weights):
        known = version == LATEST or (version == LATEST_PUBLISHED and bool(function.published))
        known = known or (version.isdigit() and int(version) in function.versions)
        if not known:
            raise not_found(request, name, version)


def _absent(request: Request, name: str) -> AwsError:
    arn = function_arn(request, name, request.text("Name"))
    return AwsError("ResourceNotFoundException", f"Cannot find alias arn: {arn}", 404)


def create_alias(world: World, request: Request) -> Reply:
    name, _, function = function_of(world, request)
    alias = request.text("Name")
    arn = function_arn(request, name, alias)
    if alias in function.aliases:
        raise AwsError("ResourceConflictException", f"Alias already exists: {arn}", 409)
    made: dict[str, Any] = {
        "AliasArn": arn,
        "Name": alias,
        "FunctionVersion": request.text("FunctionVersion"),
        "Description": request.text("Description"),
        "RevisionId": revision(),
    }
    if (request.params.get("RoutingConfig") or {}).get("AdditionalVersionWeights"):
        made["RoutingConfig"] = request.params["RoutingConfig"]
    _check_targets(request, name, function, made)
    function.aliases[alias] = made
    return json_reply(made, 201)


def get_alias(world: World, request: Request) -> Reply:
    name, _, function = function_of(world, request)
    made = function.aliases.get(request.text("Name"))
    if made is None:
        raise _absent(request, name)
    return json_reply(made)


def update_alias(world: World, request: Request) -> Reply:
    """RevisionId is a precondition (API_UpdateAlias)."""
    name, _, function = function_of(world, request)
    made = function.aliases.get(request.text("Name"))
    if made is None:
        raise _absent(request, name)
    check_revision(request, made["RevisionId"])
    changed = {**made, "RevisionId": revision()}
    for key in ("FunctionVersion", "Description", "RoutingConfig"):
        if key in request.params:
            changed[key] = request.params[key]
    if not (changed.get("RoutingConfig") or {}).get("AdditionalVersionWeights"):
        changed.pop("RoutingConfig", None)
    _check_targets(request, name, function, changed)
    function.aliases[request.text("Name")] = changed
    return json_reply(changed)


def delete_alias(world: World, request: Request) -> Reply:
    """204 whether or not it was there; its policy, URL and other settings go with it."""
    _, _, function = function_of(world, request)
    alias = request.text("Name")
    function.aliases.pop(alias, None)
    function.policies.pop(alias, None)
    function.urls.pop(alias, None)
    for key in [key for key in function.extras if key[1] == alias]:
        del function.extras[key]
    return json_reply(None, 204)


def list_aliases(world: World, request: Request) -> Reply:
    """By name; 50 a page unless MaxItems says more (API_ListAliases states no other limit)."""
    _, _, function = function_of(world, request)
    version = request.text("FunctionVersion")
    page, marker = world.page(
        request,
        lambda: [
            alias
            for _, alias in sorted(function.aliases.items())
            if not version or alias["FunctionVersion"] == version
        ],
        int(request.params.get("MaxItems") or PAGE),
        request.params.get("Marker"),
        "InvalidParameterValueException",
    )
    return json_reply({"Aliases": list(page), "NextMarker": marker})
