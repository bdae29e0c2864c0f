"""The expressions of GitHub Actions that action.yml has.

Names, texts, ``==``, ``!=``, ``!``, ``&&``, ``||`` and the functions that tell how the job goes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:'(?P<text>(?:[^']|'')*)'|(?P<sign>&&|\|\||==|!=|!|\(|\))"
    r"|(?P<call>\w+)\(\)|(?P<name>[A-Za-z_][\w-]*(?:\.[\w-]+)*))"
)
_WHOLE = re.compile(r"\$\{\{(.*?)\}\}")


def filled(text: str, names: Mapping[str, Any]) -> str:
    """A text with each ``${{ … }}`` in it replaced by its value."""
    return _WHOLE.sub(lambda match: str(value(match[1], names)), text)


def holds(condition: str, names: Mapping[str, Any], *, failed: bool, cancelled: bool) -> bool:
    """Whether a step is run: where its condition asks for nothing of the job, only while nothing
    has failed."""
    inner = _WHOLE.fullmatch(condition.strip())
    expression = inner[1] if inner else condition
    states = {"always": True, "failure": failed, "cancelled": cancelled, "success": not failed}
    asks = any(f"{name}()" in expression for name in states)
    met = bool(value(expression, {**names, "()": states})) if expression.strip() else True
    return met and (asks or not failed)


def value(expression: str, names: Mapping[str, Any]) -> Any:
    """What an expression comes to. Raises ValueError for one that is none."""
    tokens = []
    at = 0
    while expression[at:].strip():
        token = _TOKEN.match(expression, at)
        if not token:
            raise ValueError(f"no expression: {expression}")
        tokens.append(token)
        at = token.end()
    result, rest = _either(tokens, names)
    if rest:
        raise ValueError(f"no expression: {expression}")
    return result


def _either(tokens: list[re.Match[str]], names: Mapping[str, Any]) -> tuple[Any, Any]:
    left, tokens = _both(tokens, names)
    while tokens and tokens[0]["sign"] == "||":
        right, tokens = _both(tokens[1:], names)
        left = left or right
    return left, tokens


def _both(tokens: list[re.Match[str]], names: Mapping[str, Any]) -> tuple[Any, Any]:
    left, tokens = _equal(tokens, names)
    while tokens and tokens[0]["sign"] == "&&":
        right, tokens = _equal(tokens[1:], names)
        left = left and right
    return left, tokens


def _equal(tokens: list[re.Match[str]], names: Mapping[str, Any]) -> tuple[Any, Any]:
    left, tokens = _one(tokens, names)
    if tokens and tokens[0]["sign"] in ("==", "!="):
        right, rest = _one(tokens[1:], names)
        return (left == right) == (tokens[0]["sign"] == "=="), rest
    return left, tokens


def _one(tokens: list[re.Match[str]], names: Mapping[str, Any]) -> tuple[Any, Any]:
    first, *rest = tokens
    if first["sign"] == "!":
        inner, rest = _one(rest, names)
        return not inner, rest
    if first["sign"] == "(":
        inner, rest = _either(rest, names)
        return inner, rest[1:]
    if first["text"] is not None:
        return first["text"].replace("''", "'"), rest
    if first["call"]:
        return names["()"][first["call"]], rest
    if not first["name"]:
        raise ValueError(f"unexpected {first[0]}")
    found: Any = names
    for part in first["name"].split("."):
        # GitHub takes what is not there for an empty text
        found = found.get(part, "") if isinstance(found, Mapping) else ""
    return found, rest
