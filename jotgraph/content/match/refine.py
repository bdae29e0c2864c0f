"""Choose, of the best-scored commits, those whose trees fit the image best, by comparing subtrees
exactly. Pure but for the tree reader it is handed.

Commits with equal trees in the mapped directories form one group and are compared once; a tree
that several groups share is compared once too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from jotgraph.content.directories import DirectoryMap, join, relative, under

TreeEntry = tuple[str, bool, bytes]
"""(name, whether it is a directory, raw id; that of a symbolic link as ``linked`` tells it, and
none of a submodule)."""
ReadTree = Callable[[bytes], Sequence[TreeEntry]]

_Trie = dict[str, "int | _Trie"]


class LackingFile(msgspec.Struct, frozen=True, order=True, gc=False):
    """A tracked file, or a whole directory (``path`` ends in ``/``), the image does not have."""

    map: int
    path: str
    oid: bytes
    image_path: str


class Compared(msgspec.Struct, frozen=True):
    """One tree against the image: bit masks over the image's files, and what is missing."""

    equal: int = 0
    differ: int = 0
    variant: int = 0
    """Of those that are equal, the ones that are so with other line ends, or as an LFS pointer."""
    missing: tuple[LackingFile, ...] = ()
    foreign: int = 0
    """Files that lie where the tree has a submodule: they are another repository's."""


class ImageFiles(msgspec.Struct, frozen=True):
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


def image_files(
    maps: tuple[DirectoryMap, ...],
    image: Mapping[str, tuple[bytes, ...]],
    assigned: Mapping[str, tuple[int, str]],
) -> ImageFiles:
    """``image`` holds the files beneath the maps with their ids, ``assigned`` (map number,
    repository path) of those that are explained."""
    paths = tuple(sorted(image))
    tries: list[_Trie] = []
    neutral: list[int] = []
    for number, map_ in enumerate(maps):
        trie: _Trie = {}
        others = 0
        for bit, path in enumerate(paths):
            place = assigned.get(path)
            if place is not None and place[0] == number:
                _put(trie, relative(place[1], map_.repository), bit)
            elif under(path, map_.image):
                _put(trie, relative(path, map_.image), bit)
                others |= (place is not None) << bit
        tries.append(trie)
        neutral.append(others)
    ids = tuple(image[path] for path in paths)
    return ImageFiles(maps, paths, ids, tuple(tries), tuple(neutral))


def _put(trie: _Trie, path: str, bit: int) -> None:
    *parents, name = path.split("/")
    for part in parents:
        below = trie.get(part)
        if not isinstance(below, dict):
            below = trie[part] = {}
        trie = below
    trie.setdefault(name, bit)


def compare(
    image: ImageFiles, number: int, tree: bytes, read: ReadTree, memo: dict[object, Compared]
) -> Compared:
    """Map ``number``'s directory as it is in ``tree`` against the image."""
    return _compare(image, number, "", image.tries[number], tree, read, memo)


