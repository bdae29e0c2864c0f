"""Inventories <-> files: one file by path, or numbered snapshots under a name."""

from __future__ import annotations

from jotgraph.store.shelf import Stored, history, names, remember, resolve
from jotgraph.store.snapshot import FORMAT, Header, header, load, save

__all__ = [
    "FORMAT",
    "Header",
    "Stored",
    "header",
    "history",
    "load",
    "names",
    "remember",
    "resolve",
    "save",
]
