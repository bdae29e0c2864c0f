"""The types of a dataset's tables: columns, with their types and how they are computed from a
record."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

TEXT, TEXTS, NUMBER, TIME = "text", "texts", "number", "time"
"""Types of columns: text, list of text, integer, UTC time."""


class Column(NamedTuple):
    """A column: its name, its type, what it holds, and how it is taken from a record."""

    name: str
    type: str
    doc: str
    of: Callable[[Any], Any]


class Table(NamedTuple):
    """A table of records of one sort."""

    name: str
    field: str
    """The field of the inventory."""
    doc: str
    columns: tuple[Column, ...]


def field_column(name: str, type_: str, doc: str, field: str = "") -> Column:
    """Return a column that is a field of the record; empty text becomes null."""
    get = attrgetter(field or name)
    return Column(name, type_, doc, lambda record: None if (v := get(record)) == "" else v)
