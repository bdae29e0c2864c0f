"""A picture holds every resource once, in the same bytes each time."""

from __future__ import annotations

import random
import re
import shutil
import zlib
from xml.etree import ElementTree

import msgspec
import pytest

from jotgraph import graph as graphs
from jotgraph.errors import RenderError
from jotgraph.links import Relation
from jotgraph.records import Kind, kind_of
from jotgraph.render.files import export
from jotgraph.render.picture.drawing.view import PictureOptions
from jotgraph.render.picture.layout import graphviz_engine, page
from jotgraph.render.picture.layout.geometry import HIGH, WIDE
from jotgraph.render.picture.paint import paint, xdot
from jotgraph.render.picture.paint.primitives import Text
from tests.render import goldens
from tests.render.estate import crowd, shop, shop_graph

SVG = "{http://www.w3.org/2000/svg}"


def test_every_resource_is_drawn_once() -> None:
    graph, states = shop_graph()
    drawing = export.draw(graph, PictureOptions(findings=states, local_copies=True))
    root = ElementTree.fromstring(export.to_svg(drawing))
    drawn = [
        element.get("data-id") for element in root.iter(f"{SVG}g") if element.get("class") == "node"
    ]
    boxed = {cluster.key for cluster in drawing.clusters}
    wanted = {
        resource
        for resource in graph
        if not (resource.startswith("ecr-repo:") and resource in boxed)
    }
    solid = [node for node in drawn if node and "~" not in node]
    ghosts = {node.partition("~")[0] for node in drawn if node and "~" in node}
    assert len(solid) == len(set(solid))
    assert not ghosts & set(solid), "what belongs to one part is drawn there alone"
    assert sorted({*solid, *ghosts}) == sorted(wanted)


def test_a_picture_of_all_leaves_out_what_ecr_has_too_and_says_so() -> None:
    graph, asked = goldens.demo()
    states = asked.findings
    whole = export.draw(graph, PictureOptions(findings=states, local_copies=True))
    brief = export.draw(graph, PictureOptions(findings=states))
    gone = {node.id for node in whole.nodes} - {node.id for node in brief.nodes}
    assert {kind_of(resource) for resource in gone} == {Kind.LOCAL_IMAGE, Kind.CONTAINER}
    assert brief.caption[-1].startswith("left out: 5 local images that are in ECR too")
    ways = {
        relation
        for image in gone
        for user in graphs.dependents(graph, image)
        for relation in graphs.relations(graph, user, image)
    }
    assert ways == {Relation.COPY_OF, Relation.BASED_ON, Relation.USES}
    for node in brief.nodes:
        for commit in graphs.dependencies(graph, node.id, Relation.BUILT_FROM):
            assert {commit, node.id} & {
                end for edge in brief.edges for end in (edge.source, edge.target)
            }, "no image has lost its commit"
    focused = export.draw(graph, PictureOptions(findings=states, focus=tuple(sorted(gone))))
    assert gone <= {node.id for node in focused.nodes}, "who asks for one sees it"


def test_shuffled_input_gives_the_same_bytes() -> None:
    inventory, links, states = shop()
    first = export.to_svg(
        export.draw(graphs.build(inventory, links), PictureOptions(findings=states))
    )
    shaker = random.Random(7)
    shaker.shuffle(links)
    mixed = msgspec.structs.replace(
        inventory,
        functions=tuple(reversed(inventory.functions)),
        ecr_images=tuple(reversed(inventory.ecr_images)),
        commits=tuple(reversed(inventory.commits)),
    )
    again = dict(reversed(states.items()))
    assert (
        export.to_svg(export.draw(graphs.build(mixed, links), PictureOptions(findings=again)))
        == first
    )


