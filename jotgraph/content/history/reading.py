"""What ``git log`` says of commits that the columns lack, added to them.

Hundreds of thousands of changes are read a page at a time and each column of a page at once: a loop
over them would take longer than git itself. The newest commit comes first, since git holds all of
history in memory to turn it round, and the columns are turned round when all is read.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from itertools import chain, compress, count, islice, repeat
from operator import itemgetter
from pathlib import Path

from jotgraph.content.history.columns import NOTHING, Columns
from jotgraph.sources.git.command import GitError, token_lists

_WORDS = (
    "log --stdin --topo-order --raw -z --no-abbrev --no-renames --diff-merges=first-parent"
    " --full-history --no-ext-diff --no-textconv --no-color --no-notes --no-mailmap"
    " --no-show-signature --ignore-submodules=none"
)
_FORMAT = "--format=%H %ct %P%x00"
"""A commit is two tokens, as a change is (modes and ids; path): nobody has to look which comes."""
_GITLINK = b"160000"


def log(path: Path, tips: Sequence[str], limits: Sequence[str]) -> Generator[list[bytes]]:
    """Pages of tokens of the commits that ``tips`` lead to and ``limits`` do not, in pairs."""
    if not tips:
        return
    revisions = "".join(f"{sha}\n" for sha in tips) + "".join(f"^{sha}\n" for sha in limits)
    odd: list[bytes] = []
    for page in token_lists(path, *_WORDS.split(), _FORMAT, stdin=revisions.encode()):
        page[:0] = odd
        odd = [page.pop()] if len(page) % 2 else []
        yield page
    if odd:
        raise GitError(f"git log in {path} ended within a change")


class Reader:
    """Columns that pages of the log are added to."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
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
        self._modes_of = itemgetter(slice(ends[0] - 1))
        self._before_of = itemgetter(slice(ends[0], ends[1]))
        self._after_of = itemgetter(slice(ends[2], ends[3]))

    def page(self, tokens: list[bytes]) -> None:
        """Take a page. Raises GitError for one that no ``git log`` writes."""
        heads, names = tokens[0::2], tokens[1::2]
        starts = [place for place, name in enumerate(names) if not name]
        changes = list(compress(heads, names))
        # a line end stands before the first change of a commit
        size = 2 * len(self._nothing) + 18
        if not set(map(len, changes)) <= {size, size + 1}:
            raise GitError(f"git log said {min(changes, key=len)[:40]!r}")
        if self._sizes:
            self._sizes[-1] += starts[0] if starts else len(heads)
        ends = [*starts[1:], len(heads)] if starts else []
        self._sizes += [end - start - 1 for start, end in zip(starts, ends, strict=True)]
        commits = [heads[place].split() for place in starts]
        self._shas += [words[0] for words in commits]
        self._times.extend(map(int, map(itemgetter(1), commits)))
        self._parents += [words[2:] for words in commits]
        self._paths.extend(map(self._path_numbers.__getitem__, filter(None, names)))
        before: Iterable[bytes] = map(self._before_of, changes)
        after: Iterable[bytes] = map(self._after_of, changes)
        if any(_GITLINK in modes for modes in set(map(self._modes_of, changes))):
            before, after = self._without_submodules(changes)
        ids = chain.from_iterable(zip(before, after, strict=True))
        self._blobs.extend(map(self._blob_numbers.__getitem__, ids))

    def _without_submodules(self, changes: list[bytes]) -> tuple[list[bytes], list[bytes]]:
        """The blobs before, and those after the changes; of submodules none."""
        rows = [change.lstrip(b"\n:").split()[:4] for change in changes]
        return (
            [self._nothing if mode == _GITLINK else id_ for mode, _, id_, _ in rows],
            [self._nothing if mode == _GITLINK else id_ for _, mode, _, id_ in rows],
        )

    def finish(self) -> None:
        """Add what all pages said, parents before children. A commit that the columns hold, to
        which no tip led any more when others were read, is passed over."""
        columns, numbers = self._columns, self._columns.commit_numbers
        del self._blob_numbers[self._nothing]
        columns.oids += b"".join(islice(self._blob_numbers, len(columns.blob_numbers), None))
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
        if not numbers.keys() >= set(chain.from_iterable(parents)):  # a cut history names more
            parents = [[sha for sha in above if sha in numbers] for above in parents]
        columns.shas += b"".join(shas)
        columns.times.extend(times)
        columns.parents.extend(map(numbers.__getitem__, chain.from_iterable(parents)))
        columns.parent_counts.extend(map(len, parents))
        columns.append(chain.from_iterable(map(repeat, commits, sizes)), *changes)


def _numbering(known: dict[bytes, int]) -> defaultdict[bytes, int]:
    """Numbers by key, where a key that is looked up first gets the next one."""
    return defaultdict(count(len(known)).__next__, known)
