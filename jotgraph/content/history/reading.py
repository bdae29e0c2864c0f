"""Adds commits from ``git log`` to the columns.

Hundreds of thousands of changes are parsed a piece at a time, column by column: a loop over them
would take longer than git itself. The newest commit comes first, since git would hold all of
history in memory to reverse it, and the columns are reversed at the end.
"""

from __future__ import annotations

import re
from array import array
from binascii import unhexlify
from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from itertools import chain, compress, count, islice, repeat
from operator import itemgetter
from pathlib import Path

from jotgraph.content.history.columns import NOTHING, Columns, packed, split
from jotgraph.sources.git.command import GitError, pages

_WORDS = (
    "log --stdin --topo-order --raw -z --no-abbrev --no-renames --diff-merges=first-parent"
    " --full-history --no-ext-diff --no-textconv --no-color --no-notes --no-mailmap"
    " --no-show-signature --ignore-submodules=none"
)
_FORMAT = "--format=%ct %H %P%x00"
"""A commit is two tokens, like a change (modes and ids; path), so that they need not be told
apart."""
_GITLINK = b"160000"
_MODES = re.compile(rb"\n?:[0-7]{6} [0-7]{6} ")
"""What stands before the ids of a change; a line end before the first one of a commit."""


def log(path: Path, tips: Sequence[str], limits: Sequence[str]) -> Generator[bytes]:
    """Yield pieces of the log of the commits in the history of ``tips`` and not of ``limits``."""
    if not tips:
        return
    revisions = "".join(f"{sha}\n" for sha in tips) + "".join(f"^{sha}\n" for sha in limits)
    yield from pages(path, *_WORDS.split(), _FORMAT, stdin=revisions.encode())


