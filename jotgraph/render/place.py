"""Parts -> coordinates by Graphviz: cards in columns by kind, lines between them, boxes around.

One process lays out all small parts, written one after another into its input; each holds an
invisible spine with one node per column, so that afterwards every part's columns can be moved to
the same places. A part too large, or an engine that fails, is stacked by ``stack`` instead.
"""

from __future__ import annotations

import itertools
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from jotgraph.errors import RenderError
from jotgraph.records import Kind, ResourceId
from jotgraph.render import engine, style
from jotgraph.render.components import Part
from jotgraph.render.drawing import Cluster, Edge, Node

WIDE, HIGH = 176.0, 44.0
GAP, NARROW_GAP = 96.0, 56.0
BETWEEN = 22.0
PAD, HEAD = 14.0, 20.0
LARGEST = 600
"""Most cards of one part that Graphviz is asked to lay out."""

Column = tuple[int, int]
Point = tuple[float, float]


class Spot(msgspec.Struct, frozen=True, gc=False):
    """A card's upper left corner; it is WIDE by HIGH."""

    node: Node
    x: float
    y: float


class Route(msgspec.Struct, frozen=True, gc=False):
    """A line: a start and then cubic Bézier triples."""

    edge: Edge
    points: tuple[Point, ...]


class Box(msgspec.Struct, frozen=True, gc=False):
    """A quiet box and its heading."""

    kind: str
    title: str
    tooltip: str
    href: str
    x: float
    y: float
    wide: float
    high: float


class Placed(msgspec.Struct, frozen=True):
    """A part with coordinates; its top is at y = 0, its x are those of the page's columns."""

    spots: tuple[Spot, ...]
    routes: tuple[Route, ...]
    boxes: tuple[Box, ...]
    high: float


def columns_of(part: Part) -> dict[ResourceId, Column]:
    """Major column by kind; minor by how far a card is from the first of its kind."""
    nodes, edges = part
    major = {each.id: style.KINDS[each.kind].column for each in nodes}
    inner: dict[ResourceId, list[ResourceId]] = defaultdict(list)
    for edge in edges:
        if major[edge.source] == major[edge.target] and edge.source != edge.target:
            inner[edge.target].append(edge.source)
    depth: dict[ResourceId, int] = {}

    def deep(each: ResourceId, seen: frozenset[ResourceId]) -> int:
        if each not in depth:
            before = [deep(one, seen | {each}) for one in inner[each] if one not in seen]
            depth[each] = min(3, max(before, default=-1) + 1)
        return depth[each]

    fixed = {Kind.FUNCTION: 0, Kind.VERSION: 0, Kind.ALIAS: 1, Kind.TRIGGER: 2}
    return {
        each.id: (
            major[each.id],
            fixed[each.kind] if each.kind in fixed else deep(each.id, frozenset()),
        )
        for each in nodes
    }


def ruler(columns: Iterable[Column]) -> dict[Column, float]:
    """The left side of every column in use."""
    found: dict[Column, float] = {}
    x, before = 0.0, None
    for each in sorted(set(columns)):
        if before is not None:
            x += WIDE + (NARROW_GAP if before[0] == each[0] else GAP)
        found[each] = x
        before = each
    return found


def place(
    parts: list[Part],
    clusters: Mapping[str, Cluster],
    places: list[dict[ResourceId, Column]],
    at: Mapping[Column, float],
    which: str = engine.PURE,
    seconds: float = engine.SECONDS,
) -> list[Placed]:
    """Coordinates for every part, by Graphviz where it can."""
    small = [
        number for number, (nodes, edges) in enumerate(parts) if edges and len(nodes) <= LARGEST
    ]
    answers: dict[int, dict[str, Any]] = {}
    try:
        source = "\n".join(_dot(parts[each], clusters, places[each], at) for each in small)
        answers = (
            dict(
                zip(
                    small,
                    _read(engine.run(source, "json0", engine=which, seconds=seconds)),
                    strict=True,
                )
            )
            if small
            else {}
        )
    except (RenderError, ValueError):
        answers = {}
    return [
        _from_graphviz(part, clusters, places[number], at, answers[number])
        if number in answers
        else stack(part, clusters, places[number], at)
        for number, part in enumerate(parts)
    ]


