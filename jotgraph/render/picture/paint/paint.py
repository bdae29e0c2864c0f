"""Paint a page: groups of paths and texts, each with the name of a look. No colours, no markup."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.records.kinds import Shape
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.model import Node
from jotgraph.render.picture.drawing.shapes import outline, rounded
from jotgraph.render.picture.layout.geometry import HEADING, HIGH, WIDE, Box, Route, Spot
from jotgraph.render.picture.layout.page import MARGIN, Page
from jotgraph.render.picture.layout.text_metrics import WIDER, fit, width
from jotgraph.render.picture.paint.legend import legend_of
from jotgraph.render.picture.paint.primitives import (
    PILL,
    Group,
    Mark,
    Painting,
    Span,
    Stroke,
    Text,
    is_missing,
    pill,
    pill_room,
)

TITLE, LINE, CAPTION = 11.5, 9.5, 11.0
_INSETS: dict[Shape, float] = {
    Shape.STADIUM: 18,
    Shape.HEXAGON: 16,
    Shape.OCTAGON: 13,
    Shape.SLANTED: 17,
    Shape.TRAPEZIUM: 15,
}
LOWER: dict[Shape, float] = {Shape.CYLINDER: 2}
"""How much lower text is set, for the shape of a lid."""
SLACK = 1 / WIDER
"""Texts get this share of their room: they stay in it in a viewer that has no font of Helvetica's
widths and does not know ``textLength``."""
BROAD = 1300.0
"""Captions are set in lines of at most this width, or the picture's."""


def inset(shape: Shape) -> float:
    """How far the words of a card are from its left edge."""
    return _INSETS.get(shape, 12.0)


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
        *(_card(spot, top, bool(page.drawing.overlay)) for spot in page.spots),
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
    """The caption set in lines: what it says is never cut, only a sentence too long by itself."""
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
            Text("quiet", x + MARGIN, top - 14, word.upper(), 9.5, True)
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
    marks = (Stroke(look, tuple(path), dash, wide),)
    return Group("edge", f"{edge.source} {edge.target}", edge.tooltip, "", marks)


def _labels(page: Page, top: float) -> Iterator[Group]:
    """The words on lines, over all lines, each where no other word is."""
    taken: list[Span] = []
    for route in page.routes:
        if not route.edge.label:
            continue
        points = [(x + MARGIN, y + top) for x, y in route.points]
        room = width(route.edge.label, PILL) + 8
        spots = [_along(points, share) for share in (0.35, 0.5, 0.65, 0.25, 0.75)]
        rims = [(x - room / 2, y - 7, x + room / 2, y + 6) for x, y in spots]
        rim = next((rim for rim in rims if not _covered(rim, taken)), rims[0])
        taken.append(rim)
        marks = (
            Stroke("label", rounded(rim[0], rim[1], room, 13, 6)),
            Text("quiet", rim[0] + room / 2, rim[1] + 9.5, route.edge.label, PILL, anchor="middle"),
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


def _card(spot: Spot, top: float, overlay: bool) -> Group:
    node, x, y = spot.node, spot.x + MARGIN, spot.y + top
    dim = overlay and not node.mark
    marks = [*_behind(node, x, y, dim), *_shape(node, x, y, dim)]
    left = inset(style.LOOKS[node.kind].shape)
    room = (WIDE - left - max(12.0, left - 2)) * SLACK
    base = y + LOWER.get(style.LOOKS[node.kind].shape, 0.0)
    look = "faint" if node.missing or node.ghost or dim else "ink"
    marks.append(Text(look, x + left, base + 19, _title(node, room), TITLE, True))
    if node.line:
        marks.append(Text("quiet", x + left, base + 33, fit(node.line, LINE, room), LINE))
    marks += _pills(node, x, y)
    kind = "node dim" if dim else "node"
    return Group(kind, node.id, node.tooltip, node.href, tuple(marks))


def _title(node: Node, room: float) -> str:
    return fit(node.title, TITLE, room, True, middle=" " not in node.title)


def _behind(node: Node, x: float, y: float, dim: bool) -> Iterator[Mark]:
    """The ring of an overlay, and the cards under a stack."""
    if node.mark in style.MARKS:
        yield Stroke(f"ring-{node.mark}", rounded(x - 5, y - 5, WIDE + 10, HIGH + 10, 10))
    if node.count > 1:
        for step in (6.0, 3.0):
            edge, *_ = outline(style.LOOKS[node.kind].shape, x + step, y + step, WIDE, HIGH)
            yield Stroke("ghost" if dim else f"card-{node.kind}", edge, "", 1.0)


def _shape(node: Node, x: float, y: float, dim: bool) -> Iterator[Mark]:
    """The card's outline; grey for what an overlay says nothing of."""
    edge, *inner = outline(style.LOOKS[node.kind].shape, x, y, WIDE, HIGH)
    if node.missing:
        look = "missing" if is_missing(node, looked=True) else "unread"
        yield Stroke(look, edge, "5 3")
        return
    card, rim = ("ghost", "rule") if dim else (f"card-{node.kind}", f"rim-{node.kind}")
    yield Stroke(card, edge, "4 3" if node.ghost else "", 1.0 if node.ghost else 0.0)
    for path in inner:
        yield Stroke(rim, path)


def _pills(node: Node, x: float, y: float) -> Iterator[Mark]:
    """State words on the upper edge, the worst outermost, as many as there is room for; the count
    and the mark on the lower."""
    right = x + WIDE - 10
    for at, state in enumerate(node.states):
        rest = len(node.states) - at
        more = pill_room(f"+{rest - 1}") + 4 if rest > 1 else 0.0
        word = fit(state.word, PILL, (WIDE - 40 - more) * SLACK, True) if at == 0 else state.word
        room = pill_room(word)
        if at and right - room - more < x + 10:
            yield from pill(f"state-{state.rank}", right - pill_room(f"+{rest}"), y - 7, f"+{rest}")
            break
        yield from pill(f"state-{state.rank}", right - room, y - 7, word)
        right -= room + 4
    if node.count > 1:
        word = f"×{node.count:,}"
        yield from pill("count", x + WIDE - 10 - pill_room(word), y + HIGH - 6, word)
    if node.mark in style.MARKS:
        yield from pill(f"mark-{node.mark}", x + 10, y + HIGH - 4, style.MARKS[node.mark][0])
