"""Folding says what it folded, keeps what is wrong, and never loses a resource."""

from __future__ import annotations

import pytest

from jotgraph.records import Kind
from jotgraph.render.components import split
from jotgraph.render.fold import fold
from jotgraph.render.view import Options, view
from tests.render.estate import crowd, shop_graph


def test_a_small_picture_is_left_as_it_is() -> None:
    graph, states = shop_graph()
    drawing = view(graph, Options(states=states))
    assert fold(drawing, 300) is drawing


def test_collapse_puts_versions_into_functions() -> None:
    graph, states = shop_graph()
    drawing = fold(view(graph, Options(states=states)), 300, collapse=True)
    kinds = {each.kind for each in drawing.nodes}
    assert Kind.VERSION not in kinds
    assert Kind.ALIAS not in kinds
    api = next(each for each in drawing.nodes if each.title == "checkout-api")
    assert api.line == "2 versions · 2 aliases"
    assert drawing.folded[0] == "4 versions and aliases into 1 function"


def test_identical_chains_become_one_that_counts_them() -> None:
    drawing = fold(view(crowd(60)), 300)
    assert {(each.kind, each.count) for each in drawing.nodes} == {
        (Kind.COMMIT, 60),
        (Kind.LOCAL_IMAGE, 60),
        (Kind.ECR_IMAGE, 60),
        (Kind.FUNCTION, 60),
        (Kind.ROLE, 60),
    }


def test_what_is_wrong_is_folded_last() -> None:
    graph = crowd(60)
    sick = next(each for each in sorted(graph) if each.startswith("function:"))
    drawing = fold(view(graph, Options(states={sick: ("broken",)})), 300)
    drawn = {each.id: each.count for each in drawing.nodes}
    assert drawn[sick] == 1


@pytest.mark.parametrize("budget", [5, 12, 40, 100])
def test_a_budget_is_kept_even_when_all_is_wrong(budget: int) -> None:
    graph = crowd(40)
    sick = {each: ("broken",) for each in graph if each.startswith("function:")}
    assert len(fold(view(graph, Options(states=sick)), budget).nodes) <= max(budget, 5)


def test_a_role_of_many_is_a_ghost_in_each_part() -> None:
    parts = split(view(crowd(9, shared_role=True)))
    assert len(parts) == 9
    assert all(sum(each.ghost for each in nodes) == 1 for nodes, _ in parts)
