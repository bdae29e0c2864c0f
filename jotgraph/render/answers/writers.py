"""The writers of an answer, one for each of its formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from jotgraph.render.answers.text_table import TextTable, csv_text, markdown_text

if TYPE_CHECKING:
    from rich.console import RenderableType

A = TypeVar("A")

Writers: TypeAlias = "Mapping[str, Callable[[A], RenderableType | str]]"
"""A writer for each format by name, which returns text, or a renderable of rich."""


def table_like(
    as_table: Callable[[A], RenderableType],
    as_json: Callable[[A], str],
    csv_rows: Callable[[A], TextTable],
    markdown_rows: Callable[[A], TextTable] | None = None,
    **others: Callable[[A], str],
) -> Writers[A]:
    """Return the writers of a table. ``markdown_rows`` have display names; without them those of
    ``csv_rows`` are used."""
    shown = markdown_rows or csv_rows
    return {
        "table": as_table,
        "json": as_json,
        "csv": lambda answer: csv_text(csv_rows(answer)),
        "md": lambda answer: markdown_text(shown(answer)),
        **others,
    }
