"""Folding says what it folded, keeps what is wrong, and never loses a resource."""

from __future__ import annotations

import re

import msgspec
import pytest

from benchmarks.render import estate
from jotgraph import graph as graphs
from jotgraph import views
from jotgraph.links import Relation
from jotgraph.records import Kind
from jotgraph.render.picture.drawing.components import cards, split
from jotgraph.render.picture.drawing.fold import fold
from jotgraph.render.picture.drawing.model import Drawing
from jotgraph.render.picture.drawing.view import PictureOptions, view
from tests.factories import commit, ecr_image, inventory, local_image
from tests.render.estate import crowd, link, shop, shop_graph, told
from tests.render.worlds import world


def test_a_small_picture_is_left_as_it_is() -> None:
    graph, states = shop_graph()
    drawing = view(graph, PictureOptions(findings=states))
    assert fold(drawing, 300) is drawing


def test_collapse_puts_versions_into_functions() -> None:
    graph, states = shop_graph()
    drawing = fold(view(graph, PictureOptions(findings=states)), 300, collapse=True)
    kinds = {node.kind for node in drawing.nodes}
    assert Kind.VERSION not in kinds
    assert Kind.ALIAS not in kinds
    api = next(node for node in drawing.nodes if node.title == "checkout-api")
    assert api.line == "2 versions · 2 aliases"
    assert drawing.folded[0] == "4 versions and aliases into 1 function"


def test_identical_chains_become_one_that_counts_them() -> None:
    drawing = fold(view(crowd(60)), 300)
    assert {(node.kind, node.count) for node in drawing.nodes} == {
        (Kind.COMMIT, 60),
        (Kind.LOCAL_IMAGE, 60),
        (Kind.ECR_IMAGE, 60),
        (Kind.FUNCTION, 60),
        (Kind.ROLE, 60),
    }


def test_what_is_wrong_is_folded_last() -> None:
    graph = crowd(60)
    sick = next(resource for resource in sorted(graph) if resource.startswith("function:"))
    drawing = fold(view(graph, PictureOptions(findings=told({sick: ("broken",)}))), 300)
    drawn = {node.id: node.count for node in drawing.nodes}
    assert drawn[sick] == 1


@pytest.mark.parametrize("budget", [5, 12, 40, 100])
@pytest.mark.parametrize("shared", [False, True])
def test_a_budget_is_kept_even_when_all_is_wrong(budget: int, shared: bool) -> None:
    graph = crowd(40, shared)
    sick = told({resource: ("broken",) for resource in graph if resource.startswith("function:")})
    drawing = fold(view(graph, PictureOptions(findings=sick)), budget)
    assert drawn(drawing) <= max(budget, 5)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("budget", [30, 120])
def test_a_budget_counts_what_is_drawn_again(seed: int, budget: int) -> None:
    graph, states = world(seed, 300)
    drawing = fold(view(graph, PictureOptions(findings=states)), budget)
    assert drawn(drawing) == cards(drawing) <= budget


def test_a_role_of_many_is_a_ghost_in_each_part() -> None:
    parts = split(view(crowd(9, shared_role=True)))
    assert len(parts) == 9
    assert all(sum(node.ghost for node in nodes) == 1 for nodes, _ in parts)
    assert all("shared: drawn in 9 parts" in nodes[-1].tooltip for nodes, _ in parts)


def test_what_is_shared_is_a_ghost_in_its_own_part_too() -> None:
    """A base image that something else touches as well has a part of its own."""
    base, made = (
        local_image("localbase", "base:1"),
        commit("base", subject="Build the base", repositories=("a",)),
    )
    users = [local_image(f"localu{n}", f"u:{n}") for n in range(2)]
    images = [ecr_image(f"u{n}", "v", repository=f"r{n}") for n in range(2)]
    links = [link(base.id, made.id, Relation.BUILT_FROM)]
    for user, pushed in zip(users, images, strict=True):
        links.append(link(user.id, base.id, Relation.BASED_ON))
        links.append(link(pushed.id, user.id, Relation.COPY_OF))
    whole = inventory(made, base, *users, *images)
    shown = [node for nodes, _ in split(view(graphs.build(whole, links))) for node in nodes]
    copies = [node for node in shown if node.id.partition("~")[0] == base.id]
    assert len(copies) == 3
    assert all(copy.ghost for copy in copies)
    assert len({node.id for node in shown}) == len(shown)


@pytest.mark.parametrize("name", ["a", "zz"])
def test_a_base_image_is_where_its_users_are_whatever_its_id(name: str) -> None:
    base = local_image("local" + name, "base:1")
    users = [local_image(f"localu{n}", f"u:{n}") for n in range(2)]
    images = [ecr_image(f"u{n}", "v", repository=f"r{n}") for n in range(2)]
    links = [link(user.id, base.id, Relation.BASED_ON) for user in users]
    links += [link(a.id, b.id, Relation.COPY_OF) for a, b in zip(images, users, strict=True)]
    whole = inventory(base, *users, *images)
    parts = split(view(graphs.build(whole, links)))
    assert [len(nodes) for nodes, _ in parts] == [3, 3]
    assert all(sum(node.ghost for node in nodes) == 1 for nodes, _ in parts)


@pytest.mark.parametrize("budget", [0, 40])
def test_cards_of_different_marks_are_never_one(budget: int) -> None:
    graph = crowd(30)
    marks = {
        resource: "delete"
        for resource in graph
        if resource.endswith(("3:1", "3")) or "7" in resource[-40:]
    }
    drawing = fold(view(graph, PictureOptions(marks=marks, overlay="plan")), budget, collapse=True)
    assert sum(node.count for node in drawing.nodes if node.mark) <= len(marks)
    plain = fold(view(graph, PictureOptions()), 0)
    whole = {node.id for node in plain.nodes}
    gone = whole - {node.id for node in drawing.nodes}
    assert gone, "something is folded"
    assert {node.mark for node in drawing.nodes} == {"", "delete"}


def test_a_stack_says_how_many_it_is() -> None:
    inventory, links, _ = shop()
    more = tuple(ecr_image(f"u{n}", f"u{n}", repository="shop/checkout") for n in range(5))
    images = (*inventory.ecr_images, *more)
    graph = graphs.build(msgspec.structs.replace(inventory, ecr_images=images), links)
    drawing = fold(view(graph), 0, collapse=True)
    stack = next(node for node in drawing.nodes if node.title.endswith(" images"))
    assert (stack.title, stack.count) == ("6 images", 6)
    assert drawing.folded[1] == "6 images without a use into one stack each"


def drawn(drawing: Drawing) -> int:
    return sum(len(nodes) for nodes, _ in split(drawing))


def test_what_is_kept_says_how_many_that_are_folded_it_is_linked_to() -> None:
    graph = graphs.build(estate(2_000))
    folded = fold(view(graph, views.options(graph)), 300)
    roles = [node for node in folded.nodes if node.kind is Kind.ROLE and node.count == 1]
    said = {role.title: role.line for role in roles}
    assert re.fullmatch(r"linked to \d+ more, folded", said["shared-0"])
    own = next(line for title, line in said.items() if title.startswith("app-"))
    assert "folded" not in own, "all that it is linked to is drawn"
