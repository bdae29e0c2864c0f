"""What ``git log`` says of commits that the columns lack, added to them.

Hundreds of thousands of changes are read a piece at a time and each column of it at once: a loop
over them would take longer than git itself. The newest commit comes first, since git holds all of
history in memory to turn it round, and the columns are turned round when all is read.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Generator, Sequence
from itertools import chain, compress, count, islice, repeat
from operator import itemgetter
from pathlib import Path

from jotgraph.content.history.columns import NOTHING, Columns, packed
from jotgraph.sources.git.command import GitError, pages

_WORDS = (
    "log --stdin --topo-order --raw -z --no-abbrev --no-renames --diff-merges=first-parent"
    " --full-history --no-ext-diff --no-textconv --no-color --no-notes --no-mailmap"
    " --no-show-signature --ignore-submodules=none"
)
_FORMAT = "--format=%H %ct %P%x00"
"""A commit is two tokens, as a change is (modes and ids; path): nobody has to look which comes."""
_GITLINK = b"160000"
_MODES = re.compile(rb"\n?:[0-7]{6} [0-7]{6} ")
"""What stands before the ids of a change; a line end before the first one of a commit."""


def log(path: Path, tips: Sequence[str], limits: Sequence[str]) -> Generator[bytes]:
    """Pieces of the log of the commits that ``tips`` lead to and ``limits`` do not."""
    if not tips:
        return
    revisions = "".join(f"{sha}\n" for sha in tips) + "".join(f"^{sha}\n" for sha in limits)
    yield from pages(path, *_WORDS.split(), _FORMAT, stdin=revisions.encode())


class Reader:
    """Columns that pieces of the log are added to."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._rest = b""
        """What came after the last whole pair of tokens."""
        self._shas: list[bytes] = []
        """Of the commits, newest first; so are the next three, each with an item a commit."""
        self._times: array[int] = array("q")
        self._parents: list[list[bytes]] = []
        self._sizes: list[int] = []
        """Of each the number of its changes."""
        self._paths: array[int] = array("i")
        self._blobs: array[int] = array("i")
        """Before and after the first change, before and after the next…"""
        self._path_numbers = _numbering(columns.path_numbers)
        self._blob_numbers = _numbering(columns.blob_numbers)
        self._nothing = b"0" * (2 * columns.width)
        self._blob_numbers[self._nothing] = NOTHING
        ends = (-4 * columns.width - 3, -2 * columns.width - 3, -2 * columns.width - 2, -2)
        self._modes_of = itemgetter(slice(ends[0]))
        self._ids_of = itemgetter(slice(ends[0], ends[1]), slice(ends[2], ends[3]))

    def piece(self, data: bytes) -> None:
        """Take a piece of the log. Raises GitError for one that no ``git log`` writes."""
        data = self._rest + data
        tokens = data.split(b"\0")
        self._rest = tokens.pop()
        if len(tokens) % 2:
            self._rest = tokens.pop() + b"\0" + self._rest
        heads, names = tokens[0::2], tokens[1::2]
        starts = [place for place, name in enumerate(names) if not name]
        changes = list(compress(heads, names))
        modes = set(map(self._modes_of, changes))
        if not all(map(_MODES.fullmatch, modes)):
            raise GitError(f"git log said {min(changes, key=len)[:40]!r}")
        if self._sizes:
            self._sizes[-1] += starts[0] if starts else len(heads)
        ends = [*starts[1:], len(heads)] if starts else []
        self._sizes += [end - start - 1 for start, end in zip(starts, ends, strict=True)]
        commits = [heads[place].split() for place in starts]
        self._shas += [words[0] for words in commits]
        self._times.frombytes(packed(map(int, map(itemgetter(1), commits)), "q"))
        self._parents += [words[2:] for words in commits]
        self._paths.frombytes(packed(map(self._path_numbers.__getitem__, filter(None, names))))
        pairs = map(self._ids_of, changes)
        if any(_GITLINK in two for two in modes):
            pairs = map(self._without_submodules, changes)
        numbers, known = self._blob_numbers, len(self._blob_numbers)
        self._blobs.frombytes(packed(map(numbers.__getitem__, chain.from_iterable(pairs))))
        fresh = list(islice(reversed(numbers), len(numbers) - known))
        self._columns.oids += b"".join(fresh[::-1])

    def _without_submodules(self, change: bytes) -> tuple[bytes, bytes]:
        """The blobs before and after a change; of a submodule none."""
        ids, modes = self._ids_of(change), change.lstrip(b"\n:").split()[:2]
        before, after = (
            self._nothing if mode == _GITLINK else id_ for mode, id_ in zip(modes, ids, strict=True)
        )
        return before, after

    def finish(self) -> None:
        """Add what all pieces said, parents before children. A commit that the columns hold, to
        which no tip led any more when others were read, is passed over."""
        if self._rest:
            raise GitError("git log ended within a change")
        columns, numbers = self._columns, self._columns.commit_numbers
        del self._blob_numbers[self._nothing]
        columns.paths += islice(self._path_numbers, len(columns.path_numbers), None)
        for numbering in (self._blob_numbers, self._path_numbers):
            numbering.default_factory = None
        columns.blob_numbers, columns.path_numbers = self._blob_numbers, self._path_numbers
        shas, times, parents = self._shas[::-1], self._times[::-1], self._parents[::-1]
        sizes = self._sizes[::-1]
        changes = [self._paths[::-1], self._blobs[-2::-2], self._blobs[::-2]]
        if not numbers.keys().isdisjoint(shas):
            fresh = [sha not in numbers for sha in shas]
            kept = list(chain.from_iterable(map(repeat, fresh, sizes)))
            changes = [array("i", compress(column, kept)) for column in changes]
            times = array("q", compress(times, fresh))
            shas, sizes = list(compress(shas, fresh)), list(compress(sizes, fresh))
            parents = list(compress(parents, fresh))
        commits = range(len(columns.times), len(columns.times) + len(shas))
        numbers.update(zip(shas, commits, strict=True))
        columns.shas += b"".join(shas)
        columns.times.extend(times)
        try:
            above = packed(map(numbers.__getitem__, chain.from_iterable(parents)))
        except KeyError:  # a cut history names more
            parents = [[sha for sha in shas if sha in numbers] for shas in parents]
            above = packed(map(numbers.__getitem__, chain.from_iterable(parents)))
        columns.parents.frombytes(above)
        columns.parent_counts.frombytes(packed(map(len, parents)))
        columns.append(chain.from_iterable(map(repeat, commits, sizes)), *changes)


def _numbering(known: dict[bytes, int]) -> defaultdict[bytes, int]:
    """Numbers by key, where a key that is looked up first gets the next one."""
    return defaultdict(count(len(known)).__next__, known)
