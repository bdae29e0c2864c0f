"""Safe use of regular expressions from settings on tags from registries.

``re`` backtracks, and some expressions take exponential time. The number of ways through an
expression for a text of ``LONGEST`` characters is bounded before the expression is used.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from importlib import import_module
from typing import Any

LONGEST = 128
"""Longest text that is matched, in characters: the limit of a tag (distribution, reference)."""
PATTERN = 200
"""Longest expression, in characters."""
MOST = 100_000
"""The most ways through an expression: hundredths of a second for a text that does not match."""
GROUP = "revision"

_PARSER: Any = import_module("re._parser")
"""The parser of ``re.compile``, the only access to the parts of an expression."""
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_ONE = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN", "AT"})


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile an expression with a group ``revision``. Raises ValueError for one that is not
    safe."""
    if len(pattern) > PATTERN:
        raise ValueError(f"more than {PATTERN} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of what may once mean something else
            expression = re.compile(pattern)
            parts = _PARSER.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"no regular expression: {error}") from error
    if GROUP not in expression.groupindex:
        raise ValueError(f"a group (?P<{GROUP}>...) is needed")
    if _ways(parts) > MOST:
        raise ValueError(
            "it may be tried in too many ways: repeat less inside of what is repeated, and give "
            "bounds, such as .{0,30} for .*"
        )
    return expression


def revision_in(pattern: str, text: str) -> str:
    """Return the group ``revision`` of a full match; empty when the text does not match."""
    if len(text) > LONGEST:
        return ""
    match = compiled(pattern).fullmatch(text)
    return (match[GROUP] or "") if match else ""


def _ways(parts: Any) -> int:
    """An upper bound of the ways through part of an expression; ``MOST + 1`` stands for any
    more."""
    ways = 1
    for operation, argument in parts:
        ways = min(ways * _ways_of(str(operation), argument), MOST + 1)
    return ways


def _ways_of(operation: str, argument: Any) -> int:
    if operation in _ONE:
        return 1
    if operation == "SUBPATTERN":
        return _ways(argument[-1])
    if operation == "BRANCH":
        return sum(map(_ways, argument[1]))
    if operation in _REPEATS:
        least, most, body = argument
        return _repeated(_ways(body), min(int(least), LONGEST), min(int(most), LONGEST))
    raise ValueError(f"{operation.lower().replace('_', ' ')} is not supported: no look-around and "
                     "no reference to a group")  # fmt: skip


def _repeated(ways: int, least: int, most: int) -> int:
    """The ways through a part that is repeated."""
    if ways == 1:
        return most - least + 1
    total = 0
    for times in range(least, most + 1):
        total += ways**times
        if total > MOST:
            return MOST + 1
    return total
