"""Lays out a whole drawing: its parts, packed into panels by account and region, with headings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from jotgraph.records import KINDS, ResourceId
from jotgraph.records.kind_traits import Stage
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
from jotgraph.render.picture.layout.place import place
from jotgraph.render.picture.layout.strips import (
    BREATH,
    GUTTER,
    SHAPES,
    PanelPlace,
    Piece,
    columns,
    narrow,
    right,
    strips_of,
)

MARGIN = 20.0
_WELL = 9
"""Higher than the rank of any state."""


class Page(msgspec.Struct, frozen=True):
    """Everything with its place on the page; header and legend are drawn around it."""

    drawing: Drawing
    spots: tuple[Spot, ...] = ()
    routes: tuple[Route, ...] = ()
    boxes: tuple[Box, ...] = ()
    headings: tuple[tuple[float, str], ...] = ()
    """(x, word) over each major column."""
    wide: float = 0.0
    high: float = 0.0


def lay_out(
    drawing: Drawing,
    which: str = graphviz_engine.PURE,
    seconds: float = graphviz_engine.SECONDS,
    shapes: Sequence[float] = SHAPES,
) -> Page:
    """Compute coordinates for a whole drawing, as large as possible on a sheet of one of these
    shapes."""
    parts = _in_order(split(drawing))
    if not parts:
        return Page(drawing=drawing)
    columns = [columns_of(part) for part in parts]
    at = ruler(column for places in columns for column in places.values())
    clusters = {cluster.key: cluster for cluster in drawing.clusters}
    placed = place(parts, clusters, columns, at, which, seconds)
    homes = [home_of(part) for part in parts]
    return _assemble(drawing, strips_of(map(Piece, homes, placed), at, shapes), at)


def home_of(part: Part) -> PanelPlace:
    """Return the account and region of a part; empty text for none, ``*`` for several."""
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
    """Return the card that a part is sorted by: its first function, or the nearest to one."""
    return min((abs(3 - KINDS[node.kind].stage), node.id) for node in nodes)[1]


def _in_order(parts: Iterable[Part]) -> list[Part]:
    """Sort accounts, and regions within one, by their worst state. Within a region parts with lines
    come first and stacks last, worse ones before better ones. What is in no account comes last."""
    listed = list(parts)
    worst: dict[PanelPlace, int] = {}
    for part in listed:
        account, region = home_of(part)
        for home in {(account, region), (account, "")}:
            worst[home] = min(_rank(part), worst.get(home, _WELL))

    def order(part: Part) -> tuple[object, ...]:
        account, region = home_of(part)
        nodes, edges = part
        stacks = all(node.count > 1 or node.ghost for node in nodes)
        here = (region == "", worst[account, region], region)
        lead = lead_of(nodes)
        return (
            account == "",
            worst[account, ""],
            account,
            *here,
            not edges,
            stacks,
            _rank(part),
            lead,
        )

    return sorted(listed, key=order)


def _rank(part: Part) -> int:
    return min((node.rank for node in part[0]), default=_WELL)


class _Sheet(NamedTuple):
    """What is on the page so far."""

    spots: list[Spot]
    routes: list[Route]
    boxes: list[Box]

    def put(self, part: Placed, x: float, y: float) -> None:
        """Put a part at a position."""
        self.spots.extend(Spot(spot.node, spot.x + x, spot.y + y) for spot in part.spots)
        self.routes.extend(_shift(route, x, y) for route in part.routes)
        self.boxes.extend(replace(box, x=box.x + x, y=box.y + y) for box in part.boxes)


def _assemble(drawing: Drawing, strips: list[list[Piece]], at: dict[Column, float]) -> Page:
    sheet = _Sheet([], [], [])
    headings: list[tuple[float, str]] = []
    before: set[PanelPlace] = set()
    kinds = {node.kind for node in drawing.nodes}
    left = bottom = 0.0
    for strip in strips:
        own = columns(strip, at)
        left += _room_left_of(own)
        headings += [(left + x, word) for word, x in style.headings(own, kinds).items()]
        bottom = max(bottom, _fill(sheet, narrow(strip, at, own), own, left, before))
        before.update(piece.home for piece in strip)
        left += right(own) + 4 * PAD + GUTTER
    order = {"account": 0, "region": 1, "index": 3}
    return Page(
        drawing=drawing,
        spots=tuple(sheet.spots),
        routes=tuple(sheet.routes),
        boxes=tuple(
            _headed(box, dict(drawing.accounts))
            for box in sorted(sheet.boxes, key=lambda box: order.get(box.kind, 2))
        ),
        headings=tuple(headings),
        wide=left - GUTTER,
        high=bottom,
    )


def _headed(box: Box, names: Mapping[str, str]) -> Box:
    """A box with its full heading, ``account 111122223333 (shop), continued``."""
    name = f" ({names[box.account]})" if box.account in names else ""
    more = f"{name}{', continued' if box.continued else ''}"
    title = f"{box.title}{more}"
    return msgspec.structs.replace(box, title=title, tooltip=title) if more else box


def _room_left_of(columns: dict[Column, float]) -> float:
    """The space that boxes need to the left of the first card: one around commits, or those of a
    place."""
    return (4 if min(columns)[0] >= Stage.REGISTRY else 1) * PAD


def _fill(
    sheet: _Sheet,
    strip: list[Piece],
    at: dict[Column, float],
    left: float,
    before: set[PanelPlace],
) -> float:
    """Stack a strip's parts in panels by account and region; return its height. ``before`` are the
    homes of earlier strips, which may continue here."""
    y = 0.0
    for account, panel in groupby(strip, key=lambda piece: piece.home[0]):
        top = y
        y += HEAD + PAD if account not in ("", "*") else 0.0
        for region, members in groupby(panel, key=lambda piece: piece.home[1]):
            start = y
            boxed = region not in ("", "*")
            y += HEAD + PAD if boxed else 0.0
            for _, part, _ in members:
                sheet.put(part, left, y)
                y += part.high + BREATH
            y += (PAD if boxed else 0.0) - BREATH
            if boxed:
                around = _panel("region", region, at, left, start, y, (2, 3))
                again = (account, region) in before
                sheet.boxes.append(msgspec.structs.replace(around, continued=again))
            y += BREATH
        y += -BREATH + (PAD if account not in ("", "*") else 0.0)
        if account not in ("", "*"):
            around = _panel("account", f"account {account}", at, left, top, y, (2, 4))
            again = account in {home for home, _ in before}
            sheet.boxes.append(msgspec.structs.replace(around, account=account, continued=again))
        y += BREATH
    return y - BREATH


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
