"""Whether an IAM policy document allows a call.

A small part of IAM's evaluation: explicit Deny wins, otherwise one Allow must match action and
resource, both with wildcards; NotAction and NotResource are understood, conditions are not
(a document with a condition is refused). See "Policy evaluation logic" in the IAM user guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from jotgraph.errors import SandboxError
from jotgraph.sandbox.wire import Request

PREFIXES = {"tagging": "tag", "bedrock-agentcore-control": "bedrock-agentcore"}
"""Services whose IAM prefix is another name."""
ACTIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "ecr:ListImageReferrers": "ecr:BatchGetImage",
}
"""Operations whose permission has another name. ListImageReferrers: "The IAM principal invoking
this operation must have the ecr:BatchGetImage permission" (ECR API)."""
FREE = frozenset({"sts:GetCallerIdentity", "sts:GetSessionToken"})
"""No permission is needed: "No permissions are required to perform this operation" (STS API)."""


class Statement(msgspec.Struct, frozen=True):
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_actions: bool = False
    not_resources: bool = False

    def covers(self, action: str, resource: str) -> bool:
        acts = any(_like(pattern, action, fold=True) for pattern in self.actions)
        reaches = any(_like(pattern, resource) for pattern in self.resources)
        return acts != self.not_actions and reaches != self.not_resources


class Policy(msgspec.Struct, frozen=True):
    """A policy document, parsed to judge calls."""

    statements: tuple[Statement, ...]

    def allows(self, request: Request) -> bool:
        return self.refuses(request) is None

    def refuses(self, request: Request) -> tuple[str, str] | None:
        """Return the first action that a call needs and that is not allowed, with its resource."""
        for action, resource in ((action_of(request), resource_of(request)), *implied_by(request)):
            hit = [s.effect for s in self.statements if s.covers(action, resource)]
            if action not in FREE and ("Deny" in hit or "Allow" not in hit):
                return action, resource
        return None


def read_policy(document: Mapping[str, Any]) -> Policy:
    """Read a policy document. Raises SandboxError for an element that is not supported."""
    statements = document.get("Statement", [])
    statements = [statements] if isinstance(statements, dict) else statements
    return Policy(tuple(_statement(statement) for statement in statements))


def _statement(statement: Mapping[str, Any]) -> Statement:
    if statement.get("Condition"):
        raise SandboxError("the sandbox does not evaluate conditions of a policy: leave them out")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise SandboxError(f"a statement needs Effect Allow or Deny: {statement!r}")
    return Statement(
        effect=statement["Effect"],
        actions=_many(statement.get("Action", statement.get("NotAction", ()))),
        resources=_many(statement.get("Resource", statement.get("NotResource", ()))),
        not_actions="NotAction" in statement,
        not_resources="NotResource" in statement,
    )


def _many(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _like(pattern: str, text: str, *, fold: bool = False) -> bool:
    """Match IAM's wildcards: ``*`` any text, ``?`` one character; nothing else is special."""
    return _compiled(pattern, fold).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str, fold: bool) -> re.Pattern[str]:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if fold else 0))


def action_of(request: Request) -> str:
    """The IAM action a call needs."""
    operation = re.sub(r"\d{4}_?\d{2}_?\d{2}$", "", request.action)
    action = f"{PREFIXES.get(request.service, request.service)}:{operation}"
    return ACTIONS.get(action, action)


def implied_by(request: Request) -> Iterator[tuple[str, str]]:
    """What a call needs beside its own permission: to pass a role on (IAM guide, "Grant a user
    permissions to pass a role"; API_AddRoleToInstanceProfile), and to tag what it creates with
    tags (service authorization reference, "Dependent actions" of Lambda, ECR and IAM)."""
    params, call = request.params, (request.service, request.action)
    operation = action_of(request).partition(":")[2]
    if request.service == "lambda" and operation in (
        "CreateFunction",
        "UpdateFunctionConfiguration",
    ):
        if params.get("Role"):
            yield "iam:PassRole", str(params["Role"])
        if operation == "CreateFunction" and params.get("Tags"):
            yield "lambda:TagResource", resource_of(request)
    elif call == ("ecr", "CreateRepository") and params.get("tags"):
        yield "ecr:TagResource", resource_of(request)
    elif call == ("iam", "CreateRole") and any(key.startswith("Tags.") for key in params):
        yield "iam:TagRole", resource_of(request)
    elif call == ("iam", "AddRoleToInstanceProfile"):
        yield "iam:PassRole", f"arn:aws:iam::{request.account}:role/{params.get('RoleName')}"


def resource_of(request: Request) -> str:
    """The ARN a call is about, ``*`` for those without resource-level permission."""
    here = f"{request.region}:{request.account}"
    params = request.params
    if request.service == "ecr":
        if params.get("resourceArn"):
            return str(params["resourceArn"])
        name = params.get("repositoryName")
        return f"arn:aws:ecr:{here}:repository/{name}" if name else "*"
    if request.service == "lambda":
        name = params.get("FunctionName") or params.get("Resource") or params.get("ARN")
        if request.action == "CreateEventSourceMapping" or not name:
            uuid = params.get("UUID")
            return f"arn:aws:lambda:{here}:event-source-mapping:{uuid}" if uuid else "*"
        if str(name).startswith("arn:"):
            return str(name)
        return f"arn:aws:lambda:{here}:function:{name}"
    if request.service == "sts" and "RoleArn" in params:
        return str(params["RoleArn"])
    if request.service == "logs":
        name = params.get("logGroupName")
        named = f"arn:aws:logs:{here}:log-group:{name}" if name else "*"
        return str(params.get("resourceArn") or named)
    if request.service == "iam":
        for key, kind in (
            ("InstanceProfileName", "instance-profile"),  # before the role it takes or leaves
            ("RoleName", "role"),
            ("UserName", "user"),
        ):
            if key in params:
                return f"arn:aws:iam::{request.account}:{kind}/{params[key]}"
        return str(params.get("PolicyArn", "*"))
    return "*"
