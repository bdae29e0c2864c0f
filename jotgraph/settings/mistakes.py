"""Mistakes in a file of settings or a policy, in words."""

from __future__ import annotations

import re

_TYPES = {
    "int": "a whole number", "float": "a number", "str": "text", "bool": "true or false",
    "array": "a list", "object": "a table",
}  # fmt: skip
_MISTYPED = re.compile(
    r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)` - at `\$\.?(?P<key>[^`]*)`"
)


def mistyped(message: str) -> str:
    """``max_orphans: a whole number is needed, not text``, from msgspec's words."""
    match = _MISTYPED.fullmatch(message)
    if match is None:
        return message
    wanted = (_TYPES.get(word, word) for word in match["wanted"].split(" | ") if word != "null")
    got = _TYPES.get(match["got"], match["got"])
    return f"{match['key']}: {' or '.join(wanted)} is needed, not {got}"
