"""Entries of a layer in the order of its tar. Data only.

Paths are relative, with ``/`` between components and no ``.`` or ``..``; invalid UTF-8 is preserved
by surrogate escapes.
"""

from __future__ import annotations

from enum import IntEnum

import msgspec

from jotgraph.content.image.blobs import FileIds


class EntryKind(IntEnum):
    FILE = 0
    LINK = 1
    """A symbolic link: git keeps its target as a blob."""
    HARDLINK = 2
    DIRECTORY = 3
    OTHER = 4
    """A device, fifo or socket: hides what lies below, and is nothing that git can store."""
    WHITEOUT = 5
    """``.wh.NAME``: removes NAME and all beneath it from lower layers (OCI layer.md)."""
    OPAQUE = 6
    """``.wh..wh..opq``: hides all that lower layers put into this directory."""


class LayerEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    kind: EntryKind
    path: str
    ids: FileIds | None = None
    """Of FILE and LINK."""
    target: str = ""
    """Of HARDLINK: the path it is another name for."""


class LayerEntries(msgspec.Struct, frozen=True, array_like=True):
    """All entries of one layer whose digest was verified."""

    diff_id: str
    entries: tuple[LayerEntry, ...]
