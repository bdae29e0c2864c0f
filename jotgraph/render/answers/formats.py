"""The formats that answers are written in, and what a writer of one is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from rich.console import RenderableType

A = TypeVar("A")

Writers: TypeAlias = "Mapping[str, Callable[[A], RenderableType | str]]"
"""A writer for each format by name: text, or what rich draws in a terminal."""
