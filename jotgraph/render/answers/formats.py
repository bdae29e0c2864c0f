"""The formats that each answer can be written in, by name; the first is the default.

Commands read it before anything is imported that draws. ``tests/render/answers/test_formats.py``
holds every answer's writers to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TABLE_LIKE = ("table", "json", "csv", "md")
"""What every answer that can be shown as a table is written in."""

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
    """The formats of an answer, by the name of its module."""
    return _OTHERS.get(answer, TABLE_LIKE)
