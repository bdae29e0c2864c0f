"""What each filter shows and leaves out, alone and together, and what the caption says of it."""

from __future__ import annotations

import msgspec
import pytest

from jotgraph import graph as graphs
from jotgraph.graph import ResourceGraph
from jotgraph.records import Kind, ResourceId
from jotgraph.render.files import export
from jotgraph.render.picture.drawing.fold import fold
from jotgraph.render.picture.drawing.model import Drawing
from jotgraph.render.picture.drawing.view import PictureOptions, view
from tests.factories import commit, gap
from tests.render.estate import EAST, PROD, WEST, Told, shop, shop_graph

API = ResourceId(f"function:{PROD}/{WEST}/checkout-api")
MAIL = ResourceId(f"function:{PROD}/{WEST}/mail-sender")
ROLE = ResourceId(f"role:{PROD}/search-role")


Estate = tuple[ResourceGraph, Told]


def named(drawing: Drawing) -> list[str]:
    return sorted(node.name for node in drawing.nodes)


@pytest.fixture(scope="module")
def estate() -> Estate:
    return shop_graph()


def test_nothing_asked_says_nothing_was_left_out(estate: Estate) -> None:
    assert len(view(estate[0]).caption) == 4


@pytest.mark.parametrize(
    ("depth", "shown", "note"),
    [
        (0, ["mail-sender"], "shown: the lineage of mail-sender within 0 steps"),
        (
            1,
            ["283bb9dee", "mail-role", "mail-sender"],
            "shown: the lineage of mail-sender within 1 step",
        ),
        (
            None,
            ["283bb9dee", "mail-role", "mail-sender"],
            "shown: the lineage of mail-sender",
        ),
    ],
)
def test_focus_and_depth(estate: Estate, depth: int | None, shown: list[str], note: str) -> None:
    drawing = view(estate[0], PictureOptions(focus=(MAIL,), depth=depth))
    assert named(drawing) == shown
    assert drawing.caption[-1] == note


def test_depth_stops_before_what_is_farther(estate: Estate) -> None:
    """The role's users are one step away, their images two."""
    near = view(estate[0], PictureOptions(focus=(ROLE,), depth=1))
    assert named(near) == ["search-index", "search-query", "search-role"]
    far = view(estate[0], PictureOptions(focus=(ROLE,), depth=2))
    assert {node.kind for node in far.nodes} == {Kind.ROLE, Kind.FUNCTION, Kind.ECR_IMAGE}


def test_kinds_alone_keep_the_lines_between_them(estate: Estate) -> None:
    drawing = view(estate[0], PictureOptions(kinds=(Kind.FUNCTION, Kind.ROLE)))
    assert {node.kind for node in drawing.nodes} == {Kind.FUNCTION, Kind.ROLE}
    assert len(drawing.edges) == 7
    assert drawing.caption[-1] == "shown: functions, roles alone"
    assert view(estate[0], PictureOptions(kinds=(Kind.CONTAINER,))).nodes == ()


def test_repositories_alone_say_what_they_hold(estate: Estate) -> None:
    drawing = view(estate[0], PictureOptions(kinds=(Kind.ECR_REPO,)))
    held = {node.name: node.line for node in drawing.nodes}
    assert held["shop/checkout"] == "4 images"
    assert held["legacy/reports"] == "empty repository"


def test_a_repository_whose_images_were_not_read_is_not_called_empty() -> None:
    inventory, links, _ = shop()
    unread = gap("ecr:DescribeImages", Kind.ECR_IMAGE, region=EAST, resource="legacy/reports")
    graph = graphs.build(msgspec.structs.replace(inventory, gaps=(unread,)), links)
    drawing = view(graph, PictureOptions(kinds=(Kind.ECR_REPO,)))
    held = {node.name: node.line for node in drawing.nodes}
    assert held["legacy/reports"] == "its images were not read"


@pytest.mark.parametrize(
    ("word", "hits"),
    [
        ("broken", ["mail-sender"]),
        ("behind", ["checkout-api:7"]),
        ("lag", ["checkout-api:7"]),
        ("4 behind", ["checkout-api:7"]),
        ("conflict", ["etl/nightly:2026.11"]),
        ("conflict: other claim", ["etl/nightly:2026.11"]),
        ("other", []),
        ("nonsense", []),
    ],
)
def test_states(estate: Estate, word: str, hits: list[str]) -> None:
    graph, states = estate
    drawing = view(graph, PictureOptions(findings=states, words=(word,)))
    ranked = [node.name for node in drawing.nodes if node.states and node.states[0].rank < 2]
    assert set(hits) <= set(ranked)
    assert bool(drawing.nodes) == bool(hits)
    assert ("there is nothing of the kind" in drawing.caption) == (not hits)


def test_filters_together_each_take_away(estate: Estate) -> None:
    graph, states = estate
    options = PictureOptions(
        findings=states, words=("behind",), focus=(API,), kinds=(Kind.VERSION,)
    )
    drawing = view(graph, options)
    assert named(drawing) == ["checkout-api:7"]
    assert drawing.caption[-1] == (
        "shown: the lineage of checkout-api; of those, versions alone; of those, "
        "what has the state behind, and what it touches"
    )
    assert "shown: the lineage of checkout-api; of those" in str(
        export.render(graph, ".svg", options)
    )


def test_collapse_within_a_focus_and_an_overlay(estate: Estate) -> None:
    """Versions that a plan deletes stay apart from their function, which it keeps."""
    graph, states = estate
    version = ResourceId(f"version:{PROD}/{WEST}/checkout-api:7")
    options = PictureOptions(
        findings=states, focus=(API,), marks={version: "delete"}, overlay="plan"
    )
    drawing = fold(view(graph, options), 300, collapse=True)
    assert [node.name for node in drawing.nodes if node.kind is Kind.VERSION] == ["checkout-api:7"]
    assert drawing.folded[0] == "3 versions and aliases into 1 function"


def test_commits_without_an_image_are_left_out_and_counted() -> None:
    inventory, links, _ = shop()
    bare = commit("bare", subject="Nothing was built from it", repositories=("etl",))
    graph = graphs.build(
        msgspec.structs.replace(inventory, commits=(*inventory.commits, bare)), links
    )
    drawing = view(graph)
    assert bare.id not in {node.id for node in drawing.nodes}
    assert drawing.caption[-1] == "left out: 1 commit that no image was built from"
    whole = view(graph, PictureOptions(unlinked_commits=True))
    assert bare.id in {node.id for node in whole.nodes}
    assert len(whole.caption) == 4
