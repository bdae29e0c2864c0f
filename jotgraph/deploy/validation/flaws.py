"""Make findings of ``validate``: names of others are cut and made harmless in one place."""

from __future__ import annotations

import os

from jotgraph.queries.answers.validation import Flaw, FlawCode, FlawSeverity
from jotgraph.render.words import clean

_LONGEST = 120


def flaw(
    code: FlawCode,
    severity: FlawSeverity,
    statement: str,
    todo: str,
    file: str = "",
    line: int | None = None,
) -> Flaw:
    """One finding, with nothing in it that steers a terminal."""
    return Flaw(
        code=code,
        severity=severity,
        file=shown(file, 300),
        line=line,
        statement=clean(statement, 600),
        next=clean(todo, 400),
    )


def shown(text: str, limit: int = _LONGEST) -> str:
    """A name or word of others as it may be shown; bytes of no encoding become U+FFFD."""
    return clean(os.fsencode(text).decode("utf-8", "replace") if _odd(text) else text, limit)


def _odd(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
