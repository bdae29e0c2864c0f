"""The queries are asked once for a picture or a page, and render gets their answers."""

from __future__ import annotations

import networkx as nx

import jotgraph
from jotgraph import views
from jotgraph.queries.jots import jots
from jotgraph.queries.orphans import orphans
from tests.render.estate import shop_graph


def test_a_picture_has_findings_alone() -> None:
    graph, _ = shop_graph()
    asked = views.options(graph, title="shop")
    assert asked.title == "shop"
    assert {finding.word for listed in asked.findings.values() for finding in listed} >= {"drift"}
    assert (asked.jots, asked.judgements) == ((), ())


def test_a_page_has_every_deployment_and_verdict_too() -> None:
    graph, _ = shop_graph()
    asked = views.options(graph, page=True)
    assert asked.findings == views.options(graph).findings
    assert asked.jots == jots(graph, all_versions=True, undeployed=True).jots
    assert asked.judgements == orphans(graph).all()


def test_what_is_drawn_beside_the_graph_is_listed_and_not_judged() -> None:
    graph, _ = shop_graph()
    function = next(resource for resource in graph if resource.startswith("function:"))
    smaller = graph.copy()
    smaller.remove_node(function)
    nx.freeze(smaller)  # a graph that may change remembers no answer
    asked = views.options(smaller, page=True, shown=graph)
    assert function in {jot.id for jot in asked.jots}
    assert function not in asked.findings
    assert function not in {judgement.id for judgement in asked.judgements}


def test_draw_shows_what_the_page_shows() -> None:
    graph, _ = shop_graph()
    assert jotgraph.draw(graph, budget=7).options == views.options(graph, page=True, budget=7)
