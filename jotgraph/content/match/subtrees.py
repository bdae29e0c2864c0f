"""The trees of many commits, read from git as few times as there are different ones, for refine."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from jotgraph.content.history.dockerignore import has_exceptions, ignored
from jotgraph.content.history.index import Index
from jotgraph.content.history.objects import Objects, resolve
from jotgraph.content.match.refine import (
    Compared,
    Files,
    Group,
    Missing,
    Refined,
    Source,
    TreeEntry,
    choose,
    compare,
    files,
)
from jotgraph.content.match.view import View
from jotgraph.content.path_mapping import Assigned, DirectoryMap, join, relative, under

_LOOKUPS = 60_000
"""Beyond this many (commit, directory) pairs the best-scored commits are left as they are."""
_GITLINK = b"160000"
_DIRECTORY = b"40000"


class Trees:
    """Trees and blobs of one repository, each read once. Close it when done."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._objects = Objects(index.path)
        self._trees: dict[bytes, tuple[TreeEntry, ...]] = {}
        self._blobs: dict[bytes, bytes] = {}
        self._touching: dict[tuple[tuple[str, ...], tuple[str, ...]], set[int]] = {}
        self._width = 32 if index.object_format == "sha256" else 20

    def entries(self, tree: bytes) -> tuple[TreeEntry, ...]:
        known = self._trees.get(tree)
        if known is None:
            known = self._trees[tree] = tuple(self._parsed(self._objects.read(tree)))
        return known

    def blob(self, oid: bytes) -> bytes:
        known = self._blobs.get(oid)
        if known is None:
            known = self._blobs[oid] = self._objects.read(oid)
        return known

    def touching(self, directories: Sequence[str], files: Sequence[str]) -> set[int]:
        """As the index says; asked once, for images of one function have the same directories."""
        key = (tuple(directories), tuple(files))
        if key not in self._touching:
            self._touching[key] = self.index.touching(directories, files)
        return self._touching[key]

    def file(self, commit: int, path: str) -> bytes:
        """A file as it is in a commit; empty when there is none, or its name has a line end."""
        name = os.fsencode(path)
        sha = self.index.history.shas[commit].hex().encode()
        return b"" if b"\n" in name else self._objects.named(sha + b":" + name)

    def close(self) -> None:
        self._objects.close()

    def _parsed(self, data: bytes) -> list[TreeEntry]:
        # Git's format: "<mode> <name>\0<raw id>" again and again (git-mktree, gitformat docs).
        entries: list[TreeEntry] = []
        at = 0
        while at < len(data):
            space = data.index(b" ", at)
            end = data.index(b"\0", space)
            mode, name = data[at:space], os.fsdecode(data[space + 1 : end])
            at = end + 1 + self._width
            if mode != _GITLINK:
                entries.append((name, mode == _DIRECTORY, data[end + 1 : at]))
        return entries


def refine(
    image: View,
    maps: tuple[DirectoryMap, ...],
    assigned: Mapping[str, Assigned],
    commits: Sequence[int],
    trees: Trees,
) -> Refined:
    """Of the best-scored ``commits``, those whose trees fit the image best."""
    narrow, places = _narrowed(maps, assigned)
    seen = {
        path: placed.ids.variants()
        for path, placed in image.files.items()
        if any(under(path, each.image) for each in narrow)
    }
    target = files(narrow, seen, places)
    groups = _groups(image, target, commits, trees)
    if not groups:
        mask = sum(1 << bit for bit, path in enumerate(target.paths) if path in places)
        everything = Group(tuple(commits), mask, 0, ())
        return Refined(tuple(commits), everything, 0, False, target, None)
    sources = [
        Source(places[path][0], each.path, image.whole[image.files[path].layer])
        for path, each in sorted(assigned.items())
    ]
    return choose(target, groups, sources)


