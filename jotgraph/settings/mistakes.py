"""Mistakes in a file of settings or a policy, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

from jotgraph.errors import OptionError
from jotgraph.settings.files import TomlFile

_TYPES = {
    "int": "a whole number", "float": "a number", "str": "text", "bool": "true or false",
    "array": "a list", "object": "a table",
}  # fmt: skip
_PLACE = re.compile(r"(?P<what>.*) - at `\$\.?(?P<key>[^`]*)`", re.DOTALL)
_MISTYPED = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`")


class Mistake(NamedTuple):
    """Why a value is invalid."""

    reason: str
    """``a whole number is needed, not text``."""
    text: str
    """The message with the key: ``max_orphans: a whole number is needed, not text``."""


def mistake(error: Exception) -> Mistake:
    """Return why a value is invalid, from the message of msgspec, which has nothing else, or from
    our own."""
    message = str(error)
    placed = _PLACE.fullmatch(message)
    if placed is None:
        return Mistake(message, message)
    match = _MISTYPED.fullmatch(placed["what"])
    if match is None:
        return Mistake(placed["what"], message)
    wanted = (_TYPES.get(word, word) for word in match["wanted"].split(" | ") if word != "null")
    got = _TYPES.get(match["got"], match["got"])
    reason = f"{' or '.join(wanted)} is needed, not {got}"
    return Mistake(reason, f"{placed['key']}: {reason}")


def known(file: TomlFile, entries: Iterable[str], keys: Iterable[str], table: str) -> None:
    """Raise OptionError for an unknown key, with the nearest known one."""
    names = tuple(keys)
    for key in entries:
        if key.replace("-", "_") not in names:
            near = get_close_matches(key, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(names)}"
            raise OptionError(f"{file.at(key)}: unknown key {table}{key!r}; {hint}")
