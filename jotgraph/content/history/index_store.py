"""The SQLite file beneath an index: made, checked, and brought up to date from ``git log``.

``touch`` has a row per blob that a commit's first-parent diff brings to a path (+1) or takes from
it (-1). First-parent diffs compose along first parents, so sums over it are exact in any history.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

from jotgraph.content.history.objects import resolve
from jotgraph.sources.git.command import GitError, tokens

SCHEMA = 1
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE commits (n INTEGER PRIMARY KEY, sha BLOB UNIQUE, parents BLOB, time INTEGER);
CREATE TABLE blobs (n INTEGER PRIMARY KEY, oid BLOB UNIQUE);
CREATE TABLE paths (n INTEGER PRIMARY KEY, path BLOB UNIQUE);
CREATE TABLE touch (blob INTEGER, path INTEGER, at INTEGER, sign INTEGER);
"""
_INDEXES = """
CREATE INDEX IF NOT EXISTS touch_blob ON touch (blob, path, at, sign);
CREATE INDEX IF NOT EXISTS touch_path ON touch (path, at);
"""
_GITLINK = b"160000"
_BATCH = 100_000

Touch = tuple[int, int, int, int]
"""(blob, path, commit, +1 or -1), all by number."""


def updated(
    file: Path, path: Path, tips: dict[str, bytes], format_: str, cut: str
) -> sqlite3.Connection:
    """Open the index ``file`` of the repository at ``path`` for these tips (ref -> raw commit id).

    ``cut`` changes when a shallow clone's boundary does: then all is read again. Raises GitError,
    and sqlite3.DatabaseError for a damaged file.
    """
    database = sqlite3.connect(file, timeout=60, isolation_level=None)
    try:
        database.execute("PRAGMA synchronous = OFF")  # a cache: damaged, it is made again
        database.execute("BEGIN IMMEDIATE")
        meta = _meta(database)
        if meta.get("cut", cut) != cut or meta.get("format", format_) != format_:
            # History grew at its cut end: roots are roots no more.
            for table in ("meta", "commits", "blobs", "paths", "touch"):
                database.execute(f"DROP TABLE IF EXISTS {table}")
            meta = _meta(database)
        wanted = sorted({sha.hex() for sha in tips.values()})
        if meta.get("tips") != " ".join(wanted):
            _append(database, path, wanted, meta.get("tips", "").split())
        values = {"cut": cut, "format": format_, "tips": " ".join(wanted)}
        database.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
        database.execute("COMMIT")
    except BaseException:
        database.close()
        raise
    return database


def _meta(database: sqlite3.Connection) -> dict[str, str]:
    tables = database.execute("SELECT name FROM sqlite_master WHERE name = 'meta'").fetchall()
    if not tables:
        for statement in filter(str.strip, _TABLES.split(";")):
            database.execute(statement)
    return dict(database.execute("SELECT key, value FROM meta"))


def _append(
    database: sqlite3.Connection, path: Path, tips: Sequence[str], old: Sequence[str]
) -> None:
    """Add the commits that ``tips`` reach and the index lacks."""
    there = resolve(path, [sha.encode() for sha in old])
    limits = [sha for sha, object_ in zip(old, there, strict=True) if object_]
    commits = _Numbers(database, "commits", "sha")
    blobs, paths = _Numbers(database, "blobs", "oid"), _Numbers(database, "paths", "path")
    rows: list[Touch] = []
    news: list[tuple[int, bytes, bytes, int]] = []
    at = -1
    with closing(_log(path, tips, limits)) as log:
        for event in log:
            if len(event) == 3:
                sha, parents, time = event
                at = -1 if commits.get(sha) is not None else commits.add(sha)
                if at >= 0:
                    numbers = array("i", (n for p in parents if (n := commits.get(p)) is not None))
                    news.append((at, sha, numbers.tobytes(), time))
            elif at >= 0:
                old_id, new_id, name, gone, came = event
                where = paths.number(name)
                if gone:
                    rows.append((blobs.number(old_id), where, at, -1))
                if came:
                    rows.append((blobs.number(new_id), where, at, 1))
            if len(rows) > _BATCH:
                database.executemany("INSERT INTO touch VALUES (?, ?, ?, ?)", rows)
                rows.clear()
    database.executemany("INSERT INTO touch VALUES (?, ?, ?, ?)", rows)
    database.executemany("INSERT INTO commits VALUES (?, ?, ?, ?)", news)
    blobs.write()
    paths.write()
    for statement in filter(str.strip, _INDEXES.split(";")):
        database.execute(statement)


class _Numbers:
    """Keys to numbers: those of a table, looked up when asked for, and new ones."""

    def __init__(self, database: sqlite3.Connection, table: str, column: str) -> None:
        self._find = f"SELECT n FROM {table} WHERE {column} = ?"
        self._write = f"INSERT INTO {table} VALUES (?, ?)"
        self._database = database
        (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
        self._stored = bool(count)
        self._next = int(count)
        self._seen: dict[bytes, int] = {}
        self._new: list[tuple[int, bytes]] = []

    def get(self, key: bytes) -> int | None:
        number = self._seen.get(key)
        if number is None and self._stored:
            row = self._database.execute(self._find, (key,)).fetchone()
            if row:
                number = self._seen[key] = int(row[0])
        return number

    def add(self, key: bytes) -> int:
        number = self._seen[key] = self._next
        self._next += 1
        self._new.append((number, key))
        return number

    def number(self, key: bytes) -> int:
        number = self._seen.get(key)
        if number is None:
            number = self.get(key)
        return self.add(key) if number is None else number

    def write(self) -> None:
        self._database.executemany(self._write, self._new)


_Event = tuple[bytes, list[bytes], int] | tuple[bytes, bytes, bytes, bool, bool]


def _log(path: Path, tips: Sequence[str], limits: Sequence[str]) -> Generator[_Event]:
    """Per commit (sha, parents, time), then per change of a blob (old, new, path, gone, came)."""
    if not tips:
        return
    words = "log --stdin --topo-order --reverse --raw -z --no-abbrev --no-renames"
    words += " --diff-merges=first-parent --full-history --no-ext-diff --no-textconv --no-color"
    words += " --no-notes --no-mailmap --no-show-signature --ignore-submodules=none"
    revisions = "".join(f"{sha}\n" for sha in tips) + "".join(f"^{sha}\n" for sha in limits)
    stream = tokens(path, *words.split(), "--format=%x02%H %ct %P", stdin=revisions.encode())
    for token in stream:
        word = token.lstrip(b"\n")
        if word.startswith(b"\x02"):
            sha, time, *parents = word[1:].split()
            yield (
                bytes.fromhex(sha.decode()),
                [bytes.fromhex(p.decode()) for p in parents],
                int(time),
            )
        elif word.startswith(b":"):
            old_mode, new_mode, old, new, _status = word[1:].split(b" ")
            gone = old_mode not in {b"000000", _GITLINK}
            came = new_mode not in {b"000000", _GITLINK}
            name = next(stream)
            yield bytes.fromhex(old.decode()), bytes.fromhex(new.decode()), name, gone, came
        elif word:
            raise GitError(f"git log in {path} said {word[:40]!r}")
