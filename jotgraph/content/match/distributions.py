"""Know the Python packages that an installer put into an image, by what it left beside them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from jotgraph.content.image.wheel_record import RECORD
from jotgraph.content.image.whiteouts import PlacedFile
from jotgraph.content.revisions.texts import LOCAL_FOLDER
from jotgraph.records import FileFact

_INFO = re.compile(r"(?P<parent>(?:.*/)?)(?P<name>[^/]+?)-(?P<version>[^/-]+)\.dist-info/RECORD")


class Distribution(NamedTuple):
    """One package that was installed."""

    record: str
    """The image path of its ``RECORD``."""
    version: str
    places: frozenset[str]
    """Image paths of the directories that hold its files (they end in ``/``), and of files."""
    local: bool
    """It was installed from a folder or a file of the build, not from an index."""

    def holds(self, path: str) -> bool:
        return path in self.places or f"{path.rpartition('/')[0]}/" in self.places


def distributions(files: Mapping[str, PlacedFile]) -> Iterator[Distribution]:
    """The packages of an image that a ``RECORD`` tells of."""
    for path, placed in files.items():
        if path.endswith(RECORD) and (match := _INFO.fullmatch(path)):
            origin = files.get(f"{path.removesuffix('RECORD')}direct_url.json")
            yield Distribution(
                path,
                match["version"],
                frozenset(match["parent"] + place for place in placed.ids.recorded),
                origin is not None and origin.ids.fact == LOCAL_FOLDER,
            )


def releases(files: Mapping[str, PlacedFile], matched: Collection[str]) -> tuple[FileFact, ...]:
    """The versions of the packages, of those from an index, that the files of a match are of."""
    return tuple(
        FileFact(package.record, "release", package.version, package=True)
        for package in distributions(files)
        if not package.local and any(map(package.holds, matched))
    )
