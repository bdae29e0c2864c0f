"""From the best-scored commits to those whose trees fit best: exact comparison of subtrees. Pure
but for the tree reader it is handed.

Commits with equal trees in the mapped directories form one group and are compared once; a tree
that several groups share is compared once too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from jotgraph.sources.content.voting import DirectoryMap, join, relative, under

TreeEntry = tuple[str, bool, bytes]
"""(name, whether it is a directory, raw id)."""
ReadTree = Callable[[bytes], Sequence[TreeEntry]]

_Trie = dict[str, "int | _Trie"]


class Missing(msgspec.Struct, frozen=True, order=True, gc=False):
    """A tracked file, or a whole directory (``path`` ends in ``/``), the image does not have."""

    path: str
    oid: bytes
    image_path: str


class Compared(msgspec.Struct, frozen=True):
    """One tree against the image: bit masks over the image's files, and what is missing."""

    equal: int = 0
    differ: int = 0
    missing: tuple[Missing, ...] = ()


class Files(msgspec.Struct, frozen=True):
    """The image's side of the comparison."""

    maps: tuple[DirectoryMap, ...]
    paths: tuple[str, ...]
    """Image paths; a file's bit is its place here."""
    ids: tuple[tuple[bytes, ...], ...]
    """The raw ids each may have."""
    tries: tuple[_Trie, ...]
    """Per map: names of the repository's side, down to the file's place."""
    neutral: tuple[int, ...]
    """Per map: files that another map explains; they are neither equal nor different here."""


def files(
    maps: tuple[DirectoryMap, ...],
    image: Mapping[str, tuple[bytes, ...]],
    assigned: Mapping[str, tuple[int, str]],
) -> Files:
    """``image`` holds the files beneath the maps with their ids, ``assigned`` (map number,
    repository path) of those that are explained."""
    paths = tuple(sorted(image))
    tries: list[_Trie] = []
    neutral: list[int] = []
    for number, each in enumerate(maps):
        trie: _Trie = {}
        others = 0
        for bit, path in enumerate(paths):
            place = assigned.get(path)
            if place is not None and place[0] == number:
                _put(trie, relative(place[1], each.repository), bit)
            elif under(path, each.image):
                _put(trie, relative(path, each.image), bit)
                others |= (place is not None) << bit
        tries.append(trie)
        neutral.append(others)
    ids = tuple(image[path] for path in paths)
    return Files(maps, paths, ids, tuple(tries), tuple(neutral))


def _put(trie: _Trie, path: str, bit: int) -> None:
    *parents, name = path.split("/")
    for part in parents:
        below = trie.get(part)
        if not isinstance(below, dict):
            below = trie[part] = {}
        trie = below
    trie.setdefault(name, bit)


def compare(
    image: Files, number: int, tree: bytes, read: ReadTree, memo: dict[object, Compared]
) -> Compared:
    """Map ``number``'s directory as it is in ``tree`` against the image."""
    return _compare(image, number, "", image.tries[number], tree, read, memo)


def _compare(
    image: Files,
    number: int,
    directory: str,
    trie: _Trie,
    tree: bytes,
    read: ReadTree,
    memo: dict[object, Compared],
) -> Compared:
    key = (number, directory, tree)
    known = memo.get(key)
    if known is not None:
        return known
    here = image.maps[number]
    equal = differ = 0
    missing: list[Missing] = []
    for name, is_directory, oid in read(tree):
        path = join(directory, name)
        below = trie.get(name)
        if is_directory and isinstance(below, dict):
            found = _compare(image, number, path, below, oid, read, memo)
            equal |= found.equal
            differ |= found.differ
            missing += found.missing
        elif isinstance(below, int) and not is_directory:
            bit = 1 << below
            if oid in image.ids[below]:
                equal |= bit
            elif not bit & image.neutral[number]:
                differ |= bit
        else:
            end = "/" if is_directory else ""
            missing.append(
                Missing(join(here.repository, path) + end, oid, join(here.image, path) + end)
            )
    memo[key] = found = Compared(equal, differ, tuple(missing))
    return found


class Group(msgspec.Struct, frozen=True):
    """Commits whose mapped directories are equal, against the image."""

    commits: tuple[int, ...]
    equal: int
    differ: int
    missing: tuple[Missing, ...]
    """After ``.dockerignore``, and without what a later layer is known to have deleted."""


class Refined(msgspec.Struct, frozen=True):
    commits: tuple[int, ...]
    group: Group
    """Of the newest of the commits."""
    penalty: int
    complete: bool
    """Every explained file lies in a directory that was copied whole."""
    files: Files


def choose(image: Files, groups: Sequence[Group], sources: Mapping[str, bool | None]) -> Refined:
    """The groups of least penalty: files that differ, files that others track and this one does
    not, and tracked files the image lacks, where some group shows the directory was copied whole.

    ``sources`` are the explained repository paths, each with whether its layer's history says a
    directory was copied (None: it does not say).
    """
    tracked = 0
    for group in groups:
        tracked |= group.equal | group.differ
    base = [
        group.differ.bit_count() + (tracked & ~(group.equal | group.differ)).bit_count()
        for group in groups
    ]
    least = min(base)
    candidates = [group for group, cost in zip(groups, base, strict=True) if cost == least]
    units = _units(
        [_lacking(group.missing) for group in candidates],
        sources,
        [each.repository for each in image.maps],
    )
    total = [
        cost + sum(any(under(item.path, unit) for unit in units) for item in group.missing)
        for group, cost in zip(groups, base, strict=True)
    ]
    penalty = min(total)
    best = [group for group, cost in zip(groups, total, strict=True) if cost == penalty]
    covered = all(any(under(path, unit) for unit in units) for path in sources)
    commits = tuple(sorted(commit for group in best for commit in group.commits))
    return Refined(commits, max(best, key=lambda g: g.commits[-1]), penalty, covered, image)


def _lacking(missing: Iterable[Missing]) -> set[str]:
    """All directories that lack something."""
    found: set[str] = {""} if missing else set()
    for item in missing:
        parent = item.path.rstrip("/").rpartition("/")[0]
        while parent and parent not in found:
            found.add(parent)
            parent = parent.rpartition("/")[0]
    return found


def _units(
    lacking: Sequence[set[str]], sources: Mapping[str, bool | None], roots: Sequence[str]
) -> list[str]:
    """The highest directories that some group shows to be copied whole.

    A single file in a directory of one file says nothing, unless history calls it a directory.
    """
    units: list[str] = []
    todo = sorted(set(roots))
    while todo:
        directory = todo.pop()
        inside = {path: whole for path, whole in sources.items() if under(path, directory)}
        if not inside:
            continue
        flags = set(inside.values())
        told = False not in flags and (None not in flags or len(inside) > 1)
        if told and any(directory not in each for each in lacking):
            units.append(directory)
            continue
        start = len(directory) + 1 if directory else 0
        below = {path[start:].partition("/")[0] for path in inside if "/" in path[start:]}
        todo += sorted(join(directory, name) for name in below)
    return units
