"""Reads policy documents for who they let in, and omits nobody who may be let in.

Only ``Allow`` statements are read: a ``Deny`` would narrow the result, and a misunderstood one must
not. A statement of a repository policy counts unless it lists actions and none of them can be
``ecr:BatchGetImage``, without which no image runs (ECR API Reference).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

import msgspec

from jotgraph.records.json_text import parsed
from jotgraph.records.references import arn_of

_ACCOUNT = re.compile(r"(?<!\d)(\d{12})(?!\d)")
_PULL = "ecr:batchgetimage"
_LAMBDA = "lambda.amazonaws.com"
_CONDITION_ACCOUNTS = ("aws:sourcearn", "aws:sourceaccount")
_CONDITION_ORGANIZATIONS = ("aws:sourceorgid", "aws:sourceorgpaths")


class Admitted(msgspec.Struct, frozen=True):
    """Who a policy lets in."""

    accounts: frozenset[str] = frozenset()
    """The account of every principal."""
    principals: tuple[str, ...] = ()
    """ARNs of roles, users and sessions, that is of principals that are no whole account."""
    others: tuple[str, ...] = ()
    """Everyone, organizations, services, federations: principals that no scan can read, in
    words."""
    lambdas: bool = False
    """Whether the Lambda service is let in."""


@lru_cache(maxsize=4096)
def admitted(policy: str) -> Admitted:
    """Read an ECR repository policy. One that cannot be parsed lets in anybody."""
    accounts: set[str] = set()
    principals: set[str] = set()
    others: set[str] = set()
    lambdas = False
    try:
        statements = list(_statements(policy))
    except ValueError:
        return Admitted(others=("a policy that cannot be read",))
    for statement in filter(_may_pull, statements):
        for kind, value in _principals(statement):
            if kind == "Service" and value == _LAMBDA:
                # A same-account policy often has no condition; another account also needs a
                # statement of its own (Lambda Developer Guide, images in another account).
                lambdas = True
                named, anybody = _conditioned(statement)
                accounts |= named
                if anybody:
                    others.add("functions of every account that a condition allows")
            elif kind == "AWS" and (account := _ACCOUNT.search(value)):
                accounts.add(account[1])
                if value != account[1] and not value.endswith(":root"):
                    principals.add(value)
            elif kind == "AWS" and value == "*":
                others.add("everyone that a condition allows" if "Condition" in statement else "*")
            else:
                others.add(value)
    return Admitted(
        accounts=frozenset(accounts),
        principals=tuple(sorted(principals)),
        others=tuple(sorted(others)),
        lambdas=lambdas,
    )


@lru_cache(maxsize=4096)
def trusted_beside_lambda(trust: str) -> tuple[str, ...]:
    """Return the principals beside Lambda in a role's trust policy; empty when there is only
    Lambda."""
    try:
        statements = list(_statements(trust))
    except ValueError:
        return ("a trust policy that cannot be read",)
    if not statements:
        return ("a trust policy without a statement",)
    principals = {value for statement in statements for _, value in _principals(statement)}
    if not principals:
        return ("nobody, in a trust policy that is not understood",)
    return tuple(sorted(principals - {_LAMBDA}))


def trusts_lambda(trust: str) -> bool:
    """Return whether a role's trust policy lets Lambda assume it, perhaps on a condition. Raises
    ValueError for a policy that cannot be parsed."""
    named = [value for statement in _statements(trust) for _, value in _principals(statement)]
    return _LAMBDA in named or "*" in named


def _may_pull(statement: dict[str, Any]) -> bool:
    """Whether a statement may allow reading a manifest; one without actions may."""
    actions = statement.get("Action")
    listed = actions if isinstance(actions, list) else [actions]
    named = [action.lower() for action in listed if isinstance(action, str)]
    return len(named) < len(listed) or not named or any(fnmatchcase(_PULL, a) for a in named)


def _statements(text: str) -> Iterator[dict[str, Any]]:
    if not text:
        return
    document = parsed(text)
    if not isinstance(document, dict):
        raise ValueError("not a policy document")
    statements = document.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, dict):
            raise ValueError("not a statement")
        if statement.get("Effect") != "Deny":
            yield statement


def _principals(statement: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (kind, value) of each principal; odd values are returned as text."""
    if "NotPrincipal" in statement:
        yield "AWS", "*"
    principals = statement.get("Principal", {})
    if not isinstance(principals, dict):
        yield "AWS", str(principals)
        return
    for kind, values in principals.items():
        for value in values if isinstance(values, list) else [values]:
            yield str(kind), str(value)


def _conditioned(statement: dict[str, Any]) -> tuple[set[str], bool]:
    """The accounts that conditions on the caller name, and whether callers of other accounts can
    meet the conditions. They can when all of these name organizations or patterns. Without a
    condition another account needs a statement of its own."""
    accounts: set[str] = set()
    limited: list[bool] = []
    conditions = statement.get("Condition")
    for name, operator in conditions.items() if isinstance(conditions, dict) else ():
        for key, value in operator.items() if isinstance(operator, dict) else ():
            if str(key).lower() in _CONDITION_ACCOUNTS:
                values = value if isinstance(value, list) else [value]
                named = [_account_in(str(pattern)) for pattern in values]
                accounts.update(filter(None, named))
                limited.append(all(named) and "Not" not in name)
            elif str(key).lower() in _CONDITION_ORGANIZATIONS:
                limited.append(False)
    return accounts, bool(limited) and not any(limited)


def _account_in(value: str) -> str:
    """The account in a condition's value, which is an account or an ARN; empty for a pattern."""
    arn = arn_of(value)
    account = _ACCOUNT.fullmatch(arn.account if arn else value)
    return account[1] if account else ""
