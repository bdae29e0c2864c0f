"""The effective settings in a directory, and their sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jotgraph.render.answers.envelope import json_text
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like
from jotgraph.settings.effective import Settings

if TYPE_CHECKING:
    from rich.console import RenderableType


def writers() -> Writers[Settings]:
    """A writer for each format."""
    return table_like(as_table, as_json, csv_rows, markdown_rows)


def as_table(listed: Settings) -> RenderableType:
    """Each setting with its value, its source and its variable."""
    rows = [(key, source, name, value) for key, value, source, name in _rows(listed)]
    headings = ("Setting", "From", "Variable", "Value")
    return rich_table(headings, rows, key="Setting", sentence="Value", out=("Variable", "From"))


def as_json(listed: Settings) -> str:
    """The settings; they are of no scan, so there is neither scope nor gap."""
    return json_text(
        {"format": "jotgraph/settings/1", "settings": listed.settings, "files": listed.files}
    )


def csv_rows(listed: Settings) -> TextTable:
    """A row for each setting."""
    return TextTable(("setting", "value", "from", "variable"), _rows(listed))


def markdown_rows(listed: Settings) -> TextTable:
    """A row for each setting."""
    return TextTable(("Setting", "Value", "From", "Variable"), _rows(listed))


def _rows(listed: Settings) -> list[tuple[str, str, str, str]]:
    return [
        (setting.key, _text(setting.value), ", ".join(setting.source), setting.variable)
        for setting in listed.settings
    ]


def _text(value: Any) -> str:
    """A value as text; lists are joined, and unset values are empty."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
