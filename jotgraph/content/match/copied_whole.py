"""Tell what the history of an image says of the directories that were copied. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from jotgraph.content.directories import DirectoryMap, join, relative, under
from jotgraph.content.history import dockerfile
from jotgraph.content.match.path_mapping import Explained
from jotgraph.content.match.view import View


def copied_to(image: View, map_: DirectoryMap, layer: int) -> str | None:
    """The directory of the image to which, history says, one directory was copied, where that is
    the one that the map leads to it; None where it does not say."""
    sources, target = dockerfile.copied(image.history[layer])
    if image.whole[layer] is not True or not target.startswith("/"):
        return None
    first, *more = sources or ("",)  # the classic builder says that it is one, and not which
    # A stage's files are named from its root; they need not be those of the repository.
    if more or first.startswith("/"):
        return None
    top, source = dockerfile.plain(target), dockerfile.plain(first)
    if top != map_.image and not under(top, map_.image):
        return None
    place = join(map_.repository, relative(top, map_.image) if top != map_.image else "")
    return top if not source or f"/{place}".endswith(f"/{source}") else None


def tops(
    image: View, maps: tuple[DirectoryMap, ...], explained: Mapping[str, Explained]
) -> list[str | None]:
    """For each map the directory of the image that all of its files were copied to, as history
    has it; None where it does not say."""
    layers: list[set[int]] = [set() for _ in maps]
    for path, file in explained.items():
        layers[file.map].add(image.files[path].layer)
    return [
        copied_to(image, map_, next(iter(own))) if len(own) == 1 else None
        for map_, own in zip(maps, layers, strict=True)
    ]
