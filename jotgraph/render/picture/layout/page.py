"""Drawing -> a page: parts laid out, packed into panels by account and region, with headings."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby

import msgspec

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
from jotgraph.render.picture.layout.packing import shelve
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
    columns = [columns_of(each) for each in parts]
    at = ruler(column for each in columns for column in each.values())
    clusters = {each.key: each for each in drawing.clusters}
    placed = place(parts, clusters, columns, at, which, seconds)
    homes = [home_of(each) for each in parts]
    pile = list(_shelved(zip(homes, placed, strict=True), at))
    strips = _strips(pile, max(at.values()) + WIDE)
    return _assemble(drawing, strips, at)


def home_of(part: Part) -> Home:
    """The account and region a part is in; empty text for none, ``*`` for several."""
    accounts = {each.account for each in part[0] if each.account}
    regions = {(each.account, each.region) for each in part[0] if each.region}
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
    stacks = all(each.count > 1 or each.ghost for each in nodes)
    worst = min((each.rank for each in nodes), default=9)
    name = lead_of(nodes)
    return account == "", account, region == "", region, not edges, stacks, worst, name


def _shelved(
    parts: Iterable[tuple[Home, Placed]], at: dict[Column, float]
) -> Iterable[tuple[Home, Placed]]:
    """The parts of each place, those that no line touches in rows at its end."""
    for home, members in groupby(parts, key=lambda each: each[0]):
        loose = []
        for _, each in members:
            if each.routes:
                yield home, each
            else:
                loose.append(each)
        last = 3 if home[1] not in ("", "*") else 4
        right = max(x for (major, _), x in at.items() if major <= last) + WIDE + PAD
        left = min(x for (major, _), x in at.items() if major >= (2 if home[0] else 0))
        yield from ((home, each) for each in shelve(loose, left, right))


def _strips(parts: list[tuple[Home, Placed]], wide: float) -> list[list[tuple[Home, Placed]]]:
    """Cut the pile of parts into columns, so that the page is not much taller than wide."""
    total = sum(each.high + BREATH for _, each in parts)
    count = max(1, round(math.sqrt(total / (wide + GUTTER)) + 0.25)) if total > TALLEST else 1
    limit = max(total / count, max(each.high for _, each in parts))
    strips: list[list[tuple[Home, Placed]]] = [[]]
    y = 0.0
    for home, each in parts:
        if strips[-1] and y + each.high > limit * 1.02 and len(strips) < count:
            strips.append([])
            y = 0.0
        strips[-1].append((home, each))
        y += each.high + BREATH
    return strips


def _assemble(
    drawing: Drawing, strips: list[list[tuple[Home, Placed]]], at: dict[Column, float]
) -> Page:
    spots: list[Spot] = []
    routes: list[Route] = []
    boxes: list[Box] = []
    headings: list[tuple[float, str]] = []
    before: set[Home] = set()
    span = max(at.values()) + WIDE + 8 * PAD
    bottom = 0.0
    for number, strip in enumerate(strips):
        left = number * (span + GUTTER) + 4 * PAD
        headings += _headings(at, left)
        y = 0.0
        for account, panel in groupby(strip, key=lambda each: each[0][0]):
            top = y
            y += HEAD + PAD if account not in ("", "*") else 0.0
            for region, members in groupby(panel, key=lambda each: each[0][1]):
                start = y
                boxed = region not in ("", "*")
                y += HEAD + PAD if boxed else 0.0
                for _, each in members:
                    spots += [Spot(one.node, one.x + left, one.y + y) for one in each.spots]
                    routes += [_shift(one, left, y) for one in each.routes]
                    boxes += [
                        msgspec.structs.replace(one, x=one.x + left, y=one.y + y)
                        for one in each.boxes
                    ]
                    y += each.high + BREATH
                y += (PAD if boxed else 0.0) - BREATH
                if boxed:
                    title = _again(region, (account, region) in before)
                    boxes.append(_panel("region", title, at, left, start, y, (2, 3)))
                y += BREATH
            y += -BREATH + (PAD if account not in ("", "*") else 0.0)
            if account not in ("", "*"):
                title = _again(f"account {account}", account in {one for one, _ in before})
                boxes.append(_panel("account", title, at, left, top, y, (2, 4)))
            y += BREATH
        before.update(home for home, _ in strip)
        bottom = max(bottom, y - BREATH)
    order = {"account": 0, "region": 1, "index": 3}
    return Page(
        drawing=drawing,
        spots=tuple(spots),
        routes=tuple(routes),
        boxes=tuple(sorted(boxes, key=lambda each: order.get(each.kind, 2))),
        headings=tuple(headings),
        wide=len(strips) * (span + GUTTER) - GUTTER,
        high=bottom,
    )


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
