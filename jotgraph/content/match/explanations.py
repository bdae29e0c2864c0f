"""Explains where the files of an image were copied from in every way that covers most of them, and
chooses among equally good ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from jotgraph.content.directories import DirectoryMap
from jotgraph.content.history.index import Index, Touch
from jotgraph.content.match.account import natural_source
from jotgraph.content.match.own_layers import own_layers
from jotgraph.content.match.path_mapping import Explained, Known, candidate_maps, explain
from jotgraph.content.match.refine import Refined
from jotgraph.content.match.scoring import best, deltas, scores
from jotgraph.content.match.subtrees import refine
from jotgraph.content.match.trees import Trees
from jotgraph.content.match.view import View

_IN_PLACE = 1 << 24
"""The weight of a file under its own name; a renamed one weighs one."""


class Scored(msgspec.Struct, frozen=True):
    """One set of maps, and the commits that contain most of the files it explains."""

    maps: tuple[DirectoryMap, ...]
    explained: dict[str, Explained]
    commits: list[int]


def score(
    known: Known,
    touches: Sequence[Touch],
    names: Mapping[int, str],
    index: Index,
) -> tuple[list[Scored], bool]:
    """Return the explanations that cover most files, and whether some were not tried."""
    places: dict[int, set[str]] = {}
    for blob, place, _, sign in touches:
        if sign > 0:
            places.setdefault(blob, set()).add(names[place])
    numbers = {name: number for number, name in names.items()}
    history = index.history
    tried: list[tuple[tuple[int, int], Scored]] = []
    highest = (0, 1)
    plans, cut = candidate_maps(known, places)
    for maps in plans:
        explained = explain(known, places, maps)
        wanted: dict[tuple[int, int], int] = {}
        for path, file in explained.items():
            moved = natural_source(path, maps[file.map]) != file.path
            for blob in file.blobs:
                key = (blob, numbers[file.path])
                wanted[key] = wanted.get(key, 0) + (1 if moved else _IN_PLACE)
        if sum(weight // _IN_PLACE for weight in wanted.values()) < highest[0]:
            continue
        top, commits = best(scores(history.first, deltas(touches, wanted)), history.alive)
        in_place = top // _IN_PLACE
        # A file under another name chooses among commits, not among explanations of the others.
        reached = (in_place, 0 if in_place else top)
        if reached >= highest:
            highest = reached
            tried.append((reached, Scored(maps, explained, commits)))
    return [plan for reached, plan in tried if reached == highest], cut


def compared(image: View, plan: Scored, trees: Trees) -> Refined:
    """Return the trees of an explanation's commits, compared with the image."""
    own = own_layers(image, plan.explained, plan.maps, trees)
    return refine(image, plan.maps, plan.explained, plan.commits, own, trees)


def fittest(image: View, tried: Sequence[tuple[Scored, Refined]]) -> list[tuple[Scored, Refined]]:
    """Return the best of equally good explanations: most files in place, then fewest directories;
    where history says that directories were copied, those with complete ones."""
    least = min(refined.penalty for _, refined in tried)
    fitting = [pair for pair in tried if pair[1].penalty == least]
    layers = {image.files[path].layer for plan, _ in fitting for path in plan.explained}
    if all(image.whole[layer] for layer in layers):
        whole = [pair for pair in fitting if pair[1].complete]
        fitting = whole or fitting
    moves = [_moves(image, plan) for plan, _ in fitting]
    return [pair for pair, count in zip(fitting, moves, strict=True) if count == min(moves)]


def _moves(image: View, plan: Scored) -> tuple[int, int]:
    """How few files an explanation finds under their own name, and from how many directories it
    takes those of each layer. A file under another name does not speak for either."""
    in_place = [
        (path, file.map)
        for path, file in plan.explained.items()
        if natural_source(path, plan.maps[file.map]) == file.path
    ]
    return -len(in_place), len({(image.files[path].layer, map_) for path, map_ in in_place})


def meaning(plan: Scored, refined: Refined) -> tuple[frozenset[object], ...]:
    """Return what an explanation means, independent of the order in which it was found."""
    units = frozenset((unit.directory, unit.pattern) for unit in refined.units or ())
    files = frozenset((path, file.path) for path, file in plan.explained.items())
    return frozenset(refined.files.maps), units, files
