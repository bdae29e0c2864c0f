"""Lambda's functions and versions as GetFunction and the listings show them.

Corrections to moto 5.2: pages of 50, and no state in listings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.functions import packages
from jotgraph.sandbox.functions.common import (
    LATEST,
    PAGE,
    configuration,
    function_arn,
    function_of,
    here,
    page_size,
)
from jotgraph.sandbox.functions.functions import CODE, STATES, going_on, shown
from jotgraph.sandbox.wire import Reply, Request, json_reply
from jotgraph.sandbox.world import Function, World


def get_function(world: World, request: Request) -> Reply:
    """The configuration with its state, where the code is, tags, and reserved concurrency when
    set (API_GetFunction). The ARN carries the qualifier as asked."""
    name, qualifier, function = function_of(world, request)
    config = configuration(request, name, function, qualifier)
    state = going_on(function) if config is function.latest else {}
    arn = function_arn(request, name, qualifier)
    answer: dict[str, Any] = {"Configuration": shown(config, FunctionArn=arn, **state)}
    if config is function.latest:
        function.looks = max(0, function.looks - 1)
    if "ImageUri" in config:
        answer["Code"] = {"RepositoryType": "ECR", **{key: config[key] for key in CODE}}
    else:
        place = packages.location(world, config["CodeSha256"])
        answer["Code"] = {"RepositoryType": "S3", "Location": place}
    if function.tags:
        answer["Tags"] = dict(function.tags)
    if function.concurrency is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": function.concurrency}
    return json_reply(answer)


def get_function_configuration(world: World, request: Request) -> Reply:
    name, qualifier, function = function_of(world, request)
    config = configuration(request, name, function, qualifier)
    return json_reply(shown(config, FunctionArn=function_arn(request, name, qualifier)))


def _row(config: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    return {k: v for k, v in shown(config, **changes).items() if k not in STATES}


def _rows(request: Request, name: str, function: Function) -> list[dict[str, Any]]:
    """``$LATEST`` and every published version, as listings show them."""
    latest = _row(function.latest, FunctionArn=function_arn(request, name, LATEST))
    return [latest, *(_row(function.versions[n]) for n in sorted(function.versions))]


def list_functions(world: World, request: Request) -> Reply:
    """50 a page whatever MaxItems; with FunctionVersion=ALL every version has its own row
    (API_ListFunctions)."""
    functions = here(world, request).functions
    every = request.text("FunctionVersion") == "ALL"

    def rows() -> list[Any]:
        if every:
            return [
                row for name in sorted(functions) for row in _rows(request, name, functions[name])
            ]
        return [functions[name].latest for name in sorted(functions)]

    page, marker = world.page(
        request,
        rows,
        page_size(request, PAGE),
        request.params.get("Marker"),
        "InvalidParameterValueException",
    )
    shown = list(page) if every else [_row(config) for config in page]
    return json_reply({"Functions": shown, "NextMarker": marker})


def list_versions_by_function(world: World, request: Request) -> Reply:
    """``$LATEST`` first, 50 a page (API_ListVersionsByFunction)."""
    name, _, function = function_of(world, request)
    page, marker = world.page(
        request,
        lambda: _rows(request, name, function),
        page_size(request, PAGE),
        request.params.get("Marker"),
        "InvalidParameterValueException",
    )
    return json_reply({"Versions": list(page), "NextMarker": marker})


def untagged(reply: Reply) -> Reply:
    """Return an answer of GetFunction for a caller who may not list tags."""
    return json_reply({key: value for key, value in reply.result.items() if key != "Tags"})
