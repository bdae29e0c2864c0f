"""What a table of a dataset is: columns, each with its type and how it is taken from a record."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, NamedTuple

TEXT, TEXTS, NUMBER, TIME = "text", "texts", "number", "time"
"""Types of columns: text, a list of it, a whole number, a time in UTC."""


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
    """Of the inventory."""
    doc: str
    columns: tuple[Column, ...]


def field_column(name: str, type_: str, doc: str, field: str = "") -> Column:
    """A column that is a field of the record; empty text is null."""
    get = attrgetter(field or name)
    return Column(name, type_, doc, lambda record: None if (v := get(record)) == "" else v)
