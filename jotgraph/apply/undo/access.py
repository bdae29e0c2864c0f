"""Restores aliases of Lambda, and the access to functions and aliases: resource policy, URL,
retries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jotgraph.apply.undo.restorer import Restorer
from jotgraph.apply.undo.versions import renumbered, versions_of, wanted
from jotgraph.errors import ApplyError, UnrestorableError
from jotgraph.records import (
    ResourceId,
    function_name_of,
    function_of,
    place_of,
    qualifier_of,
    version_id,
)
from jotgraph.records.json_text import parsed
from jotgraph.sources.functions.requests import get_url

_CONDITIONS = {
    ("ArnLike", "aws:sourcearn"): "SourceArn",
    ("ArnEquals", "aws:sourcearn"): "SourceArn",
    ("StringEquals", "aws:sourceaccount"): "SourceAccount",
    ("StringEquals", "aws:principalorgid"): "PrincipalOrgID",
    ("StringEquals", "lambda:functionurlauthtype"): "FunctionUrlAuthType",
    ("StringEquals", "lambda:eventsourcetoken"): "EventSourceToken",
    ("Bool", "lambda:invokedviafunctionurl"): "InvokedViaFunctionUrl",
}
"""Condition of a statement, its key in lower case -> the parameter of AddPermission for it."""
_INVOKE = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
_URL = ("AuthType", "Cors", "InvokeMode")


def alias(restorer: Restorer) -> str:
    """Create an alias with the same weights on the same versions, under their present numbers."""
    name = function_name_of(restorer.id)
    copy = restorer.answers["GetAlias"]
    numbers = {
        number: _number(restorer, version_id(*place_of(restorer.id), name, number), number)
        for number in versions_of(copy)
    }
    weights = {
        numbers[old]: weight for old, weight in versions_of(copy).items() if weight is not None
    }
    restorer.ask(
        "lambda",
        "CreateAlias",
        once=True,
        FunctionName=name,
        Name=copy["Name"],
        FunctionVersion=numbers[copy["FunctionVersion"]],
        Description=copy.get("Description", ""),
        **({"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}),
    )
    moved = [
        f"on version {new}, which is what {old} was" for old, new in numbers.items() if old != new
    ]
    differing = settings(restorer, name, copy["Name"])
    return "; ".join([", ".join(moved) or "as it was", *differing])


def _number(restorer: Restorer, version: ResourceId, number: str) -> str:
    """The present number of a version. Raises UnrestorableError when it does not exist."""
    new = renumbered(restorer, version)
    if new or number == "$LATEST":
        return new or number
    if version not in restorer.gone and restorer.session.read(version) is not None:
        return number
    name = function_name_of(version)
    if function_of(version) in restorer.gone and restorer.backup_of(version):
        raise ApplyError(f"version {number} must be published again first; see the function")
    raise UnrestorableError(
        f"it named version {number}, and version numbers are not reused; publish a version and "
        f"create the alias with: aws lambda create-alias --function-name {name} "
        f"--name {qualifier_of(restorer.id)} --function-version NUMBER "
        "(its settings are in the backup)"
    )


def of_versions(restorer: Restorer, name: str) -> list[str]:
    """Restore policy and retries of versions that were published again. Returns what differs from
    before."""
    differing = []
    for number, resource in sorted(wanted(restorer, name).items()):
        copy, new = restorer.backup_of(resource), renumbered(restorer, resource)
        if copy and new:
            lost = settings(restorer, name, new, copy)
            differing += [f"of version {number}, now {new}: {difference}" for difference in lost]
    return differing


def settings(
    restorer: Restorer, name: str, qualifier: str = "", answers: Mapping[str, Any] | None = None
) -> list[str]:
    """Restore policy, URL and handling of asynchronous calls of a function, version or alias.
    Returns what differs from before."""
    answers = restorer.answers if answers is None else answers
    words = {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}
    differing = _policy(restorer, words, answers)
    if invoke := answers.get("GetFunctionEventInvokeConfig"):
        options = {key: invoke[key] for key in _INVOKE if invoke.get(key) not in (None, {})}
        restorer.attempt("lambda", "PutFunctionEventInvokeConfig", **words, **options)
    if url := answers.get("GetFunctionUrlConfig"):
        options = {key: url[key] for key in _URL if url.get(key)}
        restorer.attempt("lambda", "CreateFunctionUrlConfig", **words, **options)
        differing += _hosts(restorer, words, url["FunctionUrl"])
    return differing


def _hosts(restorer: Restorer, words: dict[str, str], before: str) -> list[str]:
    """The host names of URLs, which Lambda generates: "you can't recover" one (Lambda guide,
    "Function URLs")."""
    if restorer.trouble:
        return []
    now = get_url(restorer.client, words["FunctionName"], words.get("Qualifier", ""))["FunctionUrl"]
    return [f"its URL is {now} now, and was {before}"] if now != before else []


def _policy(restorer: Restorer, words: dict[str, str], answers: Mapping[str, Any]) -> list[str]:
    """Add every statement of its policy that AddPermission can express. Returns the others."""
    answer = answers.get("GetPolicy") or {}
    lost = []
    for statement in parsed(answer.get("Policy") or "{}").get("Statement", []):
        params = permission(statement)
        if params is None:
            sid = statement.get("Sid", "")
            lost.append(f"statement {sid} of its policy is in the backup, and was not put back")
        else:
            restorer.attempt("lambda", "AddPermission", **words, **params)
    return lost


def permission(statement: dict[str, Any]) -> dict[str, Any] | None:
    """Return a statement as parameters of AddPermission, or None when they cannot express it."""
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        (principal, *more) = principal.values()
        principal = None if more else principal
    allowed = statement.get("Effect") == "Allow" and statement.keys() <= {
        "Sid", "Effect", "Principal", "Action", "Resource", "Condition",
    }  # fmt: skip
    action, sid = statement.get("Action"), statement.get("Sid")
    if not (allowed and sid and isinstance(action, str) and isinstance(principal, str)):
        return None
    request: dict[str, Any] = {"StatementId": sid, "Action": action, "Principal": principal}
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, value in keys.items():
            member = _CONDITIONS.get((operator, key.lower()))
            if member is None or member in request or not isinstance(value, str):
                return None
            request[member] = value.lower() == "true" if operator == "Bool" else value
    return request
