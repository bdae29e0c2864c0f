"""Tells which layers of an image belong to the build that copied files of a repository.

Every file of such a layer is accounted for: it is equal, differs, or is reported as untracked.
Nothing says where the base image ends, so layers below the first with a known file are judged by
their appearance.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from jotgraph.content.directories import DirectoryMap, join, upwards
from jotgraph.content.history import dockerfile
from jotgraph.content.match.path_mapping import Explained
from jotgraph.content.match.trees import Trees
from jotgraph.content.match.view import View

_LOOKED_AT = 300
"""The most files of a layer that are examined: enough to recognise a layer of the repository."""


def own_layers(
    image: View,
    explained: Mapping[str, Explained],
    maps: Collection[DirectoryMap],
    trees: Trees,
) -> frozenset[int]:
    """The layers, by number, that ``COPY`` or ``ADD`` made (or that may be theirs) from the lowest
    on that holds an explained file, and those below it that copied from the repository as well:
    by the sources that history names, else by the names of most of their files."""
    lowest = min(image.files[path].layer for path in explained)
    own = {n for n, copied in enumerate(image.copied) if copied is not False and n >= lowest}
    below: dict[int, list[str]] = {}
    for path, placed in image.files.items():
        if placed.layer < lowest and image.copied[placed.layer] is not False:
            below.setdefault(placed.layer, []).append(path)
    contexts = {"", *(up for map_ in maps for up in upwards(map_.repository))}
    own.update(
        number
        for number, paths in below.items()
        if of_repository(image, number, paths, contexts, trees)
    )
    return frozenset(own)


def of_repository(
    image: View, layer: int, paths: Sequence[str], contexts: Collection[str], trees: Trees
) -> bool:
    """Whether a layer of these files copied from the repository, by the sources that its history
    names, of a build in one of the ``contexts``; or else by the names of most of its files."""
    step = image.history[layer]
    sources, _ = dockerfile.copied(step) if step else (None, "")
    # A stage's files are named from its root; they need not be those of the repository.
    if not sources or any(source.startswith("/") for source in sources):
        named = sum(path.rpartition("/")[2] in trees.base_names for path in paths)
        return 2 * named >= len(paths)
    wanted: set[str] = set()
    for source in map(dockerfile.plain, sources):
        tails = {tail for path in sorted(paths)[:_LOOKED_AT] for tail in _tails(path)}
        for context in contexts:
            place = join(context, source)
            wanted.add(place)
            wanted.update(join(place, tail) for tail in tails)
    return bool(trees.index.known_paths(wanted - {""}))


def _tails(path: str) -> list[str]:
    """``a/b/c``, ``b/c``, ``c``."""
    parts = path.split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]
