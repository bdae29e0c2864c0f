"""An estate on a slide: what is wrong is there, and everything can be read."""

from __future__ import annotations

import struct
from functools import cache

import pytest
from msgspec.structs import replace

from jotgraph.graph import build
from jotgraph.render.files import export, slide
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.model import Drawing
from jotgraph.render.picture.drawing.view import PictureOptions
from jotgraph.render.picture.paint.primitives import Painting
from tests.factories import inventory
from tests.render import goldens
from tests.render.estate import crowd
from tests.strength import some

CASES = ("demo", "jot", "focus", "three_hundred", "collapsed", "folded", "shop")
assert {*CASES} == {*goldens.CASES}
READABLE = ("demo", "shop")
"""Estates of which everything that is wrong has room on a slide."""


@cache
def whole(case: str) -> Drawing:
    graph, options = goldens.CASES[case]()
    return export.draw(graph, replace(options, budget=0, collapse=False))


@cache
def on_a_slide(case: str) -> Painting:
    return slide.on_a_slide(whole(case))


def shown(painting: Painting) -> set[str]:
    """The ids of the cards, of what is drawn in several parts once."""
    cards = (group for group in painting.groups if group.kind.startswith("node"))
    return {group.id.partition("~")[0] for group in cards}


@pytest.mark.parametrize("case", some("pictures on a slide", CASES, 3))
def test_the_smallest_type_can_be_read(case: str) -> None:
    painting = on_a_slide(case)
    assert slide.smallest(painting) >= slide.LEAST
    assert painting.wide / painting.high == pytest.approx(16 / 9)


@pytest.mark.parametrize("case", READABLE)
def test_what_is_wrong_has_a_card_of_its_own(case: str) -> None:
    drawing = whole(case)
    painting = on_a_slide(case)
    wrong = {node.id for node in drawing.nodes if node.rank == style.WRONG}
    assert len(wrong) > 2
    assert wrong <= shown(painting)
    assert len(shown(painting)) < len(drawing.nodes)
    assert "folded: " in painting.about


def test_what_has_room_is_not_folded() -> None:
    drawing = export.draw(crowd(2), PictureOptions())
    painting = slide.on_a_slide(drawing)
    assert shown(painting) == {node.id for node in drawing.nodes}
    assert "folded: " not in painting.about


def test_nothing_is_an_empty_slide() -> None:
    painting = slide.on_a_slide(export.draw(build(inventory()), PictureOptions()))
    assert shown(painting) == set()


def test_it_is_written_in_the_shape_of_a_slide() -> None:
    graph, options = goldens.shop()
    written = export.render(graph, ".png", replace(options, slide=True))
    assert isinstance(written, bytes)
    wide, high = struct.unpack(">II", written[16:24])
    assert wide / high == pytest.approx(16 / 9, abs=0.01)
    assert wide >= slide.WIDE
    text = str(export.render(graph, ".svg", replace(options, slide=True)))
    assert "linked to 1 more, folded" in text
    assert export.render(graph, ".dot", replace(options, slide=True)) == export.render(
        graph, ".dot", options
    )
