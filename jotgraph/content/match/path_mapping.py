"""Find where files were copied from: maps of directories, by the blobs in common. Pure.

A pair of paths of one blob votes for what is left of both when their longest common ending is
taken off. The vote weighs the less, the more places the blob lives in; maps are taken greedily
until every file is covered.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping
from itertools import product

import msgspec

from jotgraph.content.directories import DirectoryMap, join, relative, under

Known = Mapping[str, Collection[int]]
"""Image path -> numbers of the blobs it may be (as it is, with LF ends, as an LFS pointer)."""
Places = Mapping[int, Collection[str]]
"""Blob number -> repository paths it ever lived at."""

PLANS = 48
"""The most sets of maps that are tried."""
_PAIRS = 10_000
"""A blob with more pairs than this (a licence header in every directory) has no vote."""
_LEAST = 0.2
"""The least gain of a further map: less is a coincidence of widely copied files."""


class Explained(msgspec.Struct, frozen=True):
    """One explained image file: the map's number, and its place in the repository."""

    map: int
    path: str
    blobs: tuple[int, ...]


def candidate_maps(known: Known, places: Places) -> tuple[list[tuple[DirectoryMap, ...]], bool]:
    """The sets of maps to try, best vote first, and whether some were left out: more than one
    where copy-pasted siblings could each be the source of a directory."""
    votes = _votes(known, places)
    if not votes:
        return [], False
    weight = {map_: sum(paths.values()) for map_, paths in votes.items()}
    plans: dict[tuple[DirectoryMap, ...], None] = {}
    first = min(votes, key=lambda map_: (-weight[map_], map_))
    rivals = [_rivals(chosen, votes, weight) for chosen in _cover(votes, (first,))]
    for combination in product(*rivals):
        if len(plans) == PLANS:
            return list(plans), True
        plans.setdefault(_cover(votes, tuple(dict.fromkeys(combination))))
    return list(plans), False


def _rivals(
    chosen: DirectoryMap,
    votes: Mapping[DirectoryMap, Mapping[str, float]],
    weight: Mapping[DirectoryMap, float],
) -> list[DirectoryMap]:
    """The maps of the same directory of the image that explain half as many files, or more."""
    return sorted(
        (
            map_
            for map_ in votes
            if map_.image == chosen.image and 2 * len(votes[map_]) >= len(votes[chosen])
        ),
        key=lambda map_: (-weight[map_], map_),
    )


def explain(known: Known, places: Places, maps: tuple[DirectoryMap, ...]) -> dict[str, Explained]:
    """Assign each image file to the first map that explains it, then look for renamed files."""
    explained: dict[str, Explained] = {}
    for path, blobs in known.items():
        for number, map_ in enumerate(maps):
            if not under(path, map_.image):
                continue
            source = join(map_.repository, relative(path, map_.image))
            equal = tuple(sorted(blob for blob in blobs if source in places.get(blob, ())))
            if equal:
                explained[path] = Explained(number, source, equal)
                break
    taken = {explanation.path for explanation in explained.values()}
    for path in sorted(known.keys() - explained.keys()):
        renamed = _renamed(path, known[path], places, maps, taken)
        if renamed is not None:
            explained[path] = renamed
            taken.add(renamed.path)
    return explained


def _renamed(
    path: str,
    blobs: Collection[int],
    places: Places,
    maps: tuple[DirectoryMap, ...],
    taken: Collection[str],
) -> Explained | None:
    """``COPY app.py lambda_function.py``: another name, the only place in a mapped directory."""
    for number, map_ in enumerate(maps):
        if not under(path, map_.image):
            continue
        for blob in sorted(blobs):
            sources = [at for at in places.get(blob, ()) if under(at, map_.repository)]
            if len(sources) == 1 and sources[0] not in taken:
                return Explained(number, sources[0], (blob,))
    return None


def _votes(known: Known, places: Places) -> dict[DirectoryMap, dict[str, float]]:
    images: dict[int, list[str]] = {}
    for path, blobs in known.items():
        for blob in blobs:
            images.setdefault(blob, []).append(path)
    votes: dict[DirectoryMap, dict[str, float]] = {}
    lonely: list[tuple[str, str]] = []
    for blob, paths in images.items():
        sources = places.get(blob, ())
        pairs = len(paths) * len(sources)
        if not 0 < pairs <= _PAIRS:
            continue
        for path in paths:
            for source in sources:
                map_ = _stripped(path, source)
                if map_ is not None:
                    cast = votes.setdefault(map_, {})
                    cast[path] = max(cast.get(path, 0.0), 1 / pairs)
                elif pairs == 1:
                    lonely.append((path, source))
    if not votes:  # nothing but renamed files
        for path, source in lonely:
            map_ = DirectoryMap(path.rpartition("/")[0], source.rpartition("/")[0])
            votes.setdefault(map_, {})[path] = 1.0
    return votes


def _stripped(path: str, source: str) -> DirectoryMap | None:
    image_parts, source_parts = path.split("/"), source.split("/")
    same = 0
    for a, b in zip(reversed(image_parts), reversed(source_parts), strict=False):
        if a != b:
            break
        same += 1
    if not same:
        return None
    return DirectoryMap("/".join(image_parts[:-same]), "/".join(source_parts[:-same]))


def _cover(
    votes: Mapping[DirectoryMap, Mapping[str, float]], fixed: tuple[DirectoryMap, ...]
) -> tuple[DirectoryMap, ...]:
    """``fixed`` maps, and others until every file is covered."""
    chosen = list(fixed)
    covered = {path for map_ in fixed for path in votes[map_]}
    heap = [(-sum(paths.values()), map_) for map_, paths in votes.items() if map_ not in fixed]
    heapq.heapify(heap)
    while heap and -heap[0][0] >= _LEAST:
        _, map_ = heapq.heappop(heap)
        gain = sum(weight for path, weight in votes[map_].items() if path not in covered)
        if gain < _LEAST:
            continue
        if heap and (-gain, map_) > heap[0]:
            heapq.heappush(heap, (-gain, map_))  # stale: others may gain more now
            continue
        chosen.append(map_)
        covered.update(votes[map_])
    return tuple(chosen)
