"""Builds findings of ``validate``; foreign names are shortened and sanitised in this place only."""

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
    """Build one finding, without control characters."""
    return Flaw(
        code=code,
        severity=severity,
        file=shown(file, 300),
        line=line,
        statement=clean(statement, 600),
        next=clean(todo, 400),
    )


def shown(text: str, limit: int = _LONGEST) -> str:
    """Return a foreign name or word for display; undecodable bytes become U+FFFD."""
    return clean(os.fsencode(text).decode("utf-8", "replace") if _odd(text) else text, limit)


def _odd(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
