"""An index of where every blob of a repository ever lived, kept in SQLite and only added to."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from jotgraph.content.history.dockerfile import is_dockerfile
from jotgraph.content.history.index_store import SCHEMA, Touch, updated
from jotgraph.content.history.objects import resolve
from jotgraph.sources.git.command import run

_CHUNK = 20_000


class History(msgspec.Struct, frozen=True):
    """All commits, parents before children; a commit's number is its place."""

    shas: list[bytes]
    parents: list[tuple[int, ...]]
    first: array[int]
    """First parent's number; -1 for a root."""
    times: list[int]
    """Committer time, seconds since 1970."""
    alive: bytes
    """1 for a commit that a ref (or the reflog) still reaches."""
    refs: tuple[tuple[str, int], ...]


class Index(msgspec.Struct, frozen=True):
    """One repository, open for questions. ``shallow`` and ``object_format`` as git says."""

    key: str
    path: Path
    object_format: str
    shallow: bool
    history: History
    database: sqlite3.Connection

    def known(self, ids: Iterable[bytes]) -> dict[bytes, int]:
        """Number of each of the blob ids that some commit held."""
        numbers: dict[bytes, int] = {}
        for part in _parts(sorted(set(ids))):
            numbers.update(
                self.database.execute(_among("SELECT oid, n FROM blobs WHERE oid", part), part)
            )
        return numbers

    def touches(self, blobs: Iterable[int]) -> list[Touch]:
        """Every coming and going of these blobs."""
        rows: list[Touch] = []
        for part in _parts(sorted(blobs)):
            rows += self.database.execute(
                _among("SELECT blob, path, at, sign FROM touch WHERE blob", part), part
            )
        return rows

    def paths(self, numbers: Iterable[int]) -> dict[int, str]:
        names: dict[int, str] = {}
        for part in _parts(sorted(set(numbers))):
            rows = self.database.execute(_among("SELECT n, path FROM paths WHERE n", part), part)
            names.update((n, path.decode("utf-8", "surrogateescape")) for n, path in rows)
        return names

    def known_paths(self, paths: Iterable[str]) -> set[str]:
        """Of some paths those that any commit ever held a file at."""
        known: set[str] = set()
        names = sorted({path.encode("utf-8", "surrogateescape") for path in paths})
        for part in _parts(names):
            rows = self.database.execute(_among("SELECT path FROM paths WHERE path", part), part)
            known.update(os.fsdecode(path) for (path,) in rows)
        return known

    def base_names(self) -> frozenset[str]:
        """The names, without directories, of all files that any commit held."""
        rows = self.database.execute("SELECT path FROM paths")
        return frozenset(os.fsdecode(path).rpartition("/")[2] for (path,) in rows)

    def numbers(self, shas: Iterable[bytes]) -> dict[bytes, int]:
        """Number of each of the raw commit ids that the index holds."""
        by_sha: dict[bytes, int] = {}
        for part in _parts(sorted(set(shas))):
            by_sha.update(
                self.database.execute(_among("SELECT sha, n FROM commits WHERE sha", part), part)
            )
        return by_sha

    def oid(self, blob: int) -> bytes:
        """Raw id of a blob by number."""
        (raw,) = self.database.execute("SELECT oid FROM blobs WHERE n = ?", (blob,)).fetchone()
        return bytes(raw)

    def comings(self, path: str) -> list[tuple[int, int, int]]:
        """(commit, blob, +1 or -1) of every change of one file."""
        query = "SELECT at, blob, sign FROM touch JOIN paths ON touch.path = paths.n "
        name = path.encode("utf-8", "surrogateescape")
        return self.database.execute(query + "WHERE paths.path = ?", (name,)).fetchall()

    def changes(self, files: Iterable[str], low: int) -> list[tuple[int, int]]:
        """(path, commit) of every change of the files, from commit ``low`` on."""
        query = "SELECT paths.n, touch.at FROM paths JOIN touch ON touch.path = paths.n "
        rows: list[tuple[int, int]] = []
        names = sorted(name.encode("utf-8", "surrogateescape") for name in files)
        for part in _parts(names):
            asked = _among(query + "WHERE touch.at >= ? AND paths.path", part)
            rows += self.database.execute(asked, (low, *part))
        return rows

    def beneath(self, directory: str) -> tuple[list[tuple[int, int]], dict[int, str]]:
        """(path, commit) of every change of a blob beneath a directory, by commit, and the names
        of the paths."""
        where, values = "", tuple[bytes, ...]()
        if directory:
            name = directory.encode("utf-8", "surrogateescape")
            where, values = "WHERE path > ? AND path < ?", (name + b"/", name + b"0")
        names = self.database.execute(f"SELECT n, path FROM paths {where}", values).fetchall()
        among = f"WHERE path IN (SELECT n FROM paths {where})" if directory else ""
        rows = self.database.execute(
            f"SELECT DISTINCT path, at FROM touch {among} ORDER BY at", values
        ).fetchall()
        return rows, {n: path.decode("utf-8", "surrogateescape") for n, path in names}

    def dockerfiles(self) -> tuple[str, ...]:
        """Every path that any commit held and that is named like a Dockerfile."""
        query = "SELECT path FROM paths WHERE lower(path) LIKE '%dockerfile%'"
        query += " OR lower(path) LIKE '%containerfile%'"
        rows = self.database.execute(query)
        paths = (os.fsdecode(path) for (path,) in rows)
        return tuple(sorted(path for path in paths if is_dockerfile(path)))

    def touching(self, directories: Collection[str], files: Collection[str]) -> set[int]:
        """Commits whose first-parent diff touches a blob beneath a directory (``""`` is the whole
        tree) or one of the files."""
        if "" in directories:
            return set(range(len(self.history.shas)))
        query = "SELECT DISTINCT at FROM touch JOIN paths ON touch.path = paths.n WHERE "
        commits: set[int] = set()
        for directory in directories:
            name = directory.encode("utf-8", "surrogateescape")
            rows = self.database.execute(
                query + "paths.path > ? AND paths.path < ?", (name + b"/", name + b"0")
            )
            commits.update(at for (at,) in rows)
        for file in files:
            name = file.encode("utf-8", "surrogateescape")
            commits.update(at for (at,) in self.database.execute(query + "paths.path = ?", (name,)))
        return commits


