"""The elements of a painting: paths and texts in groups, and pills. No colours, no markup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from jotgraph.analysis.health.model import Code
from jotgraph.render.picture.drawing.model import Node
from jotgraph.render.picture.drawing.shapes import Path, rounded
from jotgraph.render.picture.layout.text_metrics import WIDER, width

PILL = 12.0
"""Font size of a pill's word."""
PILL_HIGH = 17.0


class Stroke(NamedTuple):
    """A path; ``dash`` is in SVG's notation, width 0 is the look's own."""

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
Span: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom."""


class Group(NamedTuple):
    """Elements that share a tooltip and a link."""

    kind: str
    """``node edge frame`` or a name of its own; never the name of a look."""
    id: str
    tooltip: str
    href: str
    marks: tuple[Mark, ...]


class Painting(NamedTuple):
    """A complete picture, back to front, in pixels from the upper left."""

    title: str
    about: str
    wide: float
    high: float
    groups: tuple[Group, ...]


def pill_room(word: str) -> float:
    """Return the width of a pill with a word."""
    return width(word, PILL, True) * WIDER + 10


def pill(look: str, x: float, y: float, word: str) -> Iterator[Mark]:
    """Return a word on a coloured background, with its upper left corner at (x, y)."""
    room = pill_room(word)
    ink = f"on-{look}" if look.startswith("state-") else "on-pill"
    yield Stroke(look, rounded(x, y, room, PILL_HIGH, PILL_HIGH / 2))
    yield Text(ink, x + room / 2, y + 12.8, word, PILL, True, "middle")


def is_missing(node: Node, looked: bool) -> bool:
    """Return whether a card is of something not found (``looked``), or of something unread."""
    return node.missing and looked == any(state.code is Code.MISSING for state in node.states)
