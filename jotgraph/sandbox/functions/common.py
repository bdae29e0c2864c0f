"""What Lambda's calls share: reading names and qualifiers, finding configurations, its errors."""

from __future__ import annotations

import re
import uuid
from typing import Any

from jotgraph.sandbox.wire import AwsError, Request
from jotgraph.sandbox.world import Function, Lambda, World

_NAME = re.compile(
    r"(?:arn:[\w-]+:lambda:(?P<region>[a-z0-9-]+):)?(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_]+)(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
LATEST = "$LATEST"
LATEST_PUBLISHED = "$LATEST.PUBLISHED"
PAGE = 50
"""ListFunctions and ListVersionsByFunction: "Lambda returns up to 50 … at a time" whatever
MaxItems says (API_ListFunctions)."""


def revision() -> str:
    return str(uuid.uuid4())


def here(world: World, request: Request) -> Lambda:
    return world.lambda_of(request.account, request.region)


def function_arn(request: Request, name: str, qualifier: str = "") -> str:
    arn = f"arn:aws:lambda:{request.region}:{request.account}:function:{name}"
    return f"{arn}:{qualifier}" if qualifier else arn


def named(request: Request) -> tuple[str, str]:
    """(name, qualifier or ``""``) of FunctionName (name, partial or full ARN, each with or without
    ``:qualifier``) and Qualifier, which must agree (API_GetFunction, "Name formats")."""
    given = request.text("FunctionName")
    match = _NAME.fullmatch(given)
    if match is None:
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{given}' at 'functionName' failed to satisfy "
            f"constraint: Member must satisfy regular expression pattern: {_NAME.pattern}",
        )
    inside, beside = match["qualifier"] or "", request.text("Qualifier")
    if inside and beside and inside != beside:
        raise AwsError(
            "InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        )
    return match["name"], inside or beside


def not_found(request: Request, name: str, qualifier: str = "") -> AwsError:
    return AwsError(
        "ResourceNotFoundException",
        f"Function not found: {function_arn(request, name, qualifier)}",
        404,
    )


def function_of(world: World, request: Request) -> tuple[str, str, Function]:
    """(name, qualifier, function) of a call. Raises AwsError(ResourceNotFoundException)."""
    name, qualifier = named(request)
    function = here(world, request).functions.get(name)
    if function is None:
        raise not_found(request, name, qualifier)
    return name, qualifier, function


def configuration(
    request: Request, name: str, function: Function, qualifier: str
) -> dict[str, Any]:
    """Return the configuration that a qualifier leads to; for an alias, that of its main
    version."""
    version = qualifier
    if qualifier in function.aliases:
        version = function.aliases[qualifier]["FunctionVersion"]
    if version in ("", LATEST):
        return function.latest
    if version == LATEST_PUBLISHED and function.published:
        return function.published
    if version.isdigit() and int(version) in function.versions:
        return function.versions[int(version)]
    raise not_found(request, name, qualifier)


def check_revision(request: Request, current: str) -> None:
    """ "The RevisionId provided does not match the latest RevisionId" (412,
    PreconditionFailedException)."""
    given = request.params.get("RevisionId")
    if given and given != current:
        raise AwsError(
            "PreconditionFailedException",
            "The RevisionId provided does not match the latest RevisionId. Call the "
            "GetFunction/GetAlias API to retrieve the latest RevisionId",
            412,
        )


def page_size(request: Request, most: int) -> int:
    return min(int(request.params.get("MaxItems") or most), most)
