"""Stores inventories: one file by path, or numbered snapshots under a name."""

from __future__ import annotations

from jotgraph.store.form import FORMAT, Header
from jotgraph.store.reading import header, load
from jotgraph.store.snapshots import (
    Stored,
    history,
    name_of,
    names,
    newest,
    remember,
    renew,
    resolve,
)
from jotgraph.store.writing import save

__all__ = [
    "FORMAT",
    "Header",
    "Stored",
    "header",
    "history",
    "load",
    "name_of",
    "names",
    "newest",
    "remember",
    "renew",
    "resolve",
    "save",
]
