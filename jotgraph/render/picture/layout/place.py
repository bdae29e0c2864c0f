"""Places the cards of parts with Graphviz: columns by kind, lines between them, boxes around.

One process lays out many small parts, written one after another to its input; each has an invisible
spine with one node for each column, so that afterwards the columns of all parts can be aligned. A
part that is too large, or whose engine fails, is laid out by ``barycentre``.
"""

from __future__ import annotations

import itertools
import json
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from jotgraph.errors import RenderError
from jotgraph.records import ResourceId
from jotgraph.render.picture.drawing.clusters import index_of
from jotgraph.render.picture.drawing.components import BASE, Part
from jotgraph.render.picture.drawing.model import Cluster, Node
from jotgraph.render.picture.layout import barycentre, graphviz_engine
from jotgraph.render.picture.layout.geometry import (
    BETWEEN,
    GAP,
    HIGH,
    PAD,
    WIDE,
    Column,
    Placed,
    Point,
    is_index,
    nesting,
    settle,
)
from jotgraph.render.picture.layout.overlaps import squeeze, without_overlaps
from jotgraph.render.picture.layout.routing import route, smooth

LARGEST = 600
"""The most cards of a part that Graphviz lays out."""
BATCH = 1500
"""About this many cards are laid out by one process."""


def place(
    parts: list[Part],
    clusters: Mapping[str, Cluster],
    places: list[dict[ResourceId, Column]],
    at: Mapping[Column, float],
    which: str = graphviz_engine.PURE,
    seconds: float = graphviz_engine.SECONDS,
) -> list[Placed]:
    """Return coordinates for every part, by Graphviz where it can."""
    answers: dict[int, dict[str, Any]] = {}
    until = time.monotonic() + seconds
    for batch in _batches(parts):
        left = until - time.monotonic()
        if left <= 0:
            break
        source = "\n".join(_dot(parts[number], clusters, places[number], at) for number in batch)
        with suppress(RenderError, ValueError):
            most = min(left, seconds / 3)
            read = _read(graphviz_engine.run(source, "json0", engine=which, seconds=most))
            answers |= zip(batch, read, strict=True)
    return [
        _from_graphviz(part, clusters, places[number], at, answers[number])
        if number in answers
        else _without_graphviz(part, clusters, places[number], at)
        for number, part in enumerate(parts)
    ]


def _batches(parts: list[Part]) -> Iterator[list[int]]:
    """The numbers of parts for Graphviz, in batches, so that one which takes too long spoils few
    others."""
    batch: list[int] = []
    cards = 0
    for number, (nodes, edges) in enumerate(parts):
        if edges and len(nodes) <= LARGEST:
            batch.append(number)
            cards += len(nodes)
        if cards > BATCH:
            yield batch
            batch, cards = [], 0
    if batch:
        yield batch


