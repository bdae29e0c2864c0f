"""Lay out a whole drawing: its parts, packed into panels by account and region, with headings."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from jotgraph.records import KINDS, ResourceId
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.components import Part, split
from jotgraph.render.picture.drawing.model import Drawing, Node
from jotgraph.render.picture.layout import graphviz_engine
from jotgraph.render.picture.layout.geometry import (
    HEAD,
    PAD,
    WIDE,
    Box,
    Column,
    Placed,
    Route,
    Spot,
    columns_of,
    ruler,
)
from jotgraph.render.picture.layout.packing import pack
from jotgraph.render.picture.layout.place import place

MARGIN = 36.0
BREATH = 30.0
"""Between two parts of a panel."""
GUTTER = 56.0
TALLEST = 1500.0
"""A page taller than this and than it is wide is set in several columns of panels."""

Home = tuple[str, str]


class Page(msgspec.Struct, frozen=True):
    """Everything with its place on the page; the header and the legend are drawn around it."""

    drawing: Drawing
    spots: tuple[Spot, ...] = ()
    routes: tuple[Route, ...] = ()
    boxes: tuple[Box, ...] = ()
    headings: tuple[tuple[float, str], ...] = ()
    """(x, word) over each major column."""
    wide: float = 0.0
    high: float = 0.0


def lay_out(
    drawing: Drawing, which: str = graphviz_engine.PURE, seconds: float = graphviz_engine.SECONDS
) -> Page:
    """Coordinates for a whole drawing."""
    parts = sorted(split(drawing), key=_order)
    if not parts:
        return Page(drawing=drawing)
    columns = [columns_of(part) for part in parts]
    at = ruler(column for places in columns for column in places.values())
    clusters = {cluster.key: cluster for cluster in drawing.clusters}
    placed = place(parts, clusters, columns, at, which, seconds)
    homes = [home_of(part) for part in parts]
    pile = list(_shelved(zip(homes, placed, strict=True), at))
    strips = _strips(pile, max(at.values()) + WIDE)
    return _assemble(drawing, strips, at)


def home_of(part: Part) -> Home:
    """The account and region a part is in; empty text for none, ``*`` for several."""
    accounts = {node.account for node in part[0] if node.account}
    regions = {(node.account, node.region) for node in part[0] if node.region}
    if len(accounts) > 1:
        return "*", "*"
    if len(regions) > 1:
        return min(accounts), "*"
    if regions:
        return min(regions)
    return (min(accounts), "") if accounts else ("", "")


def lead_of(nodes: Iterable[Node]) -> ResourceId:
    """The card that a part is sorted by: its first function, or what is nearest to one."""
    return min((abs(3 - KINDS[node.kind].stage), node.id) for node in nodes)[1]


def _order(part: Part) -> tuple[bool, str, bool, str, bool, bool, int, str]:
    """Places in order; within one, parts with lines first, stacks last, what is wrong before
    what is not."""
    account, region = home_of(part)
    nodes, edges = part
    stacks = all(node.count > 1 or node.ghost for node in nodes)
    worst = min((node.rank for node in nodes), default=9)
    name = lead_of(nodes)
    return account == "", account, region == "", region, not edges, stacks, worst, name


def _shelved(
    parts: Iterable[tuple[Home, Placed]], at: dict[Column, float]
) -> Iterable[tuple[Home, Placed]]:
    """The parts of each place, those that no line touches in rows at its end."""
    for home, members in groupby(parts, key=lambda pair: pair[0]):
        loose = []
        for _, part in members:
            if part.routes:
                yield home, part
            else:
                loose.append(part)
        last = 3 if home[1] not in ("", "*") else 4
        right = max(x for (major, _), x in at.items() if major <= last) + WIDE + PAD
        left = min(x for (major, _), x in at.items() if major >= (2 if home[0] else 0))
        yield from ((home, part) for part in pack(loose, left, right))


def _strips(parts: list[tuple[Home, Placed]], wide: float) -> list[list[tuple[Home, Placed]]]:
    """Cut the pile of parts into columns, so that the page is not much taller than wide."""
    total = sum(part.high + BREATH for _, part in parts)
    count = max(1, round(math.sqrt(total / (wide + GUTTER)) + 0.25)) if total > TALLEST else 1
    limit = max(total / count, max(part.high for _, part in parts))
    strips: list[list[tuple[Home, Placed]]] = [[]]
    y = 0.0
    for home, part in parts:
        if strips[-1] and y + part.high > limit * 1.02 and len(strips) < count:
            strips.append([])
            y = 0.0
        strips[-1].append((home, part))
        y += part.high + BREATH
    return strips


class _Sheet(NamedTuple):
    """What has been put on the page so far."""

    spots: list[Spot]
    routes: list[Route]
    boxes: list[Box]

    def put(self, part: Placed, x: float, y: float) -> None:
        """Put a part at a place."""
        self.spots.extend(Spot(spot.node, spot.x + x, spot.y + y) for spot in part.spots)
        self.routes.extend(_shift(route, x, y) for route in part.routes)
        self.boxes.extend(replace(box, x=box.x + x, y=box.y + y) for box in part.boxes)


def _assemble(
    drawing: Drawing, strips: list[list[tuple[Home, Placed]]], at: dict[Column, float]
) -> Page:
    sheet = _Sheet([], [], [])
    headings: list[tuple[float, str]] = []
    before: set[Home] = set()
    span = max(at.values()) + WIDE + 8 * PAD
    bottom = 0.0
    for number, strip in enumerate(strips):
        left = number * (span + GUTTER) + 4 * PAD
        headings += _headings(at, left)
        bottom = max(bottom, _fill(sheet, strip, at, left, before))
        before.update(home for home, _ in strip)
    order = {"account": 0, "region": 1, "index": 3}
    return Page(
        drawing=drawing,
        spots=tuple(sheet.spots),
        routes=tuple(sheet.routes),
        boxes=tuple(sorted(sheet.boxes, key=lambda box: order.get(box.kind, 2))),
        headings=tuple(headings),
        wide=len(strips) * (span + GUTTER) - GUTTER,
        high=bottom,
    )


def _fill(
    sheet: _Sheet,
    strip: list[tuple[Home, Placed]],
    at: dict[Column, float],
    left: float,
    before: set[Home],
) -> float:
    """Put a strip's parts one under another, in panels by account and region; how high it is.
    ``before`` are the homes of earlier strips, which may go on here."""
    y = 0.0
    for account, panel in groupby(strip, key=lambda pair: pair[0][0]):
        top = y
        y += HEAD + PAD if account not in ("", "*") else 0.0
        for region, members in groupby(panel, key=lambda pair: pair[0][1]):
            start = y
            boxed = region not in ("", "*")
            y += HEAD + PAD if boxed else 0.0
            for _, part in members:
                sheet.put(part, left, y)
                y += part.high + BREATH
            y += (PAD if boxed else 0.0) - BREATH
            if boxed:
                title = _again(region, (account, region) in before)
                sheet.boxes.append(_panel("region", title, at, left, start, y, (2, 3)))
            y += BREATH
        y += -BREATH + (PAD if account not in ("", "*") else 0.0)
        if account not in ("", "*"):
            title = _again(f"account {account}", account in {home for home, _ in before})
            sheet.boxes.append(_panel("account", title, at, left, top, y, (2, 4)))
        y += BREATH
    return y - BREATH


def _again(title: str, before: bool) -> str:
    """The heading of a place, which may go on from the column before."""
    return f"{title}, continued" if before else title


def _headings(at: dict[Column, float], left: float) -> Iterable[tuple[float, str]]:
    seen = set()
    for column, x in sorted(at.items()):
        word = style.HEADINGS.get(column) or style.COLUMNS[column[0]]
        if word not in seen:
            yield left + x, word
        seen.add(word)


def _panel(
    kind: str,
    title: str,
    at: dict[Column, float],
    left: float,
    top: float,
    bottom: float,
    majors: tuple[int, int],
) -> Box:
    """A box over the columns of AWS, around all parts of one place."""
    inside = [x for (major, _), x in at.items() if majors[0] <= major <= majors[1]]
    room = PAD * (4 if kind == "account" else 3)
    x = min(inside, default=0.0) + left - room
    end = max(inside, default=0.0) + left + WIDE + room
    return Box(kind, title, title, "", x, top, end - x, bottom - top)


def _shift(route: Route, x: float, y: float) -> Route:
    return Route(route.edge, tuple((a + x, b + y) for a, b in route.points))
