"""Compare the trees of many commits, each different one once, with the files of an image."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

import msgspec

from jotgraph.content.directories import DirectoryMap, join, relative, under, upwards
from jotgraph.content.history.npm_package import is_package
from jotgraph.content.image.npm_document import without_additions
from jotgraph.content.match.copied_whole import tops
from jotgraph.content.match.left_out import lacks, rule_of, without_earlier
from jotgraph.content.match.path_mapping import Explained
from jotgraph.content.match.refine import (
    CommitGroup,
    Compared,
    ExplainedPath,
    ImageFiles,
    LackingFile,
    Refined,
    choose,
    compare,
    image_files,
)
from jotgraph.content.match.trees import Trees
from jotgraph.content.match.view import View

_LOOKUPS = 60_000
"""Beyond this many (commit, directory) pairs the best-scored commits are left as they are."""


def refine(
    image: View,
    maps: tuple[DirectoryMap, ...],
    explained: Mapping[str, Explained],
    commits: Sequence[int],
    own: Collection[int],
    trees: Trees,
) -> Refined:
    """Of the best-scored ``commits``, those whose trees fit the image best. ``own`` are the layers
    of which every file is accounted for."""
    siblings = _siblings(image, maps, explained, own, trees)
    history = tops(image, maps, explained)
    narrow, places = _narrowed(maps, explained, siblings, history)
    deepest, _ = _narrowed(maps, explained, siblings, [None] * len(maps))
    near = tuple(map_.image for map_ in deepest)
    seen = {
        path: placed.tracked_as()
        for path, placed in image.files.items()
        if placed.layer not in image.older
        and (image.copied[placed.layer] is not False or path in image.rewritten)
        and any(under(path, map_.image) for map_ in narrow)
    }
    target = image_files(narrow, seen, places)
    groups = _groups(without_earlier(image, explained), target, commits, trees)
    if not groups:
        mask = sum(1 << bit for bit, path in enumerate(target.paths) if path in places)
        everything = CommitGroup(tuple(commits), mask, 0, 0, ())
        return Refined(tuple(commits), everything, 0, False, target, None, near=near)
    sources = [
        ExplainedPath(places[path][0], file.path, image.whole[image.files[path].layer])
        for path, file in sorted(explained.items())
    ]
    copied_tops = frozenset(top for top in history if top is not None)
    return msgspec.structs.replace(choose(target, groups, sources, copied_tops), near=near)


def _siblings(
    image: View,
    maps: tuple[DirectoryMap, ...],
    explained: Mapping[str, Explained],
    own: Collection[int],
    trees: Trees,
) -> list[list[str]]:
    """Per map the image files, of the build's own layers, that no commit explains and that lie
    where some commit tracked a file: copied with the others, and edited."""
    places: list[dict[str, str]] = []
    for map_ in maps:
        places.append(
            {
                path: join(map_.repository, relative(path, map_.image))
                for path, placed in image.files.items()
                if (placed.layer in own or path in image.changed)
                and path not in explained
                and under(path, map_.image)
            }
        )
    tracked = trees.index.known_paths(source for place in places for source in place.values())
    return [[path for path, source in place.items() if source in tracked] for place in places]


def _narrowed(
    maps: tuple[DirectoryMap, ...],
    explained: Mapping[str, Explained],
    siblings: Sequence[Sequence[str]],
    history: Sequence[str | None],
) -> tuple[tuple[DirectoryMap, ...], dict[str, tuple[int, str]]]:
    """Drop maps that explain nothing, and go down to the deepest directories that hold all that
    each one explains and the ``siblings`` of it: beside them nothing was copied. Not below what
    ``history`` says was copied to, though: all of that was."""
    narrow: list[DirectoryMap] = []
    places: dict[str, tuple[int, str]] = {}
    for number, map_ in enumerate(maps):
        mine = {path: file.path for path, file in explained.items() if file.map == number}
        if not mine:
            continue
        common: list[str] | None = None
        for path, source in mine.items():
            for name in (relative(path, map_.image), relative(source, map_.repository)):
                parts = name.split("/")[:-1]
                common = parts if common is None else _shared(common, parts)
        for path in siblings[number]:
            common = _shared(common or [], relative(path, map_.image).split("/")[:-1])
        top = history[number]
        if top is not None:
            above = relative(top, map_.image).split("/") if top != map_.image else []
            common = _shared(common or [], above)
        down = "/".join(common or ())
        places.update((path, (len(narrow), source)) for path, source in mine.items())
        narrow.append(DirectoryMap(join(map_.image, down), join(map_.repository, down)))
    return tuple(narrow), places


def _shared(first: list[str], second: list[str]) -> list[str]:
    same = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        same += 1
    return first[:same]


def _groups(
    image: View, target: ImageFiles, commits: Sequence[int], trees: Trees
) -> list[CommitGroup]:
    """Commits by the trees of the mapped directories and the ignore files above them; nothing
    when there are too many to ask for."""
    index = trees.index
    directories = [map_.repository for map_ in target.maps]
    packages = [
        join(map_.repository, "package.json") for map_ in target.maps if is_package(map_.image)
    ]
    ignores = sorted(
        {join(up, ".dockerignore") for folder in directories for up in upwards(folder)}
    )
    ignores += packages  # npm leaves out by them
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
    objects = trees.resolve([sha + b":" + name for sha in shas for name in names])
    keys = {
        leaders[n]: tuple(item[0] if item else b"" for item in objects[at : at + len(names)])
        for n, at in enumerate(range(0, len(objects), len(names)))
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
    target: ImageFiles,
    commits: tuple[int, ...],
    key: tuple[bytes, ...],
    ignores: Sequence[str],
    trees: Trees,
    memo: dict[object, Compared],
) -> CommitGroup:
    equal = differ = variant = foreign = 0
    missing: list[LackingFile] = []
    count = len(target.maps)
    for number, tree in enumerate(key[:count]):
        if tree:
            compared = compare(target, number, tree, trees.entries, memo)
            equal |= compared.equal
            differ |= compared.differ
            variant |= compared.variant
            foreign |= compared.foreign
            missing += compared.missing
    rules = [
        rule
        for name, oid in zip(ignores, key[count:], strict=True)
        if oid and (rule := rule_of(name, trees.blob(oid))) is not None
    ]
    lacking = tuple(item for item in missing if lacks(item, image, rules, trees.entries))
    group = CommitGroup(commits, equal, differ & ~equal, variant, lacking, foreign)
    return _with_published(group, image, target, trees)


def _with_published(
    group: CommitGroup, image: View, target: ImageFiles, trees: Trees
) -> CommitGroup:
    """Of the files that differ a ``package.json`` is equal that does so by npm's additions only."""
    equal = 0
    for bit, path in enumerate(target.paths):
        added = image.files[path].ids.published if group.differ >> bit & 1 else b""
        for map_ in target.maps if added else ():
            if under(path, map_.image):
                source = join(map_.repository, relative(path, map_.image))
                document = trees.file(group.commits[-1], source)
                equal |= (without_additions(document) == added) << bit
    if not equal:
        return group
    return msgspec.structs.replace(
        group,
        equal=group.equal | equal,
        differ=group.differ & ~equal,
        variant=group.variant | equal,
    )
