"""The SVG of random estates: text in its shape, cards in their boxes, nothing over another."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import cache
from random import Random
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from jotgraph.render.files import export
from jotgraph.render.picture.drawing.model import Drawing
from jotgraph.render.picture.drawing.view import PictureOptions
from jotgraph.render.picture.layout import graphviz_engine, page
from jotgraph.render.picture.layout.geometry import HIGH, WIDE, Box, Route
from jotgraph.render.picture.layout.page import Page
from jotgraph.render.picture.layout.text_metrics import WIDER, width
from jotgraph.render.picture.paint import paint
from jotgraph.render.picture.paint.primitives import Group, Stroke, Text
from tests.render import goldens
from tests.render.hostile import HOSTILE, hostile
from tests.render.worlds import world
from tests.strength import examples, some

SVG = "{http://www.w3.org/2000/svg}"
WORLDS = some(
    "worlds that are drawn", [f"{seed} {size}" for seed in range(4) for size in (10, 60, 160)], 4
)
CASES = [*goldens.CASES, "hostile", *WORLDS]
ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}
Rim = tuple[float, float, float, float]


@cache
def drawn(case: str) -> tuple[Drawing, Page]:
    """A golden picture, or a random world of a seed and size."""
    if case in goldens.CASES:
        drawing = export.draw(*goldens.CASES[case]())
    elif case == "hostile":
        drawing = export.draw(hostile(), PictureOptions(title=HOSTILE[0]))
    else:
        graph, states = world(*map(int, case.split()))
        drawing = export.draw(graph, PictureOptions(findings=states))
    return drawing, page.lay_out(drawing)


@pytest.mark.parametrize("case", CASES)
def test_nothing_lies_over_another(case: str) -> None:
    _, laid = drawn(case)
    cards = [(spot.x, spot.y, spot.x + WIDE, spot.y + HIGH) for spot in laid.spots]
    cards.sort()
    for number, card in enumerate(cards, start=1):
        for other in cards[number:]:
            if other[0] >= card[2]:
                break  # nor does any after it begin before this one ends
            assert apart(card, other), "cards"
    boxes = [rim(box) for box in laid.boxes]
    for box, other in itertools.combinations(boxes, 2):
        assert apart(box, other) or within(box, other) or within(other, box), "boxes"
    for box, card in itertools.product(boxes, cards):
        assert apart(box, card) or within(card, box), "a card over a box's rim"


@pytest.mark.parametrize("case", CASES)
def test_every_card_is_in_its_boxes_and_lines_touch(case: str) -> None:
    drawing, laid = drawn(case)
    titles = {cluster.key: cluster.title for cluster in drawing.clusters}
    spots = {spot.node.id: spot for spot in laid.spots}
    for spot in laid.spots:
        node, card = spot.node, (spot.x, spot.y, spot.x + WIDE, spot.y + HIGH)
        boxes = [box for box in laid.boxes if within(card, rim(box))]
        around = {box.title.removesuffix(", continued") for box in boxes}
        wanted = {titles[node.cluster]} if node.cluster in titles else set()
        wanted |= {f"account {node.account}"} if node.account else set()
        wanted |= {node.region} if node.region else set()
        assert wanted <= around
    for route in laid.routes:
        source, target = spots[route.edge.source], spots[route.edge.target]
        start, end = route.points[0], route.points[-1]
        assert start == pytest.approx((source.x + WIDE, source.y + HIGH / 2), abs=1.0)
        assert end == pytest.approx((target.x, target.y + HIGH / 2), abs=1.0)


@pytest.mark.parametrize("case", CASES)
def test_no_line_crosses_a_card_or_a_heading(case: str) -> None:
    _, laid = drawn(case)
    crossings(laid)


@given(
    seed=st.integers(0, 10_000),
    size=st.sampled_from((10, 35, 60, 110)),
    order=st.randoms(use_true_random=False),
    seconds=st.sampled_from((0.0, graphviz_engine.SECONDS)),
)
@example(seed=17, size=110, order=Random(0), seconds=graphviz_engine.SECONDS)
@example(seed=62, size=10, order=Random(62), seconds=0.0)
@example(seed=68, size=35, order=Random(68), seconds=graphviz_engine.SECONDS)
@examples(10, many=25)
def test_no_line_crosses_a_card_in_any_order_of_drawing(
    seed: int, size: int, order: Random, seconds: float
) -> None:
    graph, states = world(seed, size)
    drawing = export.draw(graph, PictureOptions(findings=states))
    mixed = replace(
        drawing,
        nodes=tuple(order.sample(drawing.nodes, len(drawing.nodes))),
        edges=tuple(order.sample(drawing.edges, len(drawing.edges))),
    )
    crossings(page.lay_out(mixed, seconds=seconds))


@pytest.mark.parametrize("case", CASES)
def test_text_is_inside_its_shape_and_the_page(case: str) -> None:
    _, laid = drawn(case)
    painting = paint.paint(laid)
    for group in painting.groups:
        for mark in group.marks:
            if isinstance(mark, Text):
                assert 0 <= left(mark) <= left(mark) + mark.wide <= painting.wide
                assert 0 <= mark.y <= painting.high
        if group.kind.startswith("node"):
            shape = front(group)
            inside(shape, [mark for mark in group.marks if isinstance(mark, Text)])
            pills = [
                mark
                for mark in group.marks
                if isinstance(mark, Text) and mark.look.startswith(("on-", "count"))
            ]
            for pill, other in itertools.combinations(pills, 2):
                assert pill.y != other.y or abs(pill.x - other.x) >= (pill.wide + other.wide) / 2


@pytest.mark.parametrize("case", CASES)
def test_no_text_lies_over_another(case: str) -> None:
    _, laid = drawn(case)
    texts = [
        (left(mark), mark.y - mark.size * 0.7, left(mark) + mark.wide, mark.y + 1)
        for group in paint.paint(laid).groups
        for mark in group.marks
        if isinstance(mark, Text)
    ]
    texts.sort()
    for at, text in enumerate(texts):
        for other in itertools.takewhile(lambda later: later[0] < text[2], texts[at + 1 :]):  # noqa: B023 -- used at once
            assert apart(text, other), (text, other)


@pytest.mark.parametrize("case", CASES)
def test_text_stays_in_its_shape_in_wider_letters(case: str) -> None:
    """A viewer without Helvetica that ignores ``textLength``, as librsvg does."""
    _, laid = drawn(case)
    painting = paint.paint(laid)
    for group in painting.groups:
        for mark in group.marks:
            if isinstance(mark, Text):
                wide = mark.wide * WIDER
                start = mark.x - wide * ANCHORS[mark.anchor]
                assert 0 <= start <= start + wide <= painting.wide, mark.text
        if group.kind.startswith("node"):
            shape = front(group)
            right = max(value for _, values in shape.path for value in values[::2])
            for mark in group.marks:
                if isinstance(mark, Text) and mark.anchor == "start":
                    assert mark.x + mark.wide * WIDER < right


@pytest.mark.parametrize("case", ["demo", "folded", "0 160"])
def test_without_graphviz_in_time_nothing_overlaps_either(case: str) -> None:
    """When the engine takes too long, parts are stacked."""
    drawing, laid = drawn(case)
    stacked = page.lay_out(drawing, seconds=0.0)
    assert {spot.node.id for spot in stacked.spots} == {spot.node.id for spot in laid.spots}
    crossings(stacked)
    cards = sorted((spot.x, spot.y, spot.x + WIDE, spot.y + HIGH) for spot in stacked.spots)
    assert all(apart(*pair) for pair in itertools.combinations(cards, 2))


def test_an_index_stands_first_in_its_box() -> None:
    seen = 0
    for case in CASES:
        drawing, laid = drawn(case)
        at = {spot.node.id: spot.y for spot in laid.spots}
        for box in (cluster for cluster in drawing.clusters if cluster.kind == "index"):
            held = [at[node.id] for node in drawing.nodes if node.cluster == box.key]
            index = next(e for e in drawing.nodes if e.id.partition(":")[2] == box.key[6:])
            seen += len(held) > 1
            assert at[index.id] == min(held)
    assert seen


def test_svg_is_well_formed_and_names_no_place_outside() -> None:
    graph, states = world(1, 200)
    text = str(export.render(graph, ".svg", PictureOptions(findings=states)))
    root = ElementTree.fromstring(text)
    assert "prefers-color-scheme:dark" in text
    for element in root.iter(f"{SVG}text"):
        measured = width(
            element.text or "",
            float(element.get("font-size", "0")),
            "b" in element.get("class", "").split(),
        )
        assert float(element.get("textLength", "0")) == pytest.approx(measured, abs=0.1)
    assert not re.search(r'(src|xlink:href)="|url\(|@import', text)


def front(group: Group) -> Stroke:
    """The outline of a card, not of those under it in a stack."""
    looks = ("card", "missing", "unread", "ghost")
    strokes = [mark for mark in group.marks if isinstance(mark, Stroke)]
    return next(stroke for stroke in reversed(strokes) if stroke.look.startswith(looks))


def crossings(laid: Page) -> None:
    """No line passes over a card, its own ends' neither, or over the heading of a box."""
    cards = [(spot.x, spot.y, spot.x + WIDE, spot.y + HIGH) for spot in laid.spots]
    titles = [
        (box.x + 12, box.y + 8, box.x + 12 + min(width(box.title, 10.5, True), box.wide - 24),
         box.y + 20)
        for box in laid.boxes
    ]  # fmt: skip
    for route in laid.routes:
        near = around(route.points)
        for kind, rims in (("card", cards), ("title", titles)):
            close = [rim for rim in rims if not apart(rim, near)]
            for x, y in sampled(route) if close else ():
                for rim in close:
                    assert not over(x, y, rim), (route.edge.source, route.edge.target, kind)


