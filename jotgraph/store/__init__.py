"""Stores inventories: one file by path, or numbered snapshots under a name."""

from __future__ import annotations

from jotgraph.store.form import FORMAT, Header
from jotgraph.store.reading import header, load
from jotgraph.store.snapshots import Snapshot, Snapshots, Stored
from jotgraph.store.writing import save

__all__ = [
    "FORMAT",
    "Header",
    "Snapshot",
    "Snapshots",
    "Stored",
    "header",
    "load",
    "save",
]
