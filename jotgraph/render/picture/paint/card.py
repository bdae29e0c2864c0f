"""Paints one card: its outline by kind, its colour by the worst state, its words and pills."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.records.kinds import Shape
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.model import Node
from jotgraph.render.picture.drawing.shapes import outline, rounded
from jotgraph.render.picture.layout.geometry import HIGH, WIDE
from jotgraph.render.picture.layout.text_metrics import WIDER, fit
from jotgraph.render.picture.paint.primitives import (
    PILL,
    Group,
    Mark,
    Stroke,
    Text,
    is_missing,
    pill,
    pill_room,
)

TITLE, LINE = 14.0, 12.0
_INSETS: dict[Shape, float] = {
    Shape.STADIUM: 18,
    Shape.HEXAGON: 16,
    Shape.OCTAGON: 13,
    Shape.SLANTED: 17,
    Shape.TRAPEZIUM: 15,
}
LOWER: dict[Shape, float] = {Shape.CYLINDER: 2}
"""How much lower text is placed for the shape of a lid."""
SLACK = 1 / WIDER
"""Texts use this share of their room, so that they also fit in a viewer without a font of
Helvetica's widths that ignores ``textLength``."""
_FIRST, _SECOND, _PILLS = 20.0, 36.0, 41.5
"""The baselines of the two lines, and the top of the pills, on a card with pills."""
_LOWER = 8.0
"""How much lower the lines are without pills."""
_BETWEEN = 4.0
"""Distance between two pills."""


def inset(shape: Shape) -> float:
    """Return the distance of a card's words from its left edge."""
    return _INSETS.get(shape, 12.0)


def paint_card(node: Node, x: float, y: float, overlay: bool) -> Group:
    """Return a card with its upper left corner at (x, y), in a picture with or without an
    overlay."""
    dim = overlay and not node.mark
    shape = style.LOOKS[node.kind].shape
    left = inset(shape)
    wide = WIDE - left - max(12.0, left - 2)
    pills = list(_pills(node, x + left, y + _PILLS + LOWER.get(shape, 0.0) / 2, wide))
    base = y + LOWER.get(shape, 0.0) + (0.0 if pills else _LOWER)
    look = "faint" if node.missing or node.ghost or dim else "ink"
    count = list(_count(node, x + left + wide, base + _FIRST))
    room = wide - (pill_room(_times(node)) + _BETWEEN if count else 0.0)
    title = _title(node, room * SLACK)
    marks = [*_behind(node, x, y, dim), *_shape(node, x, y, dim)]
    marks.append(Text(look, x + left, base + _FIRST, title, TITLE, True))
    if node.line:
        line = fit(node.line, LINE, wide * SLACK)
        marks.append(Text("quiet", x + left, base + _SECOND, line, LINE))
    kind = "node dim" if dim else "node"
    return Group(kind, node.id, node.tooltip, node.href, (*marks, *count, *pills))


def _title(node: Node, room: float) -> str:
    return fit(node.title, TITLE, room, True, middle=" " not in node.title)


def _times(node: Node) -> str:
    return f"×{node.count:,}"


def _count(node: Node, right: float, base: float) -> Iterator[Mark]:
    """The number that a stack stands for, beside its title."""
    if node.count > 1:
        word = _times(node)
        yield from pill("count", right - pill_room(word), base - 13.0, word)


def _look(node: Node, dim: bool) -> str:
    """What determines a card's colours: that it is missing, or its worst state."""
    if node.missing:
        return "missing" if is_missing(node, looked=True) else "unread"
    if dim:
        return "ghost"
    return f"card-{node.rank}" if node.rank in style.CARDS else "card"


def _behind(node: Node, x: float, y: float, dim: bool) -> Iterator[Mark]:
    """The ring of an overlay, and the cards below a stack."""
    if node.mark in style.MARKS:
        yield Stroke(f"ring-{node.mark}", rounded(x - 5, y - 5, WIDE + 10, HIGH + 10, 10))
    if node.count > 1:
        for step in (6.0, 3.0):
            edge, *_ = outline(style.LOOKS[node.kind].shape, x + step, y + step, WIDE, HIGH)
            yield Stroke(_look(node, dim), edge, "", 1.0)


def _shape(node: Node, x: float, y: float, dim: bool) -> Iterator[Mark]:
    """The outline of a card by its kind."""
    edge, *inner = outline(style.LOOKS[node.kind].shape, x, y, WIDE, HIGH)
    look = _look(node, dim)
    if node.missing:
        yield Stroke(look, edge, "5 3")
        return
    yield Stroke(look, edge, "4 3" if node.ghost else "")
    rim = look.replace("card", "rim") if look.startswith("card") else "rule"
    for path in inner:
        yield Stroke(rim, path)


def _pills(node: Node, x: float, y: float, wide: float) -> Iterator[Mark]:
    """The words of the overlay and of the states, the worst first, as many as fit."""
    words = [(f"state-{state.rank}", state.word) for state in node.states]
    if node.mark in style.MARKS:
        words.insert(0, (f"mark-{node.mark}", style.MARKS[node.mark][0]))
    right = x + wide
    for number, (look, word) in enumerate(words):
        rest = len(words) - number
        more = pill_room(f"+{rest - 1}") + _BETWEEN if rest > 1 else 0.0
        if number == 0:
            word = fit(word, PILL, (wide - more - 10.0) * SLACK, True)
        elif x + pill_room(word) + more > right:
            yield from pill(look, x, y, f"+{rest}")
            return
        yield from pill(look, x, y, word)
        x += pill_room(word) + _BETWEEN
