"""Page -> paint: groups of paths and texts, each with the name of a look. No colours, no markup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from jotgraph.links import Grade
from jotgraph.records import Kind
from jotgraph.render import style
from jotgraph.render.drawing import Edge, Node
from jotgraph.render.metrics import fit, width
from jotgraph.render.outline import Path, outline, rounded
from jotgraph.render.page import MARGIN, Page
from jotgraph.render.spots import HEADING, HIGH, WIDE, Box, Route, Spot

TITLE, LINE, PILL = 11.5, 9.5, 8.5
INSET: dict[str, float] = {"stadium": 18, "hexagon": 16, "octagon": 13, "slanted": 17}
SLACK = 0.93
"""Texts get this share of their room, for viewers whose Helvetica is a little wider."""


class Stroke(NamedTuple):
    """A path; ``dash`` in SVG's notation, width 0 is the look's own."""

    look: str
    path: Path
    dash: str = ""
    width: float = 0.0


class Text(NamedTuple):
    """Text with its baseline at y; ``wide`` is its measured width."""

    look: str
    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    anchor: str = "start"

    @property
    def wide(self) -> float:
        return width(self.text, self.size, self.bold)


Mark: TypeAlias = Stroke | Text


class Group(NamedTuple):
    """Marks that belong together and share a tooltip and a link."""

    kind: str
    """``node edge frame`` or a name of its own; never the name of a look."""
    id: str
    tooltip: str
    href: str
    marks: tuple[Mark, ...]


class Painting(NamedTuple):
    """All of a picture, back to front, in pixels from the upper left."""

    title: str
    about: str
    wide: float
    high: float
    groups: tuple[Group, ...]


def paint(page: Page, legend: bool = True) -> Painting:
    """Draw the header, boxes, lines, cards and legend of a page."""
    header = _header(page)
    top = 46.0 + 15 * len(_sentences(page)) + (46.0 if page.headings else 12.0)
    wide = max(page.wide + 2 * MARGIN, _least(page))
    body = [
        *(_box(each, top) for each in page.boxes),
        *(_route(each, top) for each in sorted(page.routes, key=lambda one: one.edge.wrong)),
        *(_card(each, top, bool(page.drawing.overlay)) for each in page.spots),
    ]
    low = top + page.high + MARGIN
    footer, high = _legend(page, low, wide) if legend and page.spots else (None, low)
    groups = [header, _headings(page, top), *body, *([footer] if footer else [])]
    about = ". ".join(_sentences(page))
    return Painting(page.drawing.title, about, wide, high + MARGIN * 0.6, tuple(groups))


def _sentences(page: Page) -> tuple[str, ...]:
    folded = page.drawing.folded
    first = " · ".join(page.drawing.caption)
    return (first, *(f"folded: {each}" for each in folded))


def _least(page: Page) -> float:
    texts = [width(each, 11) for each in _sentences(page)]
    return min(1400.0, max([360.0, *texts])) + 2 * MARGIN


def _header(page: Page) -> Group:
    room = max(page.wide, _least(page) - 2 * MARGIN)
    marks: list[Mark] = [Text("ink", MARGIN, 36, page.drawing.title, 18, True)]
    for number, each in enumerate(_sentences(page)):
        marks.append(Text("quiet", MARGIN, 55 + 15 * number, fit(each, 11, room), 11))
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
    title = fit(box.title, HEADING, max(room - label, room * 0.6), True)
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
    marks: list[Mark] = [Stroke(look, tuple(path), dash, wide)]
    if edge.label:
        label = edge.label
        x, y = _middle(points)
        room = width(label, PILL) + 8
        marks.append(Stroke("label", rounded(x - room / 2, y - 7, room, 13, 6)))
        marks.append(Text("quiet", x, y + 2.5, label, PILL, anchor="middle"))
    return Group("edge", f"{edge.source} {edge.target}", edge.tooltip, "", tuple(marks))


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    """A point halfway along the middle curve."""
    at = 3 * ((len(points) - 1) // 6)
    a, b, c, d = points[at : at + 4]
    return (a[0] + 3 * b[0] + 3 * c[0] + d[0]) / 8, (a[1] + 3 * b[1] + 3 * c[1] + d[1]) / 8


def _card(spot: Spot, top: float, overlay: bool) -> Group:
    node, x, y = spot.node, spot.x + MARGIN, spot.y + top
    marks = [*_behind(node, x, y), *_shape(node, x, y)]
    inset = INSET.get(style.KINDS[node.kind].shape, 12.0)
    room = (WIDE - inset - max(12.0, inset - 2)) * SLACK
    look = "faint" if node.missing or node.ghost else "ink"
    marks.append(Text(look, x + inset, y + 19, fit(node.title, TITLE, room, True), TITLE, True))
    if node.line:
        marks.append(Text("quiet", x + inset, y + 33, fit(node.line, LINE, room), LINE))
    marks += _pills(node, x, y)
    dim = " dim" if overlay and not node.mark else ""
    return Group(f"node{dim}", node.id, node.tooltip, node.href, tuple(marks))


def _behind(node: Node, x: float, y: float) -> Iterator[Mark]:
    """The ring of an overlay, and the cards under a stack."""
    if node.mark in style.MARKS:
        yield Stroke(f"ring-{node.mark}", rounded(x - 5, y - 5, WIDE + 10, HIGH + 10, 10))
    if node.count > 1:
        for step in (6.0, 3.0):
            edge, *_ = outline(style.KINDS[node.kind].shape, x + step, y + step, WIDE, HIGH)
            yield Stroke(f"card-{node.kind}", edge, "", 1.0)


def _shape(node: Node, x: float, y: float) -> Iterator[Mark]:
    edge, *inner = outline(style.KINDS[node.kind].shape, x, y, WIDE, HIGH)
    if node.missing:
        looked = any(each.word == "missing" for each in node.states)
        yield Stroke("missing" if looked else "unread", edge, "5 3")
        return
    yield Stroke(f"card-{node.kind}", edge, "4 3" if node.ghost else "", 1.0 if node.ghost else 0.0)
    for each in inner:
        yield Stroke(f"rim-{node.kind}", each)


def _pills(node: Node, x: float, y: float) -> Iterator[Mark]:
    """State words on the upper edge, the worst outermost, as many as there is room for; the count
    and the mark on the lower."""
    right = x + WIDE - 10
    for at, each in enumerate(node.states):
        rest = len(node.states) - at
        more = _pill_room(f"+{rest - 1}") + 4 if rest > 1 else 0.0
        word = fit(each.word, PILL, (WIDE - 40 - more) * SLACK, True) if at == 0 else each.word
        room = _pill_room(word)
        if at and right - room - more < x + 10:
            yield from _pill(
                f"state-{each.rank}", right - _pill_room(f"+{rest}"), y - 7, f"+{rest}"
            )
            break
        yield from _pill(f"state-{each.rank}", right - room, y - 7, word)
        right -= room + 4
    if node.count > 1:
        word = f"×{node.count:,}"
        yield from _pill("count", x + WIDE - 10 - _pill_room(word), y + HIGH - 6, word)
    if node.mark in style.MARKS:
        yield from _pill(f"mark-{node.mark}", x + 10, y + HIGH - 4, style.MARKS[node.mark][0])


def _pill_room(word: str) -> float:
    return width(word, PILL, True) * 1.08 + 10


def _pill(look: str, x: float, y: float, word: str) -> Iterator[Mark]:
    room = _pill_room(word)
    yield Stroke(look, rounded(x, y, room, 13.5, 6.75))
    yield Text("on-pill", x + room / 2, y + 9.8, word, PILL, True, "middle")


def _legend(page: Page, top: float, wide: float) -> tuple[Group, float]:
    """Kinds, lines and states that the picture uses, in words."""
    marks: list[Mark] = []
    right = max(wide - MARGIN, 460.0)
    x, y = MARGIN, top + 18
    marks.append(Stroke("rule", (("M", (MARGIN, top)), ("L", (wide - MARGIN, top)))))
    for each, room in _legend_items(page):
        if x > MARGIN and x + room > right:
            x, y = MARGIN, y + 26
        marks += _move(each, x, y)
        x += room + 20
    return Group("legend", "", "", "", tuple(marks)), y + 14


def _legend_items(page: Page) -> Iterator[tuple[list[Mark], float]]:
    """Each sample drawn at the origin, and its width."""
    kinds = {each.node.kind for each in page.spots}
    for kind in Kind:
        if kind in kinds:
            look = style.KINDS[kind]
            edge, *inner = outline(look.shape, 0, -8, 30, 16)
            sample: list[Mark] = [Stroke(f"card-{kind}", edge)]
            sample += [Stroke(f"rim-{kind}", each) for each in inner]
            yield _sample(sample, look.word, 36)
    used = {each.edge.grade for each in page.routes if not each.edge.wrong}
    for grade in sorted(used, reverse=True):
        dash, wide, word = style.GRADES[Grade(grade)]
        line: Path = (("M", (0.0, 0.0)), ("L", (30.0, 0.0)))
        yield _sample([Stroke("line", line, dash, wide)], word, 36)
    if any(each.edge.wrong for each in page.routes):
        line = (("M", (0.0, 0.0)), ("L", (30.0, 0.0)))
        yield _sample([Stroke("wrong-line", line, "", 1.6)], "what is wrong", 36)
    if any(each.node.ghost for each in page.spots):
        edge, *_ = outline("octagon", 0, -8, 30, 16)
        yield _sample([Stroke("card-role", edge, "4 3", 1.0)], "shared, drawn in each part", 36)
    if any(each.node.count > 1 for each in page.spots):
        pill = list(_pill("count", 0, -7, "×9"))
        yield _sample(pill, "stands for so many", 28)


def _sample(marks: list[Mark], word: str, at: float) -> tuple[list[Mark], float]:
    return [*marks, Text("quiet", at, 3.5, word, 10)], at + width(word, 10) * 1.06


def _move(marks: list[Mark], x: float, y: float) -> list[Mark]:
    moved: list[Mark] = []
    for each in marks:
        if isinstance(each, Text):
            moved.append(each._replace(x=each.x + x, y=each.y + y))
        else:
            path = tuple(
                (name, tuple(value + (y if at % 2 else x) for at, value in enumerate(values)))
                for name, values in each.path
            )
            moved.append(each._replace(path=path))
    return moved


def edge_words(edge: Edge) -> str:
    """How an edge is called by a screen reader."""
    return ", ".join(style.RELATION_WORDS[each] for each in edge.relations)