class Reader:
    """Collects pieces of the log for the columns."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._rest = b""
        """What came after the last whole pair of tokens."""
        self._shas: list[bytes] = []
        """Of the commits, newest first; so are the next three, each with an item a commit."""
        self._times: array[int] = array("q")
        self._parents: list[bytes] = []
        self._sizes: list[int] = []
        """Of each the number of its changes."""
        self._paths: array[int] = array("i")
        """Of the changes, newest first; so are the next two."""
        self._before: list[bytes] = []
        """Raw ids, a piece's at a time, of which the newest is the last one."""
        self._after: array[int] = array("i")
        self._path_numbers = _numbering(columns.path_numbers)
        self._blob_numbers = columns.blob_numbers
        self._nothing = b"0" * (2 * columns.width)
        self._blob_numbers[self._nothing] = NOTHING
        self._sha_of = itemgetter(slice(2 * columns.width))
        self._parents_of = itemgetter(slice(2 * columns.width + 1, None))
        ends = (-4 * columns.width - 3, -2 * columns.width - 3, -2 * columns.width - 2, -2)
        self._modes_of = itemgetter(slice(ends[0]))
        self._before_of = itemgetter(slice(ends[0], ends[1]))
        self._after_of = itemgetter(slice(ends[2], ends[3]))

    def piece(self, data: bytes) -> None:
        """Parse a piece of the log. Raises GitError for one that no ``git log`` writes."""
        data = self._rest + data
        tokens = data.split(b"\0")
        self._rest = tokens.pop()
        if len(tokens) % 2:
            self._rest = tokens.pop() + b"\0" + self._rest
        heads, names = tokens[0::2], tokens[1::2]
        starts = [place for place, name in enumerate(names) if not name]
        if self._sizes:
            self._sizes[-1] += starts[0] if starts else len(heads)
        ends = [*starts[1:], len(heads)] if starts else []
        self._sizes += [end - start - 1 for start, end in zip(starts, ends, strict=True)]
        self._changes(list(compress(heads, names)), filter(None, names))
        self._commits([heads[place].partition(b" ") for place in starts])

    def _commits(self, commits: list[tuple[bytes, bytes, bytes]]) -> None:
        """Add commits: (time, space, id and parents)."""
        self._times.frombytes(packed(map(int, map(itemgetter(0), commits)), "q"))
        ids = list(map(itemgetter(2), commits))
        self._shas += map(self._sha_of, ids)
        self._parents += map(self._parents_of, ids)

    def _changes(self, changes: list[bytes], names: Iterable[bytes]) -> None:
        modes = set(map(self._modes_of, changes))
        if not all(map(_MODES.fullmatch, modes)):
            raise GitError(f"git log said {min(changes, key=len)[:40]!r}")
        befores, ids = (list(map(of, changes)) for of in (self._before_of, self._after_of))
        if any(_GITLINK in two for two in modes):
            befores, ids = self._without_submodules(changes)
        self._before.append(unhexlify(b"".join(reversed(befores))))
        fresh = count(len(self._columns.oids) // (2 * self._columns.width))
        self._columns.oids += b"".join(ids)
        self._after.frombytes(packed(map(self._blob_numbers.setdefault, ids, fresh)))
        self._paths.frombytes(packed(map(self._path_numbers.__getitem__, names)))

    def _without_submodules(self, changes: list[bytes]) -> tuple[list[bytes], list[bytes]]:
        """The blobs before the changes, and those after them; of a submodule none."""
        modes = [change.lstrip(b"\n:").split(None, 2)[:2] for change in changes]
        both = (map(self._before_of, changes), map(self._after_of, changes))
        before, after = (
            [
                self._nothing if two[side] == _GITLINK else id_
                for two, id_ in zip(modes, ids, strict=True)
            ]
            for side, ids in enumerate(both)
        )
        return before, after

    def finish(self) -> None:
        """Add everything to the columns, parents before children. A commit that the columns contain
        already, and no tip led to when others were read, is skipped."""
        if self._rest:
            raise GitError("git log ended within a change")
        columns, numbers = self._columns, self._columns.commit_numbers
        del self._blob_numbers[self._nothing]
        columns.paths += islice(self._path_numbers, len(columns.path_numbers), None)
        self._path_numbers.default_factory = None
        columns.path_numbers = self._path_numbers
        shas, times, parents = self._shas[::-1], self._times[::-1], self._parents[::-1]
        sizes, paths, after = self._sizes[::-1], self._paths[::-1], self._after[::-1]
        before: Iterable[bytes] = reversed(self._before)
        if not numbers.keys().isdisjoint(shas):
            fresh = [sha not in numbers for sha in shas]
            kept = list(chain.from_iterable(map(repeat, fresh, sizes)))
            before = compress(split(b"".join(before), columns.width), kept)
            paths, after = (array("i", compress(column, kept)) for column in (paths, after))
            times = array("q", compress(times, fresh))
            shas, sizes = list(compress(shas, fresh)), list(compress(sizes, fresh))
            parents = list(compress(parents, fresh))
        commits = range(len(columns.times), len(columns.times) + len(shas))
        numbers.update(zip(shas, commits, strict=True))
        columns.shas += b"".join(shas)
        columns.times.extend(times)
        try:
            above = packed(map(numbers.__getitem__, b" ".join(parents).split()))
        except KeyError:  # a cut history names more
            known = ([sha for sha in line.split() if sha in numbers] for line in parents)
            parents = [b" ".join(shas) for shas in known]
            above = packed(map(numbers.__getitem__, b" ".join(parents).split()))
        columns.parents.frombytes(above)
        ids = 2 * columns.width + 1  # beside the space after it
        columns.parent_counts.frombytes(packed((len(line) + 1) // ids for line in parents))
        columns.append(chain.from_iterable(map(repeat, commits, sizes)), paths, before, after)


def _numbering(known: dict[bytes, int]) -> defaultdict[bytes, int]:
    """A dictionary that numbers keys in the order of their first lookup."""
    return defaultdict(count(len(known)).__next__, known)