def _read(answer: bytes) -> list[dict[str, Any]]:
    text, decoder, found, at = answer.decode(), json.JSONDecoder(), [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        each, at = decoder.raw_decode(text, at)
        found.append(each)
    return found


def _dot(
    part: Part,
    clusters: Mapping[str, Cluster],
    columns: Mapping[ResourceId, Column],
    at: Mapping[Column, float],
) -> str:
    nodes, edges = part
    names = {each.id: f"n{number}" for number, each in enumerate(nodes)}
    spine = {each: f"c{number}" for number, each in enumerate(sorted(at))}
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
    for each in nodes:
        same[columns[each.id]].append(names[each.id])
    out += [f"{{rank=same {spine[each]} {' '.join(same[each])}}}" for each in sorted(same)]
    for number, edge in enumerate(edges):
        weight = 1 if edge.wrong else 3
        out.append(f"{names[edge.source]}->{names[edge.target]} [id=e{number} weight={weight}]")
    return "\n".join([*out, "}"])


def nesting(part: Part, clusters: Mapping[str, Cluster]) -> dict[ResourceId, tuple[Cluster, ...]]:
    """The boxes of each card, outermost first. Accounts and regions are among them only in a part
    that spans several; around parts of one place the page draws them."""
    nodes, _ = part
    accounts = {each.account for each in nodes if each.account}
    places = {(each.account, each.region) for each in nodes if each.region}
    found = {}
    for each in nodes:
        path = []
        if len(accounts) > 1 and each.account:
            key = f"account:{each.account}"
            path.append(Cluster(key=key, kind="account", title=f"account {each.account}"))
        if len(places) > 1 and each.region:
            key = f"region:{each.account}/{each.region}"
            path.append(Cluster(key=key, kind="region", title=each.region))
        if each.cluster in clusters:
            box = clusters[each.cluster]
            path += [clusters[box.parent], box] if box.parent in clusters else [box]
        found[each.id] = tuple(path)
    return found


def _nest(paths: Mapping[ResourceId, tuple[Cluster, ...]], names: Mapping[ResourceId, str]) -> str:
    """Cluster statements, nested as the boxes are."""
    tree: dict[str, Any] = {}
    for each, path in paths.items():
        here = tree
        for step in path:
            here = here.setdefault(step.key, {})
        here.setdefault("", []).append(names[each])
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
    objects = {each["name"]: each for each in answer.get("objects", ())}
    centre = {
        name: tuple(map(float, each["pos"].split(",")))
        for name, each in objects.items()
        if "pos" in each
    }
    marks = sorted(
        (centre[f"c{number}"][0], at[each] + WIDE / 2) for number, each in enumerate(sorted(at))
    )
    raw = {
        each.id: (at[columns[each.id]], -centre[f"n{number}"][1] - HIGH / 2)
        for number, each in enumerate(nodes)
    }
    lines = {each["id"]: each["pos"] for each in answer.get("edges", ()) if "id" in each}
    routes = []
    for number, edge in enumerate(edges):
        bends = [(_warp(x, marks), -y) for x, y in _points(lines[f"e{number}"])]
        # Graphviz stops a point short of the card
        start, end = _curve(raw[edge.source], raw[edge.target])[::3]
        routes.append((edge, [start, *bends[1:-1], end]))
    return settle(nodes, raw, routes, nesting(part, clusters))


def _points(text: str) -> list[Point]:
    found = []
    for each in text.split():
        if each[0] not in "se":
            x, _, y = each.partition(",")
            found.append((float(x), float(y)))
    return found


def _warp(x: float, marks: list[Point]) -> float:
    """Move x so that Graphviz's columns land on the page's; cards keep their width."""
    half = WIDE / 2
    stops = [
        stop
        for mark, want in marks
        for stop in ((mark - half, want - half), (mark + half, want + half))
    ]
    found = max(0, min(bisect_right([each[0] for each in stops], x) - 1, len(stops) - 2))
    (a, b), (c, d) = stops[found], stops[found + 1]
    return b + (x - a) * (d - b) / (c - a) if c > a else b


def settle(
    nodes: Iterable[Node],
    raw: Mapping[ResourceId, Point],
    routes: Iterable[tuple[Edge, list[Point]]],
    paths: Mapping[ResourceId, tuple[Cluster, ...]],
) -> Placed:
    """Draw the boxes around their cards and move everything so that the top is at 0."""
    known = {step.key: step for path in paths.values() for step in path}
    rims = _rims(raw, paths)
    drawn = [(edge, points) for edge, points in routes]
    tops = [y for _, y in raw.values()] + [rim[1] for rim in rims.values()]
    tops += [y for _, points in drawn for _, y in points]
    ends = [y + HIGH for _, y in raw.values()] + [rim[3] for rim in rims.values()]
    ends += [y for _, points in drawn for _, y in points]
    top = min(tops)
    boxes = tuple(
        Box(
            kind=known[key].kind,
            title=known[key].title,
            tooltip=known[key].tooltip,
            href=known[key].href,
            x=rim[0],
            y=rim[1] - top,
            wide=rim[2] - rim[0],
            high=rim[3] - rim[1],
        )
        for key, rim in sorted(rims.items(), key=lambda item: _outer(known[item[0]].kind, item[0]))
    )
    return Placed(
        spots=tuple(Spot(each, raw[each.id][0], raw[each.id][1] - top) for each in nodes),
        routes=tuple(Route(edge, tuple((x, y - top) for x, y in points)) for edge, points in drawn),
        boxes=boxes,
        high=max(ends) - top,
    )


def _rims(
    raw: Mapping[ResourceId, Point], paths: Mapping[ResourceId, tuple[Cluster, ...]]
) -> dict[str, tuple[float, float, float, float]]:
    """Left, top, right and bottom of every box; a box holds its cards and inner boxes."""
    rims: dict[str, tuple[float, float, float, float]] = {}
    for each, path in paths.items():
        x, y = raw[each]
        rim = (x, y, x + WIDE, y + HIGH)
        for step in reversed(path):
            rim = (rim[0] - PAD, rim[1] - PAD - HEAD, rim[2] + PAD, rim[3] + PAD)
            old = rims.get(step.key, rim)
            rims[step.key] = (
                min(old[0], rim[0]),
                min(old[1], rim[1]),
                max(old[2], rim[2]),
                max(old[3], rim[3]),
            )
    return rims


def _outer(kind: str, key: str) -> tuple[int, str]:
    """Draw outer boxes first."""
    return ({"account": 0, "region": 1, "index": 3}.get(kind, 2), key)


def stack(
    part: Part,
    clusters: Mapping[str, Cluster],
    columns: Mapping[ResourceId, Column],
    at: Mapping[Column, float],
) -> Placed:
    """Pile boxes and cards per column, ordered by where their neighbours on the left are."""
    nodes, edges = part
    before: dict[ResourceId, list[ResourceId]] = defaultdict(list)
    for edge in edges:
        before[edge.target].append(edge.source)
    raw: dict[ResourceId, Point] = {}
    blocks: dict[int, dict[str, list[Node]]] = defaultdict(lambda: defaultdict(list))
    for each in nodes:
        box = clusters.get(each.cluster)
        key = (box.parent or box.key) if box else each.id
        blocks[columns[each.id][0]][key].append(each)
    for major in sorted(blocks):
        heights = {
            key: [raw[one][1] for each in group for one in before[each.id] if one in raw]
            for key, group in blocks[major].items()
        }
        order = sorted(
            blocks[major].items(),
            key=lambda item: (
                sum(heights[item[0]]) / len(heights[item[0]]) if heights[item[0]] else 0.0,
                item[0],
            ),
        )
        y = 0.0
        for key, group in order:
            boxed = key in clusters
            y += PAD + HEAD if boxed else 0.0
            rows: dict[Column, int] = defaultdict(int)
            for each in sorted(group, key=lambda one: (_mean(before[one.id], raw), one.id)):
                column = columns[each.id]
                raw[each.id] = (at[column], y + rows[column] * (HIGH + BETWEEN))
                rows[column] += 1
            y += max(rows.values()) * (HIGH + BETWEEN) + (PAD if boxed else 0.0)
    routes = [(edge, _curve(raw[edge.source], raw[edge.target])) for edge in edges]
    paths = {
        each.id: (clusters[box.parent or box.key],) if (box := clusters.get(each.cluster)) else ()
        for each in nodes
    }
    return settle(nodes, raw, routes, paths)


def _mean(ids: Iterable[ResourceId], raw: Mapping[ResourceId, Point]) -> float:
    found = [raw[each][1] for each in ids if each in raw]
    return sum(found) / len(found) if found else 0.0


def _curve(source: Point, target: Point) -> list[Point]:
    x, y = source[0] + WIDE, source[1] + HIGH / 2
    to_x, to_y = target[0], target[1] + HIGH / 2
    bend = max(24.0, (to_x - x) / 2)
    return [(x, y), (x + bend, y), (to_x - bend, to_y), (to_x, to_y)]
