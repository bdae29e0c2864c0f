"""Moves cards and their boxes down where boxes would overlap.

Graphviz separates clusters, but not always when their cards are held in columns, and its margins
differ from those of our boxes. What does not overlap stays in place.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from jotgraph.records import ResourceId
from jotgraph.render.picture.drawing.model import Cluster
from jotgraph.render.picture.layout.geometry import HEAD, HIGH, PAD, WIDE, Point, rims

APART = 8.0
"""Least distance between two boxes, or a box and a card."""

Rim = tuple[float, float, float, float]
Tree = dict[str, Any]


def without_overlaps(
    raw: Mapping[ResourceId, Point], paths: Mapping[ResourceId, tuple[Cluster, ...]]
) -> dict[ResourceId, Point]:
    """Return upper left corners of the cards without overlaps, and outside of other boxes."""
    moved = dict(raw)
    tree: Tree = {}
    for resource, path in paths.items():
        branch = tree
        for step in path:
            branch = branch.setdefault(step.key, {})
        branch.setdefault("", []).append(resource)
    _place(tree, moved)
    return moved


def squeeze(
    at: Mapping[ResourceId, Point], paths: Mapping[ResourceId, tuple[Cluster, ...]], room: float
) -> dict[ResourceId, Point]:
    """Move cards up where a band across all columns is empty for more than ``room``."""
    spans = [(y, y + HIGH) for _, y in at.values()]
    spans += [(rim[1], rim[3]) for rim in rims(at, paths).values()]
    cuts: list[tuple[float, float]] = []
    low, gone = min(top for top, _ in spans), 0.0
    for top, bottom in sorted(spans):
        if top - low > room:
            gone += top - low - room
        cuts.append((top, gone))
        low = max(low, bottom)
    tops = [cut for cut, _ in cuts]
    return {
        resource: (x, y - cuts[bisect_right(tops, y) - 1][1]) for resource, (x, y) in at.items()
    }


def _place(tree: Tree, at: dict[ResourceId, Point]) -> Rim:
    """Separate the contents of a box; return the rim around them."""
    things: list[tuple[Rim, list[ResourceId]]] = []
    for key in sorted(key for key in tree if key):
        x, y, right, bottom = _place(tree[key], at)
        rim = (x - PAD, y - PAD - HEAD, right + PAD, bottom + PAD)
        things.append((rim, _cards(tree[key])))
    for resource in tree.get("", ()):
        x, y = at[resource]
        things.append(((x, y, x + WIDE, y + HIGH), [resource]))
    done: list[Rim] = []
    for rim, cards in sorted(things, key=lambda pair: (pair[0][1], pair[1])):
        x, y, right, bottom = rim
        above = [placed[3] for placed in done if placed[0] < right and x < placed[2]]
        by = max(0.0, max(above, default=y - APART) + APART - y)
        for card in cards if by else ():
            at[card] = (at[card][0], at[card][1] + by)
        done.append((x, y + by, right, bottom + by))
    return (
        min(rim[0] for rim in done),
        min(rim[1] for rim in done),
        max(rim[2] for rim in done),
        max(rim[3] for rim in done),
    )


def _cards(tree: Tree) -> list[ResourceId]:
    return [*tree.get("", ()), *(card for key in sorted(tree) if key for card in _cards(tree[key]))]