def _read(answer: bytes) -> list[dict[str, Any]]:
    text, decoder, documents, at = answer.decode(), json.JSONDecoder(), [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        document, at = decoder.raw_decode(text, at)
        documents.append(document)
    return documents


def _dot(
    part: Part,
    clusters: Mapping[str, Cluster],
    columns: Mapping[ResourceId, Column],
    at: Mapping[Column, float],
) -> str:
    nodes, edges = part
    names = {node.id: f"n{number}" for number, node in enumerate(nodes)}
    spine = {column: f"c{number}" for number, column in enumerate(sorted(at))}
    out = [
        "digraph {",
        f"rankdir=LR newrank=true nodesep={BETWEEN / 72:.3f} ranksep={GAP / 72:.3f}",
        f'node [shape=box fixedsize=true width={WIDE / 72:.4f} height={HIGH / 72:.4f} label=""]',
        "edge [arrowhead=none tailport=e headport=w]",
    ]
    out += [f"{name} [height=0.02]" for name in spine.values()]
    out.append("->".join(spine.values()) + " [style=invis weight=0]")
    out.append(_nest(nesting(part, clusters), names))
    same: dict[Column, list[str]] = defaultdict(list)
    for node in nodes:
        same[columns[node.id]].append(names[node.id])
    out += [f"{{rank=same {spine[column]} {' '.join(same[column])}}}" for column in sorted(same)]
    for first in (node for node in nodes if is_index(node)):
        # Graphviz keeps the ends of a line within a column in order, its end above its start
        others = [node for node in nodes if node.cluster == first.cluster and node != first]
        below = [names[node.id] for node in others if columns[node.id] == columns[first.id]]
        out += [f"{name}->{names[first.id]} [style=invis]" for name in below]
    for number, edge in enumerate(edges):
        weight = 1 if edge.wrong or edge.relations == BASE else 4
        out.append(f"{names[edge.source]}->{names[edge.target]} [id=e{number} weight={weight}]")
    return "\n".join([*out, "}"])


def _nest(paths: Mapping[ResourceId, tuple[Cluster, ...]], names: Mapping[ResourceId, str]) -> str:
    """Cluster statements, nested like the boxes."""
    tree: dict[str, Any] = {}
    for resource, path in paths.items():
        here = tree
        for step in path:
            here = here.setdefault(step.key, {})
        here.setdefault("", []).append(names[resource])
    counter = itertools.count()

    def write(branch: dict[str, Any]) -> str:
        inner = "".join(
            f'subgraph cluster_{next(counter)} {{ margin={PAD:.0f} label=" " fontsize=13 '
            f"{write(branch[key])} }}\n"
            for key in sorted(branch)
            if key
        )
        return " ".join(branch.get("", ())) + inner

    return "".join(write({key: tree[key]}) for key in sorted(tree) if key)


def _from_graphviz(
    part: Part,
    clusters: Mapping[str, Cluster],
    columns: Mapping[ResourceId, Column],
    at: Mapping[Column, float],
    answer: dict[str, Any],
) -> Placed:
    nodes, edges = part
    objects = {item["name"]: item for item in answer.get("objects", ())}
    centre = {
        name: tuple(map(float, item["pos"].split(",")))
        for name, item in objects.items()
        if "pos" in item
    }
    marks = sorted(
        (centre[f"c{number}"][0], at[column] + WIDE / 2) for number, column in enumerate(sorted(at))
    )
    raw = {
        node.id: (at[columns[node.id]], -centre[f"n{number}"][1] - HIGH / 2)
        for number, node in enumerate(nodes)
    }
    paths = nesting(part, clusters)
    free = without_overlaps(_indexes_first(nodes, columns, raw), paths)
    free = squeeze(free, paths, BETWEEN + PAD)
    lines = {edge["id"]: edge["pos"] for edge in answer.get("edges", ()) if "id" in edge}
    moved = sorted((raw[resource][1], free[resource][1] - raw[resource][1]) for resource in raw)
    wishes = {
        number: smooth(
            [(_warp(x, marks), _shifted(-y, moved)) for x, y in _points(lines[f"e{number}"])]
        )
        for number in range(len(edges))
    }
    return settle(nodes, free, route(edges, free, paths, wishes), paths)


def _without_graphviz(
    part: Part,
    clusters: Mapping[str, Cluster],
    columns: Mapping[ResourceId, Column],
    at: Mapping[Column, float],
) -> Placed:
    nodes, edges = part
    paths = nesting(part, clusters)
    free = without_overlaps(barycentre.corners(part, clusters, columns, at), paths)
    return settle(nodes, free, route(edges, free, paths), paths)


def _indexes_first(
    nodes: Iterable[Node],
    columns: Mapping[ResourceId, Column],
    raw: Mapping[ResourceId, Point],
) -> dict[ResourceId, Point]:
    """Move an index above its contents where Graphviz could not."""
    points = dict(raw)
    boxes: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        if index_of(node.cluster):
            boxes[node.cluster].append(node)
    for members in boxes.values():
        for first in filter(is_index, members):
            pile = [node.id for node in members if columns[node.id] == columns[first.id]]
            pile.sort(key=lambda resource: (resource != first.id, raw[resource][1]))
            slots = sorted(raw[resource][1] for resource in pile)
            points |= {
                resource: (raw[resource][0], y) for resource, y in zip(pile, slots, strict=True)
            }
    return points


def _points(text: str) -> list[Point]:
    points = []
    for word in text.split():
        if word[0] not in "se":
            x, _, y = word.partition(",")
            points.append((float(x), float(y)))
    return points


def _shifted(y: float, moved: list[Point]) -> float:
    """A height, moved like the card next to it."""
    return y + moved[max(0, bisect_right(moved, (y, 0.0)) - 1)][1]


def _warp(x: float, marks: list[Point]) -> float:
    """Move x so that Graphviz's columns match the page's; cards keep their width."""
    half = WIDE / 2
    stops = [
        stop
        for mark, want in marks
        for stop in ((mark - half, want - half), (mark + half, want + half))
    ]
    position = max(0, min(bisect_right([stop[0] for stop in stops], x) - 1, len(stops) - 2))
    (a, b), (c, d) = stops[position], stops[position + 1]
    return b + (x - a) * (d - b) / (c - a) if c > a else b