def open_index(path: Path, cache: Path, *, key: str = "", every_ref: bool = False) -> Index:
    """Open the repository at ``path``, bringing its index in the folder ``cache`` up to date.

    Refs are branches, tags, remote branches, HEAD and the reflog; with ``every_ref`` all of them
    (pull-request refs cost four times as much). Raises GitError.
    """
    common, format_, shallow = _about(path)
    tips = _tips(path, every_ref=every_ref)
    name = hashlib.sha256(str(common).encode("utf-8", "surrogateescape")).hexdigest()[:24]
    cache.mkdir(parents=True, exist_ok=True)
    file = cache / f"git-{name}-v{SCHEMA}.sqlite"
    cut = _fingerprint(common / "shallow")
    try:
        database = updated(file, path, tips, format_, cut)
    except sqlite3.DatabaseError:
        file.unlink(missing_ok=True)  # a damaged cache is made again
        database = updated(file, path, tips, format_, cut)
    history = _history(database, tips)
    return Index(key or path.resolve().name, path, format_, shallow, history, database)


def _about(path: Path) -> tuple[Path, str, bool]:
    answer = run(
        path,
        "rev-parse",
        "--path-format=absolute",
        "--git-common-dir",
        "--show-object-format",
        "--is-shallow-repository",
    )
    common, format_, shallow = os.fsdecode(answer).removesuffix("\n").rsplit("\n", 2)
    return Path(common), format_, shallow == "true"


def _tips(path: Path, *, every_ref: bool) -> dict[str, bytes]:
    """Ref name to raw commit id; unnamed ones of the reflog under a name of their own."""
    spaces = () if every_ref else ("refs/heads", "refs/tags", "refs/remotes")
    listed = run(path, "for-each-ref", "--format=%(objectname) %(refname)", *spaces)
    names = [line.split(b" ", 1) for line in listed.splitlines()]
    asked = [(ref, oid + b"^{commit}") for oid, ref in names] + [(b"HEAD", b"HEAD^{commit}")]
    resolved = resolve(path, [name for _, name in asked])
    tips = {
        ref.decode("utf-8", "surrogateescape"): object_[0]
        for (ref, _), object_ in zip(asked, resolved, strict=True)
        if object_ and object_[1] == "commit"
    }
    if tips:
        # With an empty reflog and no other revision, rev-list prints its usage and fails.
        start = next(iter(tips.values())).hex()
        for sha in run(path, "rev-list", "--no-walk", "--reflog", start).split():
            tips[f"reflog:{sha.decode()}"] = bytes.fromhex(sha.decode())
    return tips


def _history(database: sqlite3.Connection, tips: dict[str, bytes]) -> History:
    shas: list[bytes] = []
    parents: list[tuple[int, ...]] = []
    times: list[int] = []
    first = array("i")
    for sha, packed, time in database.execute("SELECT sha, parents, time FROM commits ORDER BY n"):
        above = tuple(array("i", packed))
        shas.append(sha)
        parents.append(above)
        first.append(above[0] if above else -1)
        times.append(time)
    numbers = {sha: n for n, sha in enumerate(shas)} if tips else {}
    alive = bytearray(len(shas))
    for sha in tips.values():
        if sha in numbers:
            alive[numbers[sha]] = 1
    for n in range(len(shas) - 1, -1, -1):
        if alive[n]:
            for parent in parents[n]:
                alive[parent] = 1
    refs = sorted((ref, numbers[sha]) for ref, sha in tips.items() if sha in numbers)
    named = tuple((ref, n) for ref, n in refs if not ref.startswith("reflog:"))
    return History(shas, parents, first, times, bytes(alive), named)


def _fingerprint(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def _parts(values: Sequence[int] | Sequence[bytes]) -> Iterator[Sequence[int] | Sequence[bytes]]:
    for at in range(0, len(values), _CHUNK):
        yield values[at : at + _CHUNK]


def _among(query: str, values: Sequence[object]) -> str:
    return f"{query} IN ({','.join('?' * len(values))})"
