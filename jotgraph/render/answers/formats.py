"""The formats of each answer, by name; the first is the default.

Commands read this before anything is imported that draws. ``tests/render/answers/test_formats.py``
compares it with every answer's writers.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TABLE_LIKE = ("table", "json", "csv", "md")
"""The formats of every answer that is a table."""

_OTHERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "build": ("text", "json"),
        "check": (*TABLE_LIKE, "junit", "sarif"),
        "plan": (*TABLE_LIKE, "sh"),
        "policy": ("json", "table", "csv", "md"),
        "up": (*TABLE_LIKE, "sh"),
        "summary": ("text", "md", "json"),
    }
)


def formats_of(answer: str) -> tuple[str, ...]:
    """Return the formats of an answer, by the name of its module."""
    return _OTHERS.get(answer, TABLE_LIKE)
