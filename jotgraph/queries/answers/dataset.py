"""The answers of ``export`` and ``sql``: what was written, and what was selected."""

from __future__ import annotations

from typing import Any

import msgspec


class TableWritten(msgspec.Struct, frozen=True):
    """One table of a scan."""

    name: str
    files: int
    rows: int
    bytes: int


class Exported(msgspec.Struct, frozen=True):
    """A scan in a dataset."""

    location: str
    scan: str
    tables: tuple[TableWritten, ...]


class Selected(msgspec.Struct, frozen=True):
    """The rows that an SQL query selected."""

    scan: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    left_out: int = 0
    """Number of rows beyond the limit."""
