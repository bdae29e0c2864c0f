"""Reads a function's variables from a file: a JSON object, or lines ``NAME=value``."""

from __future__ import annotations

import json
import re

from jotgraph.errors import OptionError
from jotgraph.sources.documents.json_input import json_object

MOST = 4096
"""The most bytes of the JSON object with all variables in a function's configuration: "key names,
values, quotes, commas, and brackets" (Lambda guide, "Troubleshoot deployment issues in Lambda").
How non-ASCII characters count is not documented; here they count as in UTF-8, the least possible,
so that Lambda may refuse what is accepted here."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]+")
"""The pattern of names in API_Environment."""
_LONGEST = 64 << 10


def variables(text: str, path: str) -> dict[str, str]:
    """Return the variables in a file. Blank lines and lines that begin with ``#`` are skipped;
    values are taken literally, without quotes. No message contains a value. Raises OptionError."""
    if len(text) > _LONGEST:
        raise OptionError(f"{path} is too long for the variables of a function")
    pairs = _object(text, path) if text.lstrip().startswith("{") else _lines(text, path)
    for name in pairs:
        if not _NAME.fullmatch(name):
            raise OptionError(f"{path}: {name[:40]!r} is not a variable name")
    size = len(json.dumps(pairs, ensure_ascii=False, separators=(",", ":")).encode())
    if size > MOST:
        raise OptionError(
            f"{path}: the variables have {size:,} bytes as JSON, and Lambda takes {MOST:,}"
        )
    return pairs


def _object(text: str, path: str) -> dict[str, str]:
    try:
        pairs = json_object(text, _LONGEST)
    except ValueError:
        raise OptionError(f"{path} begins with {{ and is not a JSON object") from None
    for name, value in pairs.items():
        if not isinstance(value, str):
            raise OptionError(f"{path}: the value of {name!r} is not text")
    return pairs


def _lines(text: str, path: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, equals, value = stripped.partition("=")
        if not equals:
            raise OptionError(f"{path}, line {number}: write NAME=value")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        pairs[name.strip()] = value
    return pairs
