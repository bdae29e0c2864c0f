"""A cache of parsed layers by diff_id.

The diff_id is a hash of the content, so entries never expire. It is an SQLite file; a damaged one
is created again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

import msgspec
import zstandard

from jotgraph.content.image.entries import LayerEntries, LayerEntry

SCHEMA = 10
"""Increased when entries contain more than before; the old file is then left alone."""
_TABLE = """
CREATE TABLE IF NOT EXISTS layers (
  diff_id TEXT, format TEXT, entries BLOB, PRIMARY KEY (diff_id, format)
) WITHOUT ROWID
"""


class LayerCache:
    """Entries by (diff_id, object format). Close it when done."""

    def __init__(self, folder: Path, own: Collection[str] = ()) -> None:
        """Open the cache; ``own`` are the team's files with revisions, without which an entry does
        not answer."""
        folder.mkdir(parents=True, exist_ok=True)
        self._variant = "+" + sha256("\0".join(sorted(own)).encode()).hexdigest() if own else ""
        self._file = folder / f"layers-v{SCHEMA}.sqlite"
        try:
            self._database = self._open()
        except sqlite3.DatabaseError:
            self._file.unlink(missing_ok=True)
            self._database = self._open()

    def get(self, diff_id: str, object_format: str) -> LayerEntries | None:
        query = "SELECT entries FROM layers WHERE diff_id = ? AND format = ?"
        row = self._database.execute(query, (diff_id, object_format + self._variant)).fetchone()
        if row is None:
            return None
        packed = zstandard.ZstdDecompressor().decompress(row[0])
        return LayerEntries(diff_id, msgspec.msgpack.decode(packed, type=tuple[LayerEntry, ...]))

    def put(self, layer: LayerEntries, object_format: str) -> None:
        """Store a layer. Pass only what :func:`read_layer` verified or hashed itself."""
        # Paths may hold bytes that are no UTF-8: such a layer is read each time.
        try:
            packed = zstandard.compress(msgspec.msgpack.encode(layer.entries), 3)
        except UnicodeEncodeError:
            return
        self._database.execute(
            "INSERT OR REPLACE INTO layers VALUES (?, ?, ?)",
            (layer.diff_id, object_format + self._variant, packed),
        )

    def close(self) -> None:
        self._database.close()

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._file, timeout=60, isolation_level=None)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(_TABLE)
        except BaseException:
            database.close()
            raise
        return database
