"""The file of an index: its columns, updated from ``git log``.

It is an SQLite database for atomic changes and a single writer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from zlib import crc32

from jotgraph.content.history.columns import Columns, from_bytes, to_bytes
from jotgraph.content.history.objects import resolve
from jotgraph.content.history.reading import Reader, log
from jotgraph.gc_pause import collector_off

SCHEMA = 3
_TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT)",
    "CREATE TABLE IF NOT EXISTS columns (name TEXT PRIMARY KEY, crc INTEGER, data BLOB)",
)
_WIDTHS = {"sha1": 20, "sha256": 32}


def updated(file: Path, path: Path, tips: dict[str, bytes], format_: str, cut: str) -> Columns:
    """Return the columns in ``file`` of the repository at ``path``, updated for these tips (ref ->
    raw commit id). ``cut`` changes with a shallow clone's boundary; everything is then read again.
    Raises GitError, and sqlite3.DatabaseError for a damaged file."""
    width = _WIDTHS[format_]
    with closing(sqlite3.connect(file, timeout=60, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")  # a cache: damaged, it is made again
        database.execute("BEGIN IMMEDIATE")
        for table in _TABLES:
            database.execute(table)
        meta = dict(database.execute("SELECT key, value FROM meta"))
        # History that grew at its cut end: roots are roots no more.
        same = meta.get("cut") == cut and meta.get("format") == format_
        columns = _stored(database, width) if same else Columns(width)
        old = meta.get("tips", "") if same else ""
        wanted = sorted({sha.hex() for sha in tips.values()})
        if old != " ".join(wanted):
            _append(columns, path, wanted, old.split())
            rows = [(name, crc32(data), data) for name, data in to_bytes(columns).items()]
            database.executemany("INSERT OR REPLACE INTO columns VALUES (?, ?, ?)", rows)
        values = {"cut": cut, "format": format_, "tips": " ".join(wanted)}
        database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
        database.execute("COMMIT")
    return columns


def _stored(database: sqlite3.Connection, width: int) -> Columns:
    rows = database.execute("SELECT name, crc, data FROM columns").fetchall()
    if any(crc32(data) != crc for _, crc, data in rows):
        raise sqlite3.DatabaseError("a column was damaged")
    try:
        return from_bytes(width, {name: data for name, _, data in rows})
    except ValueError as error:
        raise sqlite3.DatabaseError(str(error)) from error


def _append(columns: Columns, path: Path, tips: Sequence[str], old: Sequence[str]) -> None:
    """Append the commits in the history of ``tips`` that the columns lack."""
    there = resolve(path, [sha.encode() for sha in old])
    limits = [sha for sha, object_ in zip(old, there, strict=True) if object_]
    reader = Reader(columns)
    with collector_off(), closing(log(path, tips, limits)) as pieces:
        for piece in pieces:
            reader.piece(piece)
        reader.finish()
