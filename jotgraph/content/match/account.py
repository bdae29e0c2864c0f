"""Accounts for every file of the layers that a build copied: which of them a commit does not
explain.

A match is proof only if nothing is left: every file equal, byte for byte and under its own path.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from jotgraph.content.directories import DirectoryMap, join, relative, under
from jotgraph.content.image.blobs import FileIds, LineEnds
from jotgraph.content.match.copied_whole import spoken_of
from jotgraph.content.match.path_mapping import Explained
from jotgraph.content.match.refine import Refined
from jotgraph.content.match.trees import Trees
from jotgraph.content.match.view import View

_FEW = 2
"""The most missing tracked files for which a directory is still reported as lacking them."""


class Account(msgspec.Struct, frozen=True):
    """The files of an image by how one commit explains them; paths in the image."""

    equal: tuple[str, ...]
    modified: tuple[str, ...]
    """The commit tracks other bytes at their path."""
    renamed: tuple[str, ...]
    """Equal to a file of another name or place."""
    line_ends: tuple[str, ...]
    """Equal except for line ends, where not all text files were converted alike."""
    published: tuple[str, ...]
    """Equal except for npm's additions."""
    lacking: tuple[str, ...]
    """Tracked beside equal files, and missing in the image."""
    untracked: tuple[str, ...]


def account(
    image: View,
    explained: Mapping[str, Explained],
    maps: tuple[DirectoryMap, ...],
    refined: Refined,
    own: Collection[int],
    trees: Trees,
) -> Account:
    """Compare the image with the newest of the commits that fit best."""
    group, files = refined.group, refined.files
    equal = [path for bit, path in enumerate(files.paths) if group.equal >> bit & 1]
    differ = [path for bit, path in enumerate(files.paths) if group.differ >> bit & 1]
    swapped, moved = _displaced(image, equal, explained, maps, group.commits[-1], trees)
    lowest = min(own, default=0)
    known = {*equal, *differ}
    return Account(
        equal=tuple(path for path in equal if path not in swapped),
        modified=tuple(sorted({*differ, *swapped})),
        renamed=tuple(sorted(moved)),
        published=tuple(
            path
            for bit, path in enumerate(files.paths)
            if group.variant >> bit & 1 and image.files[path].ids.published
        ),
        line_ends=_other_line_ends(image, files.paths, group.variant, equal),
        lacking=_lacking(
            refined, [path for path in equal if image.files[path].layer not in image.held]
        ),
        untracked=tuple(
            path
            for path, placed in sorted(image.files.items())
            if path not in known
            and (
                placed.layer in own
                or (
                    (placed.layer >= lowest or placed.layer in image.older)
                    and _beneath(path, files.maps)
                )
            )
        ),
    )


def _displaced(
    image: View,
    equal: Collection[str],
    explained: Mapping[str, Explained],
    maps: tuple[DirectoryMap, ...],
    commit: int,
    trees: Trees,
) -> tuple[set[str], set[str]]:
    """Equal files where the commit tracks another file, and equal files of another name or
    place."""
    moved = dict(_moved(equal, explained, maps))
    crossed = tuple(_crossed(image, equal, explained, maps))
    tracked = trees.blobs_at(commit, [*moved.values(), *(move.place for move in crossed)])
    swapped = {path for path, natural in moved.items() if natural in tracked}
    renamed = set(moved) - swapped
    for path, place, named in crossed:
        placed = image.files[path]
        if place not in tracked:
            renamed |= {path} if named else set()
        elif tracked[place] not in placed.ids.variants():
            # Without a history it may have been laid over the other file.
            (swapped if image.history[placed.layer] else renamed).add(path)
    return swapped, renamed - swapped


def _moved(
    equal: Iterable[str], explained: Mapping[str, Explained], maps: tuple[DirectoryMap, ...]
) -> Iterator[tuple[str, str]]:
    """Files that are not at their place in the directory they were copied with, and that place in
    the repository."""
    for path in equal:
        if path in explained:
            natural = natural_source(path, maps[explained[path].map])
            if natural != explained[path].path:
                yield path, natural


class _Crossed(NamedTuple):
    """A file explained by another directory than the one it lies in."""

    path: str
    place: str
    """Its place in the repository according to the directory it lies in."""
    named: bool
    """Whether history names that directory as the only one copied there."""


def _crossed(
    image: View,
    equal: Iterable[str],
    explained: Mapping[str, Explained],
    maps: tuple[DirectoryMap, ...],
) -> Iterator[_Crossed]:
    """Files that are explained by a directory of their own, within one that the same layer was
    copied with, or beside files of one that history names."""
    layers = {(file.map, image.files[path].layer) for path, file in explained.items()}
    named = spoken_of(image, maps, explained)
    for path in equal:
        file, layer = explained.get(path), image.files[path].layer
        for number, map_ in enumerate(maps) if file else ():
            if not file or number == file.map or (number, layer) not in layers:
                continue
            inner, place = maps[file.map].image, natural_source(path, map_)
            confirmed = (number, layer) in named and (file.map, layer) not in named
            within = inner != map_.image and under(inner, map_.image)
            if (within or (confirmed and inner == map_.image)) and place != file.path:
                yield _Crossed(path, place, confirmed)


def _beneath(path: str, maps: Collection[DirectoryMap]) -> bool:
    return any(under(path, map_.image) for map_ in maps)


def natural_source(path: str, map_: DirectoryMap) -> str:
    """Return where a file would come from that kept its name and its place below the directory."""
    return join(map_.repository, relative(path, map_.image))


def _other_line_ends(
    image: View, paths: tuple[str, ...], variant: int, equal: list[str]
) -> tuple[str, ...]:
    """Equal files that were converted to CRLF while others were not, or only in part."""
    converted = [
        path for bit, path in enumerate(paths) if variant >> bit & 1 and image.files[path].ids.lf
    ]
    ids: list[FileIds] = [image.files[path].ids for path in equal]
    alike = all(file.ends in (LineEnds.NONE, LineEnds.CRLF) for file in ids)
    return () if alike else tuple(converted)


def _lacking(refined: Refined, equal: list[str]) -> tuple[str, ...]:
    """A few tracked files that are missing in directories that otherwise are complete."""
    beside = {path.rpartition("/")[0] for path in equal} | refined.tops
    missing = [
        item.image_path
        for item in refined.group.missing
        if not item.path.endswith("/") and item.image_path.rpartition("/")[0] in beside
    ]
    return tuple(sorted(missing)) if len(missing) <= max(_FEW, len(equal) // 10) else ()
