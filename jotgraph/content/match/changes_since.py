"""Finds commits after an image's matches that change its files or its build inputs.

Only the refs' first-parent lines count, read from the index without trees. A commit changes the
paths that differ from its first parent, merges too, which on a ref's line is what the line gained
by it. Considered are commits on a ref's line that are not ancestors of every match.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

import msgspec

from jotgraph.content.directories import relative, under
from jotgraph.content.history.dockerignore import ignored
from jotgraph.content.history.index import Index
from jotgraph.content.match.trees import Trees

_STARTS = 60
"""With more unrelated oldest matches than this, nothing is left out as their common history."""


class Area(msgspec.Struct, frozen=True):
    """Paths of a repository, in any commit."""

    units: tuple[tuple[str, str], ...] = ()
    """(directory, pattern of its own files' names); everything below it without a pattern. What
    ``.dockerignore`` excludes is not meant."""
    files: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()


class ChangesSince:
    """Questions about one repository. ``tips`` are commits (hex SHAs) whose lines matter beside
    those of the refs in the index; ``complete`` is false when the index lacks one of them."""

    def __init__(self, index: Index, trees: Trees, tips: Iterable[str] = ()) -> None:
        self._index = index
        self._trees = trees
        history = index.history
        wanted = sorted({bytes.fromhex(sha) for sha in tips})
        numbers = index.numbers(wanted)
        self.dockerfiles = index.dockerfiles()
        self.complete = len(numbers) == len(wanted)
        head = [n for ref, n in history.refs if ref == "HEAD"]
        self.head = head[0] if head else None
        self._head = self._line(head)
        self._lines = self._line([*(n for _, n in history.refs), *numbers.values()])
        self._events: dict[str, tuple[array[int], array[int]]] = {}
        self._names: dict[int, str] = {}
        self._versions: dict[str, array[int] | None] = {}
        self._texts: dict[int, bytes] = {}

    def known(self, path: str) -> bool:
        """Return whether any commit ever had a file at ``path``."""
        return self._version(path) is not None

    def open(self, members: Sequence[int]) -> bytearray:
        """Return 1 for each commit of a line that is not an ancestor of every one of
        ``members``."""
        parents = self._index.history.parents
        inside = set(members)
        starts = sorted(n for n in members if inside.isdisjoint(parents[n]))
        mark = bytearray(self._lines)
        if len(starts) > _STARTS:
            return mark
        everyone = (1 << len(starts)) - 1
        reach = [0] * (starts[-1] + 1)
        for bit, start in enumerate(starts):
            reach[start] = 1 << bit
        for n in range(starts[-1], -1, -1):
            reached_by = reach[n]
            if reached_by:
                for parent in parents[n]:
                    reach[parent] |= reached_by
                if reached_by == everyone:
                    mark[n] = 0
        return mark

    def touching(self, area: Area, among: bytearray, ignores: Sequence[str]) -> list[int]:
        """Return the commits marked in ``among`` that change the area: those of HEAD's line first,
        each line newest first. ``ignores`` are the ``.dockerignore`` files that apply."""
        low = among.find(1)
        if low < 0:
            return []
        commits = {at for _, at in self._index.changes(area.files, low) if among[at]}
        ignores = [name for name in ignores if self.known(name)]
        for directory, pattern in area.units:
            for name, at in self._beneath(directory, low):
                if at in commits or not among[at]:
                    continue
                path = self._names[name]
                fits = not pattern or (
                    path.rpartition("/")[0] == directory
                    and fnmatchcase(path.rpartition("/")[2], pattern)
                )
                if fits and path not in area.without and not self._ignored(path, at, ignores):
                    commits.add(at)
        return sorted(commits, key=lambda n: (-self._head[n], -n))

    def _line(self, tips: Iterable[int]) -> bytearray:
        """1 for the tips and all their first parents."""
        first = self._index.history.first
        mark = bytearray(len(first))
        for n in tips:
            while n >= 0 and not mark[n]:
                mark[n] = 1
                n = first[n]
        return mark

    def _beneath(self, directory: str, low: int) -> Iterator[tuple[int, int]]:
        """(path, commit) of each change below a directory, from commit ``low`` on."""
        if directory not in self._events:
            rows, names = self._index.beneath(directory)
            self._names.update(names)
            self._events[directory] = (
                array("i", (at for _, at in rows)),
                array("i", (name for name, _ in rows)),
            )
        times, paths = self._events[directory]
        start = bisect_left(times, low)
        return zip(paths[start:], times[start:], strict=True)

    def _ignored(self, path: str, at: int, ignores: Sequence[str]) -> bool:
        """Whether the ignore files exclude the path, before and after the commit."""
        first = self._index.history.first[at]
        return self._left_out(path, at, ignores) and (
            first < 0 or self._left_out(path, first, ignores)
        )

    def _left_out(self, path: str, at: int, ignores: Sequence[str]) -> bool:
        for name in ignores:
            versions, top = self._version(name), name.rpartition("/")[0]
            if versions is None or versions[at] < 0 or not under(path, top):
                continue
            if ignored(self._text(versions[at]))(relative(path, top)):
                return True
        return False

    def _version(self, path: str) -> array[int] | None:
        """The blob number of a file in each commit, -1 for none; None when it never existed."""
        if path not in self._versions:
            rows = self._index.comings(path)
            self._versions[path] = self._spread(rows) if rows else None
        return self._versions[path]

    def _spread(self, rows: Sequence[tuple[int, int, int]]) -> array[int]:
        changed = {at: -1 for at, _, sign in rows if sign < 0}
        changed |= {at: blob for at, blob, sign in rows if sign > 0}
        first = self._index.history.first
        versions = array("i", [-1]) * (len(first) + 1)  # the last place: before a root, nothing
        for n, parent in enumerate(first):
            versions[n] = changed[n] if n in changed else versions[parent]
        return versions

    def _text(self, blob: int) -> bytes:
        if blob not in self._texts:
            self._texts[blob] = self._trees.blob(self._index.oid(blob))
        return self._texts[blob]
