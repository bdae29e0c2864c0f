"""Account for every file of the layers that a build copied: what of it a commit does not explain.

An answer is proof only where nothing is left: each file equal, under its own path, as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from jotgraph.content.directories import DirectoryMap, join, relative, under
from jotgraph.content.image.blobs import FileIds, LineEnds
from jotgraph.content.match.path_mapping import Explained
from jotgraph.content.match.refine import Refined
from jotgraph.content.match.subtrees import Trees
from jotgraph.content.match.view import View

_FEW = 2
"""Tracked files that a directory may lack and still be told as lacking them."""


class Account(msgspec.Struct, frozen=True):
    """The files of an image, by how one commit explains them; paths in the image."""

    equal: tuple[str, ...]
    modified: tuple[str, ...]
    """The commit tracks other bytes at their path."""
    renamed: tuple[str, ...]
    """Equal to a file of another name or place."""
    line_ends: tuple[str, ...]
    """Equal but for line ends, where not all text files were converted alike."""
    published: tuple[str, ...]
    """Equal but for what npm added."""
    lacking: tuple[str, ...]
    """Tracked beside equal files, and not in the image."""
    untracked: tuple[str, ...]


def account(
    image: View,
    explained: Mapping[str, Explained],
    maps: tuple[DirectoryMap, ...],
    refined: Refined,
    own: Collection[int],
    trees: Trees,
) -> Account:
    """Hold the image against the newest of the commits that fit best."""
    group, files = refined.group, refined.files
    equal = [path for bit, path in enumerate(files.paths) if group.equal >> bit & 1]
    differ = [path for bit, path in enumerate(files.paths) if group.differ >> bit & 1]
    moved = {
        path: natural
        for path in equal
        if path in explained
        and (natural := natural_source(path, maps[explained[path].map])) != explained[path].path
    }
    tracked = trees.tracked(group.commits[-1], moved.values())
    swapped = {path for path, natural in moved.items() if natural in tracked}
    lowest = min(own, default=0)
    known, compared = {*equal, *differ}, set(files.paths)
    return Account(
        equal=tuple(path for path in equal if path not in swapped),
        modified=tuple(sorted({*differ, *swapped})),
        renamed=tuple(sorted(moved.keys() - swapped)),
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
                or (placed.layer >= lowest and path in compared)
                or (placed.layer in image.older and _beneath(path, files.maps))
            )
        ),
    )


def _beneath(path: str, maps: Collection[DirectoryMap]) -> bool:
    return any(under(path, map_.image) for map_ in maps)


def natural_source(path: str, map_: DirectoryMap) -> str:
    """Where a file would come from that kept its name and its place below the directory."""
    return join(map_.repository, relative(path, map_.image))


def _other_line_ends(
    image: View, paths: tuple[str, ...], variant: int, equal: list[str]
) -> tuple[str, ...]:
    """Equal files that were converted to CRLF while others were not, or in part."""
    converted = [
        path for bit, path in enumerate(paths) if variant >> bit & 1 and image.files[path].ids.lf
    ]
    ids: list[FileIds] = [image.files[path].ids for path in equal]
    alike = all(file.ends in (LineEnds.NONE, LineEnds.CRLF) for file in ids)
    return () if alike else tuple(converted)


def _lacking(refined: Refined, equal: list[str]) -> tuple[str, ...]:
    """A few tracked files that are absent from directories of which the rest is there."""
    beside = {path.rpartition("/")[0] for path in equal}
    missing = [
        item.image_path
        for item in refined.group.missing
        if not item.path.endswith("/") and item.image_path.rpartition("/")[0] in beside
    ]
    return tuple(sorted(missing)) if len(missing) <= max(_FEW, len(equal) // 10) else ()