def around(points: Sequence[tuple[float, float]]) -> Rim:
    """A Bézier curve never leaves the rim of its points."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs) - 1, min(ys) - 1, max(xs) + 1, max(ys) + 1


def over(x: float, y: float, rim: Rim) -> bool:
    return rim[0] + 0.5 < x < rim[2] - 0.5 and rim[1] + 0.5 < y < rim[3] - 0.5


def sampled(route: Route) -> Iterator[tuple[float, float]]:
    """Points of the Bézier curves, the ends of the line left out."""
    for at in range(0, len(route.points) - 3, 3):
        a, b, c, d = route.points[at : at + 4]
        for step in range(1, 13):
            t = step / 12.5
            u = 1 - t
            yield (
                u**3 * a[0] + 3 * u * u * t * b[0] + 3 * u * t * t * c[0] + t**3 * d[0],
                u**3 * a[1] + 3 * u * u * t * b[1] + 3 * u * t * t * c[1] + t**3 * d[1],
            )


def left(mark: Text) -> float:
    return mark.x - mark.wide * ANCHORS[mark.anchor]


def inside(shape: Stroke, texts: list[Text]) -> None:
    xs = [value for _, values in shape.path for value in values[::2]]
    ys = [value for _, values in shape.path for value in values[1::2]]
    for text in texts:
        assert min(xs) < left(text) < left(text) + text.wide < max(xs)
        assert min(ys) - 8 < text.y - text.size * 0.7 < text.y < max(ys) + 10


def rim(box: Box) -> Rim:
    return box.x, box.y, box.x + box.wide, box.y + box.high


def apart(first: Rim, second: Rim) -> bool:
    return (
        first[2] <= second[0]
        or second[2] <= first[0]
        or first[3] <= second[1]
        or second[3] <= first[1]
    )


def within(inner: Rim, outer: Rim) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and inner[2] <= outer[2]
        and inner[3] <= outer[3]
    )


def test_a_place_that_goes_on_in_the_next_column_says_so() -> None:
    _, laid = drawn("three_hundred")
    panels = [box for box in laid.boxes if box.kind in ("account", "region")]
    columns = {panel.x for panel in panels if panel.kind == "account"}
    assert len(columns) > 1
    for panel in panels:
        if panel.kind == "account":
            bare = panel.title.removesuffix(", continued")
            before = any(other.title == bare and other.x < panel.x for other in panels)
            assert before == panel.title.endswith(", continued")
