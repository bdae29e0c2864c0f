"""An index of every place where every blob of a repository ever was, in a file that only grows."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from array import array
from binascii import hexlify, unhexlify
from collections.abc import Collection, Iterable, Mapping
from itertools import takewhile
from pathlib import Path

import msgspec

from jotgraph.content.history.columns import NOTHING, Columns, split
from jotgraph.content.history.dockerfile import is_dockerfile
from jotgraph.content.history.index_store import SCHEMA, updated
from jotgraph.content.history.objects import resolve
from jotgraph.sources.git.command import GitError, run


class CommitHistory(msgspec.Struct, frozen=True):
    """All commits, parents before children; a commit's number is its position."""

    shas: list[bytes]
    parents: list[tuple[int, ...]]
    first: array[int]
    """First parent's number; -1 for a root."""
    times: list[int]
    """Committer time, seconds since 1970."""
    alive: bytes
    """1 for a commit that a ref (or the reflog) still leads to."""
    refs: tuple[tuple[str, int], ...]


Touch = tuple[int, int, int, int]
"""(blob, path, commit, +1 or -1), as numbers: a commit added a blob at a path, or removed it."""


class Index(msgspec.Struct, frozen=True):
    """One repository, open for questions. ``shallow`` and ``object_format`` as git says."""

    key: str
    path: Path
    object_format: str
    shallow: bool
    history: CommitHistory
    columns: Columns

    def known(self, ids: Iterable[bytes]) -> dict[bytes, int]:
        """Return the numbers of those blob ids that some commit contained."""
        return _numbers(self.columns.blob_numbers, ids)

    def touches(self, blobs: Iterable[int]) -> list[Touch]:
        """Return every addition and removal of these blobs."""
        columns, rows = self.columns, list[Touch]()
        path, at = columns.path, columns.at
        by_id: dict[bytes, int] = {}
        since: dict[int, int] = {}
        for blob in blobs:
            by_id[columns.oid(blob)] = blob
            for change in columns.coming(blob):
                rows.append((blob, path[change], at[change], 1))
                since[path[change]] = min(change, since.get(path[change], change))
        for number, first in since.items():  # a blob went from a path that it had come to
            for change in takewhile(first.__lt__, columns.of_path(number)):
                if (blob := by_id.get(columns.oid_before(change), NOTHING)) != NOTHING:
                    rows.append((blob, number, at[change], -1))
        return sorted(rows)

    def paths(self, numbers: Iterable[int]) -> dict[int, str]:
        names = self.columns.paths
        return {number: os.fsdecode(names[number]) for number in set(numbers)}

    def known_paths(self, paths: Iterable[str]) -> set[str]:
        """Return those of some paths at which a commit ever had a file."""
        numbers = self.columns.path_numbers
        return {path for path in paths if os.fsencode(path) in numbers}

    def base_names(self) -> frozenset[str]:
        """Return the base names of all files that a commit ever contained."""
        return frozenset(os.fsdecode(path).rpartition("/")[2] for path in self.columns.paths)

    def numbers(self, shas: Iterable[bytes]) -> dict[bytes, int]:
        """Return the numbers of the raw commit ids that the index contains."""
        return _numbers(self.columns.commit_numbers, shas)

    def oid(self, blob: int) -> bytes:
        """Return the raw id of a blob by its number."""
        return self.columns.oid(blob)

    def comings(self, path: str) -> list[tuple[int, int, int]]:
        """Return (commit, blob, +1 or -1) of every change of one file, oldest first."""
        columns, rows = self.columns, list[tuple[int, int, int]]()
        for number in self._among([path]):
            for change in columns.of_path(number):
                before = columns.blob_numbers.get(hexlify(columns.oid_before(change)), NOTHING)
                for blob, sign in ((columns.after[change], 1), (before, -1)):
                    if blob != NOTHING:
                        rows.append((columns.at[change], blob, sign))
        return rows[::-1]

    def changes(self, files: Iterable[str], low: int) -> list[tuple[int, int]]:
        """(path, commit) of every change of the files, from commit ``low`` on."""
        columns, rows = self.columns, list[tuple[int, int]]()
        for number in self._among(files):
            changes = (columns.at[change] for change in columns.of_path(number))
            rows += [(number, at) for at in takewhile(low.__le__, changes)]
        return rows

    def beneath(self, directory: str) -> tuple[list[tuple[int, int]], dict[int, str]]:
        """(path, commit) of every change of a blob beneath a directory, by commit, and the names
        of the paths."""
        columns, inside = self.columns, self._beneath(directory)
        if directory:
            changes = sorted(change for path in inside for change in columns.of_path(path))
            rows = [(columns.path[change], columns.at[change]) for change in changes]
        else:
            rows = list(zip(columns.path, columns.at, strict=True))
        return rows, self.paths(inside)

    def submodules(self) -> frozenset[str]:
        """Return every path at which a commit added a submodule or moved it to another commit."""
        columns = self.columns
        if b".gitmodules" not in columns.path_numbers:
            return frozenset()
        numbers = {
            columns.path[change]
            for change, after in enumerate(columns.after)
            if after == NOTHING and not any(columns.oid_before(change))
        }
        return frozenset(self.paths(numbers).values())

    def dockerfiles(self) -> tuple[str, ...]:
        """Return every path that was ever named like a Dockerfile."""
        return tuple(sorted(filter(is_dockerfile, map(os.fsdecode, self.columns.paths))))

    def touching(self, directories: Collection[str], files: Collection[str]) -> set[int]:
        """Return the commits whose first-parent diff changes a file below a directory (``""`` is
        the whole tree) or one of the files."""
        if "" in directories:
            return set(range(len(self.history.shas)))
        paths = {path for directory in directories for path in self._beneath(directory)}
        paths.update(self._among(files))
        at = self.columns.at
        return {at[change] for path in paths for change in self.columns.of_path(path)}

    def _among(self, files: Iterable[str]) -> list[int]:
        numbers = self.columns.path_numbers
        names = sorted({os.fsencode(file) for file in files})
        return [numbers[name] for name in names if name in numbers]

    def _beneath(self, directory: str) -> list[int]:
        top = os.fsencode(f"{directory}/") if directory else b""
        return [number for number, path in enumerate(self.columns.paths) if path.startswith(top)]


