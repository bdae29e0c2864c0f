"""The history of a repository as columns in memory: commits, blobs, paths, and every change.

A change is what a commit's diff against its first parent does at one path: the blob before and the
blob after it. First-parent diffs compose along first parents, so sums over them are exact in any
history. Changes are kept in the order of their commits, and each points to the one before it of the
same path, and with the same blob after it: what happened to a path, and where a blob came to, is
found by following the pointers, and nothing is sorted. Where a blob went is found among the changes
of the paths that it came to.
"""

from __future__ import annotations

from array import array
from binascii import hexlify, unhexlify
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from struct import pack

NOTHING = -1
"""Stands for no blob (after a file was removed), and for no earlier change."""


class Columns:
    """A repository's history in columns. Numbers start at 0; commits are numbered with parents
    before children, everything else in order of appearance. Ids are stored back to back."""

    def __init__(self, width: int) -> None:
        self.width = width
        """The length of an object id in bytes."""
        self.shas = bytearray()
        self.times: array[int] = array("q")
        self.parents: array[int] = array("i")
        self.parent_counts: array[int] = array("i")
        self.oids = bytearray()
        """The id after each change, in the order of reading. A blob's number is the position of its
        first id; the other positions are no blob's, and neither are the zeros of removed files."""
        self.paths: list[bytes] = []
        self.at: array[int] = array("i")
        """The commit of each change."""
        self.path: array[int] = array("i")
        self.before = bytearray()
        """The raw id of the blob before each change; zeros for none."""
        self.after: array[int] = array("i")
        self.link_path: array[int] = array("i")
        """For each change the previous one of its path."""
        self.link_after: array[int] = array("i")
        """For each change the previous one that introduced the same blob."""
        self.last_path: array[int] = array("i")
        """The last change of each path."""
        self.last_after: array[int] = array("i")

    @cached_property
    def commit_numbers(self) -> dict[bytes, int]:
        return {sha: n for n, sha in enumerate(split(self.shas, 2 * self.width))}

    @cached_property
    def blob_numbers(self) -> dict[bytes, int]:
        ids = split(self.oids, 2 * self.width)
        numbers = dict(zip(reversed(ids), range(len(ids) - 1, -1, -1), strict=True))
        numbers.pop(b"0" * (2 * self.width), None)
        return numbers

    @cached_property
    def path_numbers(self) -> dict[bytes, int]:
        return {path: n for n, path in enumerate(self.paths)}

    def oid(self, blob: int) -> bytes:
        """Raw id of a blob."""
        return unhexlify(self.oids[2 * blob * self.width : 2 * (blob + 1) * self.width])

    def oid_before(self, change: int) -> bytes:
        """Raw id of the blob before a change; zeros for none."""
        return bytes(self.before[change * self.width : (change + 1) * self.width])

    def parents_of_each(self) -> Iterator[tuple[int, ...]]:
        """The numbers of each commit's parents."""
        above = iter(self.parents)
        for count in self.parent_counts:
            yield (next(above),) if count == 1 else tuple(islice(above, count))

    def coming(self, blob: int) -> Iterator[int]:
        """Yield the changes that introduce a blob at a path, the last first."""
        return _followed(self.last_after[blob], self.link_after)

    def of_path(self, path: int) -> Iterator[int]:
        """Changes of a path, the last first."""
        return _followed(self.last_path[path], self.link_path)

    def append(
        self,
        at: Iterable[int],
        paths: Sequence[int],
        before: Iterable[bytes],
        after: Sequence[int],
    ) -> None:
        """Append changes whose commits, paths and new blobs have numbers already."""
        first = len(self.at)
        self.at.frombytes(packed(at))
        self.path.extend(paths)
        self.before += b"".join(before)
        self.after.extend(after)
        blobs = len(self.oids) // (2 * self.width)
        for values, last, links, known in (
            (paths, self.last_path, self.link_path, len(self.paths)),
            (after, self.last_after, self.link_after, blobs),
        ):
            places = [*last, *[NOTHING] * (known - len(last) + 1)]  # the last is that of NOTHING
            chained: list[int] = []
            for change, value in enumerate(values, first):
                chained.append(places[value])
                places[value] = change
            links.frombytes(packed(chained))
            last[:] = array("i", packed(places[:-1]))


def packed(numbers: Iterable[int], code: str = "i") -> bytes:
    """Pack numbers into an array of this type, four times faster than filling it one by one."""
    whole = tuple(numbers)
    return pack(f"{len(whole)}{code}", *whole)


def _followed(change: int, links: Sequence[int]) -> Iterator[int]:
    while change >= 0:
        yield change
        change = links[change]


def split(ids: bytes | bytearray, width: int) -> list[bytes]:
    """Split ids that are stored back to back."""
    whole = bytes(ids)
    return [whole[start : start + width] for start in range(0, len(whole), width)]


ARRAYS: Mapping[str, str] = {
    "times": "q",
    "parents": "i",
    "parent_counts": "i",
    "at": "i",
    "path": "i",
    "after": "i",
    "link_path": "i",
    "link_after": "i",
    "last_path": "i",
    "last_after": "i",
}


def to_bytes(columns: Columns) -> dict[str, bytes]:
    """Return the columns by name, in their stored form."""
    stored = {name: getattr(columns, name).tobytes() for name in ARRAYS}
    paths = b"".join(path + b"\0" for path in columns.paths)
    ids = {"shas": unhexlify(columns.shas), "oids": unhexlify(columns.oids)}
    return {**stored, **ids, "before": bytes(columns.before), "paths": paths}


def from_bytes(width: int, stored: Mapping[str, bytes]) -> Columns:
    """Restore stored columns. Raises ValueError when they cannot be those of one history."""
    columns = Columns(width)
    for name in ARRAYS:
        getattr(columns, name).frombytes(stored.get(name, b""))
    columns.shas += hexlify(stored.get("shas", b""))
    columns.oids += hexlify(stored.get("oids", b""))
    columns.before += stored.get("before", b"")
    columns.paths = stored.get("paths", b"").split(b"\0")[:-1]
    commits, blobs = (len(stored.get(name, b"")) / width for name in ("shas", "oids"))
    lengths = {
        (len(columns.times), commits),
        (len(columns.parent_counts), commits),
        (len(columns.parents), sum(columns.parent_counts)),
        (len(columns.before), len(columns.at) * width),
        (len(columns.last_path), len(columns.paths)),
        (len(columns.last_after), blobs),
        *((len(getattr(columns, name)), len(columns.at)) for name in ARRAYS if _of_changes(name)),
    }
    if any(length != wanted for length, wanted in lengths):
        raise ValueError("columns of different histories")
    return columns


def _of_changes(name: str) -> bool:
    return name in ("path", "after") or name.startswith("link_")
