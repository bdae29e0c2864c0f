"""Lines between cards in columns: they touch their ends and cross no card, forwards and back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.links import Grade, Relation
from jotgraph.records import ResourceId
from jotgraph.render.picture.drawing.model import Cluster, Edge
from jotgraph.render.picture.layout.geometry import (
    BETWEEN,
    GAP,
    HIGH,
    NARROW_GAP,
    WIDE,
    Point,
    Route,
)
from jotgraph.render.picture.layout.routing import route, smooth
from tests.render.picture.test_structure import over, sampled
from tests.strength import examples

Cards = dict[ResourceId, Point]


@st.composite
def columns(draw: st.DrawFn) -> Cards:
    """Two to five columns of one to six cards, with gaps of any height between them."""
    found: Cards = {}
    x = 0.0
    for column in range(draw(st.integers(2, 5))):
        y = draw(st.floats(-300, 300))
        for row in range(draw(st.integers(1, 6))):
            found[ResourceId(f"role:1/{column}-{row}")] = (x, y)
            y += HIGH + BETWEEN + draw(st.sampled_from((0.0, 5.0, 200.0)))
        x += WIDE + draw(st.sampled_from((GAP, NARROW_GAP)))
    return found


@examples(25, many=100)
@given(columns(), st.data())
def test_no_line_crosses_a_card(cards: Cards, data: st.DataObject) -> None:
    ids = sorted(cards)
    pairs = data.draw(
        st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), min_size=1, max_size=12)
    )
    edges = [edge(source, target) for source, target in pairs if source != target]
    for link, points in route(edges, cards, dict.fromkeys(cards, ())):
        (x, y), (to_x, to_y) = cards[link.source], cards[link.target]
        assert points[0] == (x + WIDE, y + HIGH / 2)
        assert points[-1] == (to_x, to_y + HIGH / 2)
        for spot in sampled(Route(link, tuple(points))):
            for left, top in cards.values():
                assert not over(*spot, (left, top, left + WIDE, top + HIGH))


def test_a_line_with_nothing_in_its_way_bends_once() -> None:
    cards = {ResourceId("role:1/a"): (0.0, 0.0), ResourceId("role:1/b"): (2 * (WIDE + GAP), 300.0)}
    cards[ResourceId("role:1/far")] = (WIDE + GAP, 900.0)
    [(_, points)] = route([edge(*sorted(cards)[:2])], cards, dict.fromkeys(cards, ()))
    heights = [y for _, y in points[::3]]
    assert sum(abs(height - other) > 1 for height, other in pairwise(heights)) == 1


def test_two_lines_through_one_gap_lie_side_by_side() -> None:
    cards = {ResourceId(f"role:1/{n}"): (0.0, n * 66.0) for n in range(2)}
    cards |= {ResourceId(f"role:1/m{n}"): (WIDE + GAP, n * 66.0 - 33) for n in range(4)}
    cards[ResourceId("role:1/z")] = (2 * (WIDE + GAP), 33.0)
    edges = [edge(ResourceId(f"role:1/{n}"), ResourceId("role:1/z")) for n in range(2)]
    passed = [
        round(y, 1)
        for _, points in route(edges, cards, dict.fromkeys(cards, ()))
        for x, y in points
        if abs(x - (WIDE + GAP)) < 0.1
    ]
    assert len(passed) == len(set(passed)) == 2


def test_a_line_goes_round_the_heading_of_a_box() -> None:
    """The heading of a box is as long as its title, and longer than its first column."""
    a, b, end = (ResourceId(f"role:1/{name}") for name in ("a", "b", "end"))
    cards = {a: (0.0, 0.0), b: (WIDE + NARROW_GAP, 0.0), end: (2 * (WIDE + GAP), -200.0)}
    box = Cluster(key="box", kind="function", title="n" * 60)
    [(_, points)] = route([edge(a, end)], cards, {a: (box,), b: (box,), end: ()})
    heading = -30.0, -14.0
    for x, y in sampled(Route(edge(a, end), tuple(points))):
        assert not (x < 2 * WIDE and heading[0] < y < heading[1])


@pytest.mark.parametrize(("x", "y"), [(-5, 0), (0, 0), (5, 5), (10, 10), (15, 10)])
def test_a_wish_is_read_between_its_points(x: float, y: float) -> None:
    assert smooth([(0.0, 0.0), (10.0, 10.0)])(x) == pytest.approx(y)


def edge(source: ResourceId, target: ResourceId) -> Edge:
    return Edge(source=source, target=target, relations=(Relation.ASSUMES,), grade=Grade.PROOF)
