"""Where files were copied from: image paths and the repository paths of the same blobs in, maps of
directories out. Pure.

A pair of paths of one blob votes for what is left of both when their longest common ending is
taken off. The vote weighs the less, the more places the blob lives in; maps are taken greedily
until every file is covered.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping

import msgspec

Known = Mapping[str, Collection[int]]
"""Image path -> numbers of the blobs it may be (as it is, with LF ends, as an LFS pointer)."""
Places = Mapping[int, Collection[str]]
"""Blob number -> repository paths it ever lived at."""

ALTERNATIVES = 4
_PAIRS = 10_000
"""A blob with more pairs than this (a licence header in every directory) casts no vote."""
_LEAST = 0.2
"""What a further map must gain: less is a coincidence of widely copied files."""


class DirectoryMap(msgspec.Struct, frozen=True, order=True):
    """Files beneath ``image`` were copied from beneath ``repository``; ``""`` is the root."""

    image: str
    repository: str


class Assigned(msgspec.Struct, frozen=True):
    """One image file, explained: the map's number, and where in the repository it comes from."""

    map: int
    path: str
    blobs: tuple[int, ...]


def under(path: str, directory: str) -> bool:
    return not directory or path.startswith(directory + "/")


def join(directory: str, name: str) -> str:
    return f"{directory}/{name}" if directory and name else directory or name


def relative(path: str, directory: str) -> str:
    return path[len(directory) + 1 :] if directory else path


def plans(known: Known, places: Places) -> list[tuple[DirectoryMap, ...]]:
    """The sets of maps to try, best vote first: more than one where copy-pasted siblings could
    each be the source of the main directory."""
    votes = _votes(known, places)
    if not votes:
        return []
    first = min(votes, key=lambda m: (-sum(votes[m].values()), m))
    rivals = sorted(
        (m for m in votes if m.image == first.image and 2 * len(votes[m]) >= len(votes[first])),
        key=lambda m: (-sum(votes[m].values()), m),
    )
    return [_cover(votes, rival) for rival in rivals[:ALTERNATIVES]]


def assign(known: Known, places: Places, maps: tuple[DirectoryMap, ...]) -> dict[str, Assigned]:
    """Give each image file to the first map that explains it, then look for renamed ones."""
    found: dict[str, Assigned] = {}
    for path, blobs in known.items():
        for number, each in enumerate(maps):
            if not under(path, each.image):
                continue
            source = join(each.repository, relative(path, each.image))
            equal = tuple(sorted(blob for blob in blobs if source in places.get(blob, ())))
            if equal:
                found[path] = Assigned(number, source, equal)
                break
    taken = {assigned.path for assigned in found.values()}
    for path in sorted(known.keys() - found.keys()):
        renamed = _renamed(path, known[path], places, maps, taken)
        if renamed is not None:
            found[path] = renamed
            taken.add(renamed.path)
    return found


def _renamed(
    path: str,
    blobs: Collection[int],
    places: Places,
    maps: tuple[DirectoryMap, ...],
    taken: Collection[str],
) -> Assigned | None:
    """``COPY app.py lambda_function.py``: another name, the only place in a mapped directory."""
    for number, each in enumerate(maps):
        if not under(path, each.image):
            continue
        for blob in sorted(blobs):
            sources = [at for at in places.get(blob, ()) if under(at, each.repository)]
            if len(sources) == 1 and sources[0] not in taken:
                return Assigned(number, sources[0], (blob,))
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
                each = _stripped(path, source)
                if each is not None:
                    cast = votes.setdefault(each, {})
                    cast[path] = max(cast.get(path, 0.0), 1 / pairs)
                elif pairs == 1:
                    lonely.append((path, source))
    if not votes:  # nothing but renamed files
        for path, source in lonely:
            each = DirectoryMap(path.rpartition("/")[0], source.rpartition("/")[0])
            votes.setdefault(each, {})[path] = 1.0
    return votes


def _stripped(path: str, source: str) -> DirectoryMap | None:
    one, other = path.split("/"), source.split("/")
    same = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        same += 1
    if not same:
        return None
    return DirectoryMap("/".join(one[:-same]), "/".join(other[:-same]))


def _cover(
    votes: Mapping[DirectoryMap, Mapping[str, float]], first: DirectoryMap
) -> tuple[DirectoryMap, ...]:
    chosen = [first]
    covered = set(votes[first])
    heap = [(-sum(paths.values()), each) for each, paths in votes.items() if each != first]
    heapq.heapify(heap)
    while heap and -heap[0][0] >= _LEAST:
        _, each = heapq.heappop(heap)
        gain = sum(weight for path, weight in votes[each].items() if path not in covered)
        if gain < _LEAST:
            continue
        if heap and (-gain, each) > heap[0]:
            heapq.heappush(heap, (-gain, each))  # stale: others may gain more now
            continue
        chosen.append(each)
        covered.update(votes[each])
    return tuple(chosen)