def _compare(
    image: ImageFiles,
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
    map_ = image.maps[number]
    equal = differ = variant = foreign = 0
    missing: list[LackingFile] = []
    for name, is_directory, oid in read(tree):
        path = join(directory, name)
        below = trie.get(name)
        if not oid:
            foreign |= _beneath(below)
        elif is_directory and isinstance(below, dict):
            inside = _compare(image, number, path, below, oid, read, memo)
            equal |= inside.equal
            differ |= inside.differ
            variant |= inside.variant
            foreign |= inside.foreign
            missing += inside.missing
        elif isinstance(below, int) and not is_directory:
            bit = 1 << below
            if oid in image.ids[below]:
                equal |= bit
                variant |= bit if oid != image.ids[below][0] else 0
            elif not bit & image.neutral[number]:
                differ |= bit
        else:
            end = "/" if is_directory else ""
            missing.append(
                LackingFile(
                    number, join(map_.repository, path) + end, oid, join(map_.image, path) + end
                )
            )
    memo[key] = Compared(equal, differ, variant, tuple(missing), foreign)
    return memo[key]


def _beneath(trie: int | _Trie | None) -> int:
    """The files of a directory, as a mask."""
    if isinstance(trie, dict):
        return sum(map(_beneath, trie.values()))
    return 0 if trie is None else 1 << trie


class CommitGroup(msgspec.Struct, frozen=True):
    """Commits whose mapped directories are equal, against the image."""

    commits: tuple[int, ...]
    equal: int
    differ: int
    variant: int
    missing: tuple[LackingFile, ...]
    """After ``.dockerignore``, and without what a later layer is known to have deleted."""
    foreign: int = 0


class Refined(msgspec.Struct, frozen=True):
    commits: tuple[int, ...]
    group: CommitGroup
    """Of the commits that track most of the image's files, the newest."""
    penalty: int
    complete: bool
    """Every explained file lies in a directory that was copied whole."""
    files: ImageFiles
    units: tuple[Unit, ...] | None
    """What was copied whole; None when the trees were not compared."""
    tops: frozenset[str] = frozenset()
    """Directories of the image that history says one of the repository was copied to."""
    near: tuple[str, ...] = ()
    """The deepest directories of the image that hold all that is explained."""


Whole = bool | str | None
"""How a layer was copied, by its history: directories (True), single files (False), a pattern such
as ``*.py`` of one directory's files, or None: it does not say."""


class ExplainedPath(msgspec.Struct, frozen=True):
    """The repository path of an explained image file."""

    map: int
    path: str
    whole: Whole


class Unit(msgspec.Struct, frozen=True):
    """A directory, or a pattern of one directory's files, that was copied whole."""

    map: int
    directory: str
    pattern: str = ""

    def holds(self, map_: int, path: str) -> bool:
        if map_ != self.map:
            return False
        if not self.pattern:
            return under(path, self.directory)
        parent, _, name = path.rpartition("/")
        return parent == self.directory and fnmatchcase(name, self.pattern)


def choose(
    image: ImageFiles,
    groups: Sequence[CommitGroup],
    sources: Sequence[ExplainedPath],
    tops: frozenset[str] = frozenset(),
) -> Refined:
    """The groups of least penalty: files that differ, files that others track and this one does
    not, and tracked files the image lacks, where some group shows that its directory was copied
    whole. (A strict subset lacks files in every group: then missing files mean nothing.) What
    history says was copied to ``tops`` is complete only if a group shows so, too.
    """
    tracked = 0
    for group in groups:
        tracked |= group.equal | group.differ
    base = [
        group.differ.bit_count()
        + (tracked & ~(group.equal | group.differ | group.foreign)).bit_count()
        for group in groups
    ]
    least = min(base)
    candidates = [group for group, cost in zip(groups, base, strict=True) if cost == least]
    units: list[Unit] = []
    for number, map_ in enumerate(image.maps):
        mine = [source for source in sources if source.map == number]
        units += _units(number, map_.repository, candidates, mine)
    total = [
        cost + sum(any(unit.holds(item.map, item.path) for unit in units) for item in group.missing)
        for group, cost in zip(groups, base, strict=True)
    ]
    penalty = min(total)
    best = [group for group, cost in zip(groups, total, strict=True) if cost == penalty]
    covered = all(any(unit.holds(file.map, file.path) for unit in units) for file in sources)
    whole = {(unit.map, unit.directory) for unit in units if not unit.pattern}
    covered = covered and all(
        (number, map_.repository) in whole
        for number, map_ in enumerate(image.maps)
        if map_.image in tops
    )
    commits = tuple(sorted(commit for group in best for commit in group.commits))
    # An edited file is told by a commit that has it, not by one that lacks it.
    fullest = max(
        best, key=lambda group: ((group.equal | group.differ).bit_count(), group.commits[-1])
    )
    return Refined(commits, fullest, penalty, covered, image, tuple(units), tops)


def _units(
    number: int, root: str, groups: Sequence[CommitGroup], sources: Sequence[ExplainedPath]
) -> list[Unit]:
    """The highest directories of one map that some group shows to be copied whole.

    A single file in a directory of one file says nothing, unless history calls it a directory.
    """
    units: list[Unit] = []
    todo = [root]
    while todo:
        directory = todo.pop()
        inside = [source for source in sources if under(source.path, directory)]
        flags = {source.whole for source in inside}
        start = len(directory) + 1 if directory else 0
        below = {
            source.path[start:].partition("/")[0] for source in inside if "/" in source.path[start:]
        }
        pattern = next(iter(flags)) if len(flags) == 1 else None
        if isinstance(pattern, str):
            if not below:
                unit = Unit(number, directory, pattern)
                units += [unit] if _shown(unit, groups) else []
                continue
        elif flags and flags <= {True, None} and (None not in flags or len(inside) > 1):
            unit = Unit(number, directory)
            if _shown(unit, groups):
                units.append(unit)
                continue
        todo += sorted(join(directory, name) for name in below)
    return units


def _shown(unit: Unit, groups: Sequence[CommitGroup]) -> bool:
    return any(
        not any(unit.holds(item.map, item.path) for item in group.missing) for group in groups
    )
