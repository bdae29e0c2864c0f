"""The labels of cards are the findings, and a filter's word means what it says."""

from __future__ import annotations

import msgspec
import pytest

from jotgraph import graph as graphs
from jotgraph import views
from jotgraph.analysis.health import Code, findings
from jotgraph.links import Relation
from jotgraph.records import commit_id
from jotgraph.render.picture.drawing.states import meant
from jotgraph.render.picture.drawing.style import REMARK, THEME
from jotgraph.render.picture.drawing.view import view
from jotgraph.render.picture.paint.card import paint_card
from jotgraph.render.picture.paint.colours import INKS
from jotgraph.render.picture.paint.primitives import Stroke
from tests.factories import ecr_image, git_repository, inventory
from tests.render.estate import link, shop, shop_graph


def test_a_card_is_labelled_with_what_is_known_of_it() -> None:
    inventory, links, _ = shop()
    functions = tuple(
        msgspec.structs.replace(function, state="Failed", invocations=0)
        for function in inventory.functions
    )
    graph = graphs.build(msgspec.structs.replace(inventory, functions=functions), links)
    seen = set()
    for node in view(graph, views.options(graph)).nodes:
        told = [finding for finding in findings(graph, node.id) if finding.known]
        assert [state.word for state in node.states] == list(
            dict.fromkeys(finding.word for finding in told)
        )
        assert all(finding.statement in node.tooltip for finding in told)
        seen |= {finding.code for finding in told}
    assert {Code.BROKEN, Code.FAILED, Code.DRIFT, Code.IDLE, Code.MISSING} <= seen


def test_a_picture_finds_nothing_itself() -> None:
    graph, _ = shop_graph()
    drawing = view(graph)
    assert {node.states for node in drawing.nodes} == {()}
    assert not [edge for edge in drawing.edges if edge.wrong]
    assert [node.title for node in drawing.nodes if node.missing] == ["283bb9dee"]


def test_a_commit_of_no_repository_read_is_grey_and_not_wrong() -> None:
    image = ecr_image("app", "v1")
    elsewhere = commit_id("ab" * 20)
    read = inventory(image, git_repository(key="shop"))
    graph = graphs.build(read, [link(image.id, elsewhere, Relation.BUILT_FROM)])
    drawing = view(graph, views.options(graph))
    [card] = [node for node in drawing.nodes if node.id == elsewhere]
    assert (card.missing, card.line) == (True, "in no repository read")
    assert all(state.rank == REMARK for state in card.states)
    [edge] = drawing.edges
    assert not edge.wrong
    group = paint_card(card, 0, 0, overlay=False)
    outline = next(mark for mark in group.marks if isinstance(mark, Stroke))
    assert outline.look == "unread"
    assert INKS["unread"].stroke == THEME["quiet"]


@pytest.mark.parametrize(
    ("word", "codes"),
    [
        ("broken", {Code.BROKEN}),
        ("role-missing", {Code.ROLE_MISSING}),
        ("Role missing", {Code.ROLE_MISSING}),
        ("behind", {Code.LAG}),
        ("dirty", {Code.DIRTY_BUILD}),
        ("other", set()),
    ],
)
def test_what_a_word_of_a_filter_means(word: str, codes: set[Code]) -> None:
    assert meant(word) == codes
