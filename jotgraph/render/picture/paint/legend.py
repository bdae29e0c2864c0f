"""The legend of a picture: the kinds, lines and states in it."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.links import Grade
from jotgraph.records import KINDS, Kind
from jotgraph.records.kinds import Shape
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.shapes import Path, outline
from jotgraph.render.picture.layout.page import MARGIN, Page
from jotgraph.render.picture.layout.text_metrics import WIDER, width
from jotgraph.render.picture.paint.primitives import Group, Mark, Stroke, Text, is_missing, pill

SIZE = 12.0


def legend_of(page: Page, top: float, wide: float) -> tuple[Group, float]:
    """Return the kinds, lines and states in the picture, with their words."""
    marks: list[Mark] = []
    right = max(wide - MARGIN, 460.0)
    x, y = MARGIN, top + 18
    marks.append(Stroke("rule", (("M", (MARGIN, top)), ("L", (wide - MARGIN, top)))))
    for sample, room in _legend_items(page):
        if x > MARGIN and x + room > right:
            x, y = MARGIN, y + 26
        marks += _move(sample, x, y)
        x += room + 14
    return Group("legend", "", "", "", tuple(marks)), y + 14


def _legend_items(page: Page) -> Iterator[tuple[list[Mark], float]]:
    """Each sample drawn at the origin, and its width."""
    kinds = {spot.node.kind for spot in page.spots}
    for kind in Kind:
        if kind in kinds:
            look = style.LOOKS[kind]
            edge, *inner = outline(look.shape, 0, -8, 30, 16)
            sample: list[Mark] = [Stroke("card", edge)]
            sample += [Stroke("rim", path) for path in inner]
            yield _sample(sample, KINDS[kind].title, 36)
    yield from _states(page)
    yield from _lines(page)
    if any(spot.node.ghost for spot in page.spots):
        edge, *_ = outline(Shape.RECTANGLE, 0, -8, 30, 16)
        yield _sample([Stroke("ghost", edge, "4 3")], "shared: drawn in each part", 36)
    for looked, ink, word in (
        (True, "missing", "referenced, not found"),
        (False, "unread", "referenced, not read"),
    ):
        if any(is_missing(spot.node, looked) for spot in page.spots):
            edge, *_ = outline(Shape.RECTANGLE, 0, -8, 30, 16)
            yield _sample([Stroke(ink, edge, "5 3")], word, 36)
    if any(spot.node.count > 1 for spot in page.spots):
        yield _sample(list(pill("count", 0, -7, "×9")), "stands for several", 28)


def _states(page: Page) -> Iterator[tuple[list[Mark], float]]:
    """The meaning of card colours."""
    ranks = {spot.node.rank for spot in page.spots if not spot.node.missing}
    for rank in sorted(ranks & set(style.CARDS)):
        edge, *_ = outline(Shape.RECTANGLE, 0, -8, 30, 16)
        yield _sample([Stroke(f"card-{rank}", edge)], style.CARD_WORDS[rank], 36)


def _lines(page: Page) -> Iterator[tuple[list[Mark], float]]:
    """The meaning of lines: how sure a link is, what may run, and what is wrong."""
    line: Path = (("M", (0.0, 0.0)), ("L", (30.0, 0.0)))
    edges = [route.edge for route in page.routes]
    used = {edge.grade for edge in edges if not edge.wrong and not edge.may_run}
    for grade in sorted(used, reverse=True):
        dash, wide, word = style.GRADES[Grade(grade)]
        yield _sample([Stroke("line", line, dash, wide)], word, 36)
    if any(edge.may_run for edge in edges):
        yield _sample([Stroke("line", line, style.MAY_RUN)], "may run, does not today", 36)
    if any(edge.wrong for edge in edges):
        yield _sample([Stroke("wrong-line", line, "", 2.2)], "part of what is wrong", 36)


def _sample(marks: list[Mark], word: str, at: float) -> tuple[list[Mark], float]:
    return [*marks, Text("quiet", at, 4.0, word, SIZE)], at + width(word, SIZE) * WIDER


def _move(marks: list[Mark], x: float, y: float) -> list[Mark]:
    moved: list[Mark] = []
    for mark in marks:
        if isinstance(mark, Text):
            moved.append(mark._replace(x=mark.x + x, y=mark.y + y))
        else:
            path = tuple(
                (name, tuple(value + (y if at % 2 else x) for at, value in enumerate(values)))
                for name, values in mark.path
            )
            moved.append(mark._replace(path=path))
    return moved
