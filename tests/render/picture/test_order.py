"""Where parts stand: what is wrong first, place by place."""

from __future__ import annotations

import pytest

from jotgraph.render.files import export
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.layout import page
from tests.render import goldens


@pytest.mark.parametrize("case", ["shop", "demo", "three_hundred"])
def test_the_place_of_the_worst_comes_first(case: str) -> None:
    laid = page.lay_out(export.draw(*goldens.CASES[case]()))
    first = min(laid.boxes, key=lambda box: (box.kind != "region", box.x, box.y))
    inside = [
        spot.node.rank
        for spot in laid.spots
        if first.x <= spot.x <= first.x + first.wide and first.y <= spot.y <= first.y + first.high
    ]
    assert min(inside) == min(spot.node.rank for spot in laid.spots) == style.WRONG


def test_within_a_place_what_is_wrong_stands_above_what_is_well() -> None:
    laid = page.lay_out(export.draw(*goldens.demo()))
    here = "function:123456789012/us-east-1/"
    high = {
        spot.node.id.removeprefix(here): spot.y
        for spot in laid.spots
        if spot.node.id.startswith(here)
    }
    wrong = {"checkout", "importer", "reports", "thumbs"}
    assert max(high[name] for name in wrong) < high["refunds"]
    strip = {spot.x for spot in laid.spots if spot.node.id.removeprefix(here) in wrong}
    assert strip == {min(spot.x for spot in laid.spots if spot.node.id.startswith(here))}
