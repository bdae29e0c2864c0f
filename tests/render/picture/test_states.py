"""The labels of cards are the findings, and a filter's word means what it says."""

from __future__ import annotations

import msgspec
import pytest

from jotgraph import graph as graphs
from jotgraph import views
from jotgraph.analysis.health import Code, findings
from jotgraph.render.picture.drawing.states import meant
from jotgraph.render.picture.drawing.view import view
from tests.render.estate import shop, shop_graph


def test_a_card_is_labelled_with_what_is_known_of_it() -> None:
    inventory, links, _ = shop()
    functions = tuple(
        msgspec.structs.replace(each, state="Failed", invocations=0) for each in inventory.functions
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
    assert [node.title for node in drawing.nodes if node.missing] == ["283bb9deef02"]


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