def _narrowed(
    maps: tuple[DirectoryMap, ...], assigned: Mapping[str, Assigned]
) -> tuple[tuple[DirectoryMap, ...], dict[str, tuple[int, str]]]:
    """Drop maps that explain nothing, and go down to the deepest directories that hold all that
    each one explains: beside them nothing was copied."""
    narrow: list[DirectoryMap] = []
    places: dict[str, tuple[int, str]] = {}
    for number, each in enumerate(maps):
        mine = {path: a.path for path, a in assigned.items() if a.map == number}
        if not mine:
            continue
        common: list[str] | None = None
        for path, source in mine.items():
            for name in (relative(path, each.image), relative(source, each.repository)):
                parts = name.split("/")[:-1]
                common = parts if common is None else _shared(common, parts)
        down = "/".join(common or ())
        places.update((path, (len(narrow), source)) for path, source in mine.items())
        narrow.append(DirectoryMap(join(each.image, down), join(each.repository, down)))
    return tuple(narrow), places


def _shared(one: list[str], other: list[str]) -> list[str]:
    same = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        same += 1
    return one[:same]


def _groups(image: View, target: Files, commits: Sequence[int], trees: Trees) -> list[Group]:
    """Commits by the trees of the mapped directories and the ignore files above them; nothing
    when there are too many to ask for."""
    index = trees.index
    directories = [each.repository for each in target.maps]
    ignores = sorted({join(up, ".dockerignore") for d in directories for up in _upwards(d)})
    touched = trees.touching(directories, ignores)
    first = index.history.first
    leader: dict[int, int] = {}
    for commit in commits:
        above = first[commit]
        leader[commit] = leader[above] if above in leader and commit not in touched else commit
    leaders = sorted(set(leader.values()))
    names = [os.fsencode(name) for name in (*directories, *ignores)]
    if len(leaders) * len(names) > _LOOKUPS or any(b"\n" in name for name in names):
        return []
    shas = [index.history.shas[n].hex().encode() for n in leaders]
    found = resolve(index.path, [sha + b":" + name for sha in shas for name in names])
    keys = {
        leaders[n]: tuple(what[0] if what else b"" for what in found[at : at + len(names)])
        for n, at in enumerate(range(0, len(found), len(names)))
    }
    members: dict[tuple[bytes, ...], list[int]] = {}
    for commit, lead in leader.items():
        members.setdefault(keys[lead], []).append(commit)
    memo: dict[object, Compared] = {}
    return [
        _group(image, target, tuple(sorted(inside)), key, ignores, trees, memo)
        for key, inside in members.items()
    ]


def _group(
    image: View,
    target: Files,
    commits: tuple[int, ...],
    key: tuple[bytes, ...],
    ignores: Sequence[str],
    trees: Trees,
    memo: dict[object, Compared],
) -> Group:
    equal = differ = 0
    missing: list[Missing] = []
    count = len(target.maps)
    for number, tree in enumerate(key[:count]):
        if tree:
            found = compare(target, number, tree, trees.entries, memo)
            equal |= found.equal
            differ |= found.differ
            missing += found.missing
    rules = [
        (name.rpartition("/")[0], trees.blob(oid))
        for name, oid in zip(ignores, key[count:], strict=True)
        if oid
    ]
    lacking = tuple(item for item in missing if _lacks(item, image, rules, trees))
    return Group(commits, equal, differ & ~equal, lacking)


def _lacks(item: Missing, image: View, rules: Sequence[tuple[str, bytes]], trees: Trees) -> bool:
    """Whether the image should have the file (or any file of the directory) and does not."""
    path = item.path.rstrip("/")
    if any(under(path, top) and ignored(text)(relative(path, top)) for top, text in rules):
        if not item.path.endswith("/") or not any(has_exceptions(text) for _, text in rules):
            return False
    elif not item.path.endswith("/"):
        gone = image.removed.get(item.image_path)
        return gone is None or item.oid not in gone.ids.variants()
    if not item.path.endswith("/") or not (rules or image.removed):
        return True
    return any(
        _lacks(
            Missing(
                item.map,
                item.path + name + ("/" if directory else ""),
                oid,
                item.image_path + name + ("/" if directory else ""),
            ),
            image,
            rules,
            trees,
        )
        for name, directory, oid in trees.entries(item.oid)
    )


def _upwards(directory: str) -> list[str]:
    found = [directory]
    while directory:
        directory = directory.rpartition("/")[0]
        found.append(directory)
    return found