@pytest.mark.parametrize("shared", [False, True])
def test_nothing_overlaps_and_lines_touch_their_cards(shared: bool) -> None:
    for graph in (shop_graph()[0], crowd(30, shared)):
        laid = page.lay_out(export.draw(graph, PictureOptions()))
        spots = {spot.node.id: (spot.x, spot.y) for spot in laid.spots}
        cards = sorted(spots.values())
        for at, (x, y) in enumerate(cards):
            for other_x, other_y in cards[at + 1 :]:
                assert abs(x - other_x) >= WIDE or abs(y - other_y) >= HIGH
        for route in laid.routes:
            x, y = spots[route.edge.source]
            assert route.points[0] == pytest.approx((x + WIDE, y + HIGH / 2), abs=1.0)
            x, y = spots[route.edge.target]
            assert route.points[-1] == pytest.approx((x, y + HIGH / 2), abs=1.0)


def test_png_is_a_png() -> None:
    drawing = export.draw(crowd(2), PictureOptions())
    assert export.to_png(drawing).startswith(b"\x89PNG")


def test_graphviz_sets_all_text_in_one_family_and_titles_bold() -> None:
    """``Arial bold`` as a name is set in Times by graphviz-pure."""
    graph, _ = shop_graph()
    painting = paint.paint(page.lay_out(export.draw(graph)))
    drawn = graphviz_engine.run(xdot.write(painting), "svg", layout="neato").decode()
    texts = [tag for tag in re.findall(r"<text [^>]*>", drawn) if "font-size" in tag]
    assert all('font-family="Arial"' in text for text in texts)
    marks = [mark for group in painting.groups for mark in group.marks if isinstance(mark, Text)]
    assert len(texts) == len(marks)
    assert sum('font-weight="bold"' in text for text in texts) == sum(mark.bold for mark in marks)


@pytest.mark.parametrize("name", goldens.CASES)
def test_dot_is_the_golden_one(name: str) -> None:
    """After a change that is meant: ``python -m tests.render.goldens``, and look at them."""
    assert goldens.text(goldens.CASES[name]) == goldens.path(name).read_text(encoding="utf-8")


def test_pdf_is_one_page_as_large_as_the_picture() -> None:
    drawing = export.draw(crowd(30), PictureOptions())
    if not shutil.which("dot"):
        pytest.skip("the system has no dot")
    written = export.to_pdf(drawing)
    painting = paint.paint(page.lay_out(drawing))
    box = re.search(rb"/MediaBox \[ 0 0 ([0-9.]+) ([0-9.]+) \]", written)
    assert box
    assert [float(number) for number in box.groups()] == pytest.approx(
        [painting.wide, painting.high], abs=2
    )


@pytest.mark.skipif(shutil.which("dot") is None, reason="PDF needs the system's Graphviz")
def test_words_stand_in_pdf_where_they_stand_in_svg() -> None:
    drawing = export.draw(*goldens.focus())
    wanted = {
        (mark.size, round(mark.y, 1))
        for group in paint.paint(page.lay_out(drawing)).groups
        for mark in group.marks
        if isinstance(mark, Text) and group.kind == "node"
    }
    streams = re.findall(rb"stream\r?\n(.*?)endstream", export.to_pdf(drawing), re.DOTALL)
    content = next(text for text in map(zlib.decompress, streams) if b"BT" in text)
    found = {
        (round(float(size)), float(y))
        for size, y in re.findall(rb"([\d.]+) 0 0 -[\d.]+ [\d.]+ ([\d.]+) Tm", content)
    }
    assert len(wanted) >= 6, "titles, lines and pills"
    for size, y in wanted:
        assert min(abs(y - other) for large, other in found if large == size) < 0.2, (size, y)


def test_pdf_without_dot_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(RenderError, match=r"PDF needs .* install the package graphviz, or write"):
        export.to_pdf(export.draw(crowd(2), PictureOptions()))


@pytest.mark.parametrize(
    ("wide", "high", "dots"),
    [(100, 100, 144), (20_000, 100, 43.2), (8_000, 8_000, 72), (100, 24_000, 36)],
)
def test_a_png_is_sharp_and_not_too_large(wide: float, high: float, dots: float) -> None:
    assert export.resolution(wide, high) == pytest.approx(dots)
