"""Paints a page: groups of paths and texts, each with the name of a look. No colours, no markup."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.shapes import rounded
from jotgraph.render.picture.layout.geometry import HEADING, Box, Route
from jotgraph.render.picture.layout.page import MARGIN, Page
from jotgraph.render.picture.layout.text_metrics import WIDER, fit, width
from jotgraph.render.picture.paint.card import SLACK, paint_card
from jotgraph.render.picture.paint.legend import legend_of
from jotgraph.render.picture.paint.primitives import (
    PILL,
    Group,
    Mark,
    Painting,
    Span,
    Stroke,
    Text,
)

CAPTION = 12.0
_LABEL_HIGH = 17.0
_WRONG_WIDE = 2.2
BROAD = 1300.0
"""Widest line of a caption, unless the picture is wider."""


def paint(page: Page, legend: bool = True) -> Painting:
    """Draw the header, boxes, lines, cards and legend of a page."""
    lines = _lines(page)
    header = _header(page.drawing.title, lines)
    top = 46.0 + 15 * len(lines) + (46.0 if page.headings else 12.0)
    wide = max(page.wide + 2 * MARGIN, _least(page.drawing.title, lines))
    body = [
        *(_box(box, top) for box in page.boxes),
        *(_route(route, top) for route in sorted(page.routes, key=lambda route: route.edge.wrong)),
        *_labels(page, top),
        *(
            paint_card(spot.node, spot.x + MARGIN, spot.y + top, bool(page.drawing.overlay))
            for spot in page.spots
        ),
    ]
    low = top + page.high + MARGIN
    footer, high = legend_of(page, low, wide) if legend and page.spots else (None, low)
    groups = [header, _headings(page, top), *body, *([footer] if footer else [])]
    about = ". ".join(_sentences(page))
    return Painting(page.drawing.title, about, wide, high + MARGIN * 0.6, tuple(groups))


def _sentences(page: Page) -> tuple[str, ...]:
    first, *more = page.drawing.folded or ("",)
    return (*page.drawing.caption, *([f"folded: {first}", *more] if first else ()))


def _lines(page: Page) -> list[str]:
    """The caption in lines; a sentence is only cut if it is too long by itself."""
    room = max(page.wide, BROAD) * SLACK
    lines: list[str] = []
    for at, sentence in enumerate(_sentences(page)):
        line = fit(sentence, CAPTION, room)
        joined = f"{lines[-1]} · {line}" if lines else line
        new = at == len(page.drawing.caption) or width(joined, CAPTION) > room
        lines[-1:] = [*lines[-1:], line] if new or not lines else [joined]
    return lines


def _least(title: str, lines: list[str]) -> float:
    texts = [width(line, CAPTION) * WIDER for line in lines]
    return max([360.0, width(title, 18, True) * WIDER, *texts]) + 2 * MARGIN


def _header(title: str, lines: list[str]) -> Group:
    marks: list[Mark] = [Text("ink", MARGIN, 36, title, 18, True)]
    for number, line in enumerate(lines):
        marks.append(Text("quiet", MARGIN, 55 + 15 * number, line, CAPTION))
    return Group("header", "", "", "", tuple(marks))


def _headings(page: Page, top: float) -> Group:
    return Group(
        "headings",
        "",
        "",
        "",
        tuple(
            Text("quiet", x + MARGIN, top - 14, word.upper(), HEADING, True)
            for x, word in page.headings
        ),
    )


def _box(box: Box, top: float) -> Group:
    x, y = box.x + MARGIN, box.y + top
    radius = {"account": 12.0, "region": 10.0}.get(box.kind, 7.0)
    look = box.kind if box.kind in ("account", "region") else "box"
    words = {"ecr-repo": "ECR", "git": "git", "function": "function", "index": ""}.get(box.kind, "")
    marks: list[Mark] = [Stroke(look, rounded(x, y, box.wide, box.high, radius))]
    side = 12.0
    room = (box.wide - 2 * side) * SLACK
    label = width(words, PILL) + 10 if words else 0.0
    title = fit(box.title, HEADING, max(room - label, room * 0.6), True, middle=True)
    marks.append(Text("quiet", x + side, y + 18, title, HEADING, True))
    if words and width(title, HEADING, True) + label <= room:
        marks.append(Text("quiet", x + box.wide - side, y + 18, words, PILL, anchor="end"))
    return Group("frame", "", box.tooltip, box.href, tuple(marks))


def _route(route: Route, top: float) -> Group:
    edge = route.edge
    points = [(x + MARGIN, y + top) for x, y in route.points]
    path: list[tuple[str, tuple[float, ...]]] = [("M", points[0])]
    for at in range(1, len(points) - 2, 3):
        a, b, c = points[at : at + 3]
        path.append(("C", (*a, *b, *c)))
    dash, wide, _ = style.GRADES[edge.grade]
    look = "wrong-line" if edge.wrong else "line"
    dash = style.MAY_RUN if edge.may_run else dash
    marks = (Stroke(look, tuple(path), dash, _WRONG_WIDE if edge.wrong else wide),)
    return Group("edge", f"{edge.source} {edge.target}", edge.tooltip, "", marks)


def _labels(page: Page, top: float) -> Iterator[Group]:
    """The words on lines, each where no other word is."""
    taken: list[Span] = []
    for route in page.routes:
        word = route.edge.words
        if not word:
            continue
        points = [(x + MARGIN, y + top) for x, y in route.points]
        room = width(word, PILL) * WIDER + 8
        spots = [_along(points, share) for share in (0.35, 0.5, 0.65, 0.25, 0.75)]
        half = _LABEL_HIGH / 2
        rims = [(x - room / 2, y - half, x + room / 2, y + half) for x, y in spots]
        rim = next((rim for rim in rims if not _covered(rim, taken)), rims[0])
        taken.append(rim)
        marks = (
            Stroke("label", rounded(rim[0], rim[1], room, _LABEL_HIGH, 7)),
            Text("quiet", rim[0] + room / 2, rim[1] + 12.5, word, PILL, anchor="middle"),
        )
        yield Group("label-of-edge", "", route.edge.tooltip, "", marks)


def _covered(rim: Span, others: list[Span]) -> bool:
    return any(
        rim[0] < other[2] and other[0] < rim[2] and rim[1] < other[3] and other[1] < rim[3]
        for other in others
    )


def _along(points: list[tuple[float, float]], share: float) -> tuple[float, float]:
    """A point on the first curve that bends, or on the middle one."""
    curves = range(0, len(points) - 3, 3)
    middle = curves[len(curves) // 2]
    at = next(
        (start for start in curves if abs(points[start][1] - points[start + 3][1]) > 1), middle
    )
    a, b, c, d = points[at : at + 4]
    t, u = share, 1 - share
    return (
        u**3 * a[0] + 3 * u * u * t * b[0] + 3 * u * t * t * c[0] + t**3 * d[0],
        u**3 * a[1] + 3 * u * u * t * b[1] + 3 * u * t * t * c[1] + t**3 * d[1],
    )
