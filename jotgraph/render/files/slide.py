"""An estate on one slide: folded until its smallest words are readable."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.render.picture.drawing.components import cards
from jotgraph.render.picture.drawing.fold import fold, fold_healthy
from jotgraph.render.picture.drawing.model import Drawing
from jotgraph.render.picture.layout import graphviz_engine, page
from jotgraph.render.picture.paint import paint
from jotgraph.render.picture.paint.primitives import Painting, Text

WIDE, HIGH = 1920.0, 1080.0
LEAST = 11.0
"""Smallest type on the slide, in pixels."""
_MOST, _FEWEST = 110, 12
"""The number of cards that may fit on a slide, and the number below which nothing is folded."""
_STEP = 0.85


def on_a_slide(
    drawing: Drawing, *, which: str = graphviz_engine.PURE, legend: bool = True
) -> Painting:
    """Return a drawing painted in the shape of a slide, folded as little as makes it readable.
    Healthy parts are folded before wrong ones; the caption says what was folded."""
    shapes = (WIDE / HIGH,)
    pages = (page.lay_out(folded, which, shapes=shapes) for folded in _folded(drawing))
    for laid in pages:
        painting = _shaped(paint.paint(laid, legend))
        if smallest(painting) >= LEAST:
            break
    return painting


def _folded(drawing: Drawing) -> Iterator[Drawing]:
    """The drawing, folded more and more; yields at least one."""
    if cards(drawing) <= _MOST:
        yield drawing
    for folded in fold_healthy(drawing):
        if cards(folded) <= _MOST:
            yield folded
    most = float(_MOST)
    before = 0
    while most >= _FEWEST:
        folded = fold(drawing, int(most), collapse=True)
        if cards(folded) != before:
            yield folded
        before = cards(folded)
        most = min(most, before) * _STEP


def smallest(painting: Painting) -> float:
    """Return the smallest type in pixels when the painting is as large as a slide."""
    marks = (mark for group in painting.groups for mark in group.marks)
    sizes = [mark.size for mark in marks if isinstance(mark, Text)]
    return min(sizes, default=LEAST) * min(WIDE / painting.wide, HIGH / painting.high)


def _shaped(painting: Painting) -> Painting:
    """The painting in the shape of a slide, with its free room at the right or below."""
    wide = max(painting.wide, painting.high * WIDE / HIGH)
    return painting._replace(wide=wide, high=wide * HIGH / WIDE)
