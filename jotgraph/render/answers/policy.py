"""The permissions that a command needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from jotgraph import permissions
from jotgraph.permissions import Need
from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import RenderableType


def writers() -> Writers[Sequence[Need]]:
    """A writer for each format; JSON is the policy document, ready for IAM."""
    return table_like(as_table, as_json, csv_rows, markdown_rows)


def as_json(needed: Iterable[Need]) -> str:
    """The policy document."""
    return json_text(permissions.document(needed))


def as_table(needed: Iterable[Need]) -> RenderableType:
    """Return each action, its resources, and its purpose."""
    rows = markdown_rows(needed)
    return rich_table(rows.headings, rows.rows, key="Action", sentence="Used to", out=("Resource",))


def csv_rows(needed: Iterable[Need]) -> TextTable:
    """Return a row for each action; an optional one replaces more calls."""
    return TextTable(
        ("action", "resource", "because", "optional"),
        [(need.action, need.resource, need.because, need.spares) for need in needed],
    )


def markdown_rows(needed: Iterable[Need]) -> TextTable:
    """The same in words."""
    return TextTable(
        ("Action", "Resource", "Used to"),
        [
            (need.action, need.resource, f"{need.because}{' (optional)' * need.spares}")
            for need in needed
        ],
    )