def open_index(path: Path, cache: Path, *, key: str = "", every_ref: bool = False) -> Index:
    """Open the repository at ``path`` and update its index in the folder ``cache``. Refs are
    branches, tags, remote branches, HEAD and the reflog; with ``every_ref`` all of them
    (pull-request refs cost four times as much). Raises GitError."""
    common, format_, shallow, head = _about(path)
    tips = _tips(path, head, every_ref=every_ref)
    name = hashlib.sha256(str(common).encode("utf-8", "surrogateescape")).hexdigest()[:24]
    cache.mkdir(parents=True, exist_ok=True)
    file = cache / f"git-{name}-v{SCHEMA}.sqlite"
    cut = _fingerprint(common / "shallow")
    try:
        columns = updated(file, path, tips, format_, cut)
    except sqlite3.DatabaseError:
        file.unlink(missing_ok=True)  # a damaged cache is made again
        columns = updated(file, path, tips, format_, cut)
    for outdated in cache.glob(f"git-{name}-v*.sqlite"):
        if outdated != file:
            outdated.unlink(missing_ok=True)
    return Index(
        key or path.resolve().name, path, format_, shallow, _history(columns, tips), columns
    )


def _about(path: Path) -> tuple[Path, str, bool, bytes]:
    """The folder that all work trees share, the object format, whether history is cut off, and the
    raw id of HEAD's commit, empty where nothing is committed."""
    words = ("rev-parse", "--path-format=absolute", "--git-common-dir", "--show-object-format")
    more = ("--is-shallow-repository",)
    try:
        answer = run(path, *words, *more, "HEAD^{commit}")
    except GitError:
        answer = run(path, *words, *more) + b"\n"
    common, format_, shallow, head = os.fsdecode(answer).removesuffix("\n").rsplit("\n", 3)
    return Path(common), format_, shallow == "true", bytes.fromhex(head)


def _tips(path: Path, head: bytes, *, every_ref: bool) -> dict[str, bytes]:
    """Ref name -> raw commit id; entries of the reflog get names of their own."""
    spaces = () if every_ref else ("refs/heads", "refs/tags", "refs/remotes")
    form = "%(objecttype) %(objectname) %(refname)"
    listed = run(path, "for-each-ref", f"--format={form}", *spaces)
    names = [line.split(b" ", 2) for line in listed.splitlines()]
    tags = [oid for kind, oid, _ in names if kind == b"tag"]
    peeled = zip(tags, resolve(path, [oid + b"^{commit}" for oid in tags]), strict=True)
    commits = {oid: target[0] for oid, target in peeled if target and target[1] == "commit"}
    commits |= {oid: unhexlify(oid) for kind, oid, _ in names if kind == b"commit"}
    tips = {
        ref.decode("utf-8", "surrogateescape"): commits[oid]
        for _, oid, ref in names
        if oid in commits
    }
    if head:
        tips["HEAD"] = head
    if tips:
        # With an empty reflog and no other revision, rev-list prints its usage and fails.
        start = next(iter(tips.values())).hex()
        for sha in run(path, "rev-list", "--no-walk", "--reflog", start).split():
            tips[f"reflog:{sha.decode()}"] = bytes.fromhex(sha.decode())
    return tips


def _history(columns: Columns, tips: dict[str, bytes]) -> CommitHistory:
    shas = split(unhexlify(columns.shas), columns.width)
    parents = list(columns.parents_of_each())
    first = array("i", (above[0] if above else -1 for above in parents))
    numbers = columns.commit_numbers
    named = {ref: numbers.get(hexlify(sha)) for ref, sha in tips.items()}
    refs = sorted((ref, number) for ref, number in named.items() if number is not None)
    kept = tuple((ref, n) for ref, n in refs if not ref.startswith("reflog:"))
    alive = _alive(columns, parents, {number for _, number in refs})
    return CommitHistory(shas, parents, first, columns.times.tolist(), alive, kept)


def _alive(columns: Columns, parents: list[tuple[int, ...]], tips: set[int]) -> bytes:
    """1 for each commit in the history of the tips."""
    if set(range(len(parents))).difference(columns.parents) <= tips:
        return b"\1" * len(parents)  # each commit without a child is a tip
    alive = bytearray(len(parents))
    for tip in tips:
        alive[tip] = 1
    for commit in range(len(parents) - 1, -1, -1):
        if alive[commit]:
            for parent in parents[commit]:
                alive[parent] = 1
    return bytes(alive)


def _numbers(numbers: Mapping[bytes, int], ids: Iterable[bytes]) -> dict[bytes, int]:
    by_hex = ((id_, numbers.get(hexlify(id_))) for id_ in ids)
    return {id_: number for id_, number in by_hex if number is not None}


def _fingerprint(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
