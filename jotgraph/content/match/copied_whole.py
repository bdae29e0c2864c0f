"""Tells from an image's history which directories were copied. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from jotgraph.content.directories import DirectoryMap, join, relative, under
from jotgraph.content.history import dockerfile
from jotgraph.content.match.path_mapping import Explained
from jotgraph.content.match.view import View


def copied_to(image: View, map_: DirectoryMap, layer: int) -> str | None:
    """Return the image directory that one directory was copied to according to history, if the map
    leads to it; else None."""
    copy = one_directory(image, layer)
    if copy is None:
        return None
    source, top = copy
    if top != map_.image and not under(top, map_.image):
        return None
    place = join(map_.repository, relative(top, map_.image) if top != map_.image else "")
    return top if not source or f"/{place}".endswith(f"/{source}") else None


def one_directory(image: View, layer: int) -> tuple[str, str] | None:
    """The directory that a layer was copied from, as history names it (the classic builder says
    that it is one, and not which: ``""``), and the one of the image that it was copied to; None
    where history does not say that it was one."""
    sources, target = dockerfile.copied(image.history[layer])
    if image.whole[layer] is not True or not target.startswith("/"):
        return None
    first, *more = sources or ("",)
    # A stage's files are named from its root; they need not be those of the repository.
    if more or first.startswith("/"):
        return None
    return dockerfile.plain(first), dockerfile.plain(target)


def spoken_of(
    image: View, maps: tuple[DirectoryMap, ...], explained: Mapping[str, Explained]
) -> set[tuple[int, int]]:
    """Return the maps, each with a layer, that history confirms. They lead to the directory that it
    names as the only one copied there. Of several or no such maps it is the one that explains most
    files of the layer, because one directory was copied."""
    counts = Counter((file.map, image.files[path].layer) for path, file in explained.items())
    spoken = set[tuple[int, int]]()
    for layer in {layer for _, layer in counts}:
        copy = one_directory(image, layer)
        mine = [number for number, of_layer in counts if of_layer == layer] if copy else []
        named = [number for number in mine if copied_to(image, maps[number], layer) is not None]
        candidates = named or [number for number in mine if copy and maps[number].image == copy[1]]
        if candidates:
            most = max(candidates, key=lambda number: (counts[number, layer], -number))
            spoken.add((most, layer))
    return spoken


def tops(
    image: View, maps: tuple[DirectoryMap, ...], explained: Mapping[str, Explained]
) -> list[str | None]:
    """Return for each map the image directory that all of its files were copied to according to
    history; None where it does not say."""
    layers: list[set[int]] = [set() for _ in maps]
    for path, file in explained.items():
        layers[file.map].add(image.files[path].layer)
    return [
        copied_to(image, map_, next(iter(own))) if len(own) == 1 else None
        for map_, own in zip(maps, layers, strict=True)
    ]
