"""Lambda: aliases, and who may call a function or alias and how: resource policy, URL, retries."""

from __future__ import annotations

import json
from typing import Any

from jotgraph.apply.undo.restorer import CannotError, Maker
from jotgraph.apply.undo.versions import renumbered, versions_of
from jotgraph.errors import ApplyError
from jotgraph.records import ResourceId, function_id, version_id
from jotgraph.sources.functions.requests import get_url
from jotgraph.sources.single import parts, read

_CONDITIONS = {
    ("ArnLike", "aws:sourcearn"): "SourceArn",
    ("ArnEquals", "aws:sourcearn"): "SourceArn",
    ("StringEquals", "aws:sourceaccount"): "SourceAccount",
    ("StringEquals", "aws:principalorgid"): "PrincipalOrgID",
    ("StringEquals", "lambda:functionurlauthtype"): "FunctionUrlAuthType",
    ("StringEquals", "lambda:eventsourcetoken"): "EventSourceToken",
    ("Bool", "lambda:invokedviafunctionurl"): "InvokedViaFunctionUrl",
}
"""Condition of a statement, its key in small letters -> the member of AddPermission that makes
it."""
_INVOKE = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
_URL = ("AuthType", "Cors", "InvokeMode")


def alias(make: Maker) -> str:
    """The same weights on the same versions, under the numbers that they have now."""
    account, region, rest = parts(make.id)
    name = rest.partition(":")[0]
    found = make.answers["GetAlias"]
    numbers = {
        number: _number(make, version_id(account, region, name, number), number)
        for number in versions_of(found)
    }
    weights = {numbers[old]: w for old, w in versions_of(found).items() if w is not None}
    make.ask(
        "lambda",
        "CreateAlias",
        once=True,
        FunctionName=name,
        Name=found["Name"],
        FunctionVersion=numbers[found["FunctionVersion"]],
        Description=found.get("Description", ""),
        **({"RoutingConfig": {"AdditionalVersionWeights": weights}} if weights else {}),
    )
    moved = [f"on version {new}, which is what {old} was" for old, new in numbers.items()
             if old != new]  # fmt: skip
    said = [", ".join(moved) or "as it was"]
    said += settings(make, name, found["Name"])
    return "; ".join(said)


def _number(make: Maker, version: ResourceId, number: str) -> str:
    """The number that a version has now. Raises CannotError when it is not there."""
    new = renumbered(make, version)
    if new or number == "$LATEST":
        return new or number
    if version not in make.gone and read(make.world, version) is not None:
        return number
    account, region, rest = parts(version)
    name = rest.partition(":")[0]
    if function_id(account, region, name) in make.gone and make.backup_of(version):
        raise ApplyError(f"version {number} has to be published again first; see the function")
    raise CannotError(
        f"it named version {number}, and numbers are never given twice; publish what is to run "
        f"and make it again: aws lambda create-alias --function-name {name} "
        f"--name {parts(make.id)[2].partition(':')[2]} --function-version NUMBER "
        "(its settings are in the backup)"
    )


def settings(make: Maker, name: str, qualifier: str = "") -> list[str]:
    """Policy, URL and what becomes of asynchronous calls, of a function or one of its aliases.
    Returns what is not as it was."""
    words = {"FunctionName": name, **({"Qualifier": qualifier} if qualifier else {})}
    said = _policy(make, words)
    if invoke := make.answers.get("GetFunctionEventInvokeConfig"):
        given = {key: invoke[key] for key in _INVOKE if invoke.get(key) not in (None, {})}
        make.attempt("lambda", "PutFunctionEventInvokeConfig", **words, **given)
    if url := make.answers.get("GetFunctionUrlConfig"):
        given = {key: url[key] for key in _URL if url.get(key)}
        make.attempt("lambda", "CreateFunctionUrlConfig", **words, **given)
        said += _hosts(make, words, url["FunctionUrl"])
    return said


def _hosts(make: Maker, words: dict[str, str], before: str) -> list[str]:
    """Host names of URLs are made by Lambda: "you can't recover" one (Lambda guide, "Function
    URLs")."""
    if make.trouble:
        return []
    now = get_url(make.place(), words["FunctionName"], words.get("Qualifier", ""))["FunctionUrl"]
    return [f"its URL is {now} now, and was {before}"] if now != before else []


def _policy(make: Maker, words: dict[str, str]) -> list[str]:
    """Add every statement of its policy that AddPermission can say. Returns which could not."""
    held = make.answers.get("GetPolicy") or {}
    said = []
    for statement in json.loads(held.get("Policy") or "{}").get("Statement", []):
        given = permission(statement)
        if given is None:
            sid = statement.get("Sid", "")
            said.append(f"statement {sid} of its policy is in the backup, and was not put back")
        else:
            make.attempt("lambda", "AddPermission", **words, **given)
    return said


def permission(statement: dict[str, Any]) -> dict[str, Any] | None:
    """A statement in the words of AddPermission, or None when it has none for it."""
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
    given: dict[str, Any] = {"StatementId": sid, "Action": action, "Principal": principal}
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, value in keys.items():
            member = _CONDITIONS.get((operator, key.lower()))
            if member is None or member in given or not isinstance(value, str):
                return None
            given[member] = value.lower() == "true" if operator == "Bool" else value
    return given
