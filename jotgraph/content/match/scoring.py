"""Score commits by how many of the image's files they hold where these came from. Pure, one pass.

``score(c) = score(first parent of c) + delta(c)``: exact in any history, because diffs against the
first parent compose along first parents, merges and roots included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

Wanted = Mapping[tuple[int, int], int]
"""(blob, path) -> the number of image files that this blob at this path explains."""


def deltas(touches: Iterable[tuple[int, int, int, int]], wanted: Wanted) -> dict[int, int]:
    """What each commit adds to its first parent's score, from (blob, path, commit, sign) rows."""
    gains: dict[int, int] = {}
    for blob, path, commit, sign in touches:
        weight = wanted.get((blob, path))
        if weight:
            gains[commit] = gains.get(commit, 0) + sign * weight
    return gains


def scores(first: Sequence[int], delta: Mapping[int, int]) -> list[int]:
    """Score of every commit; ``first`` holds first parents, -1 for none, parents come before."""
    gains = [0] * len(first)
    for commit, gain in delta.items():
        gains[commit] = gain
    total = [0]  # before a root, nothing: places are shifted by one
    append = total.append
    for parent, gain in zip(first, gains, strict=True):
        append(total[parent + 1] + gain)
    return total[1:]


def best(total: Sequence[int], alive: Sequence[int]) -> tuple[int, list[int]]:
    """Return the highest score of a reachable commit, and all reachable commits with it."""
    living = total if all(alive) else [s if a else 0 for s, a in zip(total, alive, strict=True)]
    top = max(living, default=0)
    return (top, [n for n, score in enumerate(living) if score == top]) if top > 0 else (0, [])


def related(parents: Sequence[Sequence[int]], members: Iterable[int]) -> bytearray:
    """1 for every commit that is, or descends from, one of ``members``."""
    mark = bytearray(len(parents))
    chosen = sorted(members)
    for n in chosen:
        mark[n] = 1
    start = chosen[0] + 1 if chosen else len(mark)
    for n, above in enumerate(parents[start:], start):
        for parent in above:
            if mark[parent]:
                mark[n] = 1
                break
    return mark
