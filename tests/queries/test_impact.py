"""What breaks, what is left, what survives; held against networkx's dominators."""

from __future__ import annotations

from random import Random

import networkx as nx
from hypothesis import given

from jotgraph.analysis.usage import index_of, roots, uses
from jotgraph.graph import ResourceGraph, build
from jotgraph.queries.impact import impact
from jotgraph.records import ResourceId, name_of
from jotgraph.render.answers.impact import note
from tests.factories import (
    ACCOUNT,
    REGION,
    alias,
    ecr_image,
    ecr_repository,
    function,
    inventory,
    role,
    trigger,
    uri,
    version,
    workload,
)
from tests.oracle.worlds import world
from tests.strength import DICE, examples


def test_a_function_takes_its_versions_and_leaves_what_it_alone_used() -> None:
    graph = build(
        inventory(
            ecr_repository(),
            ecr_image(1),
            ecr_image(2),
            role(),
            role("shared"),
            function(runs=1),
            version(1, runs=2, role="shared"),
            alias("prod", 1),
            trigger("t", "pay:prod"),
            function("g", runs=1, role="shared"),
        )
    )
    found = impact(graph, ResourceId(f"function:{ACCOUNT}/{REGION}/pay"))
    assert {touched.id.rpartition("/")[2] for touched in found.breaks} == {"pay:1", "pay:prod", "t"}
    assert [touched.id for touched in found.left] == [ecr_image(2).id, role().id]
    assert {survivor.id: survivor.path for survivor in found.survives} == {
        ecr_image(1).id: (f"function:{ACCOUNT}/{REGION}/g", ecr_image(1).id),
        ecr_repository().id: (
            f"function:{ACCOUNT}/{REGION}/g",
            ecr_image(1).id,
            ecr_repository().id,
        ),
        role("shared").id: (f"function:{ACCOUNT}/{REGION}/g", role("shared").id),
    }


def test_what_does_not_tell_what_it_runs_may_need_an_image() -> None:
    """Nothing is known to break, and that is no promise."""
    service = workload("web", uri("app:v1"), service="apprunner")
    graph = build(inventory(ecr_repository(), ecr_image(1), ecr_image(2, "v1"), service))
    found = impact(graph, ecr_image(1).id)
    assert [doubt.code for doubt in found.doubts] == ["digest-unread"]
    assert note(found) == (
        "nothing breaks, 0 left unused, 1 not affected; not known: apprunner/service/web runs "
        f"what {uri('app:v1')} named when it was started; which image that was is not reported: "
        "it may be this one"
    )
    other = build(inventory(ecr_repository(), ecr_image(1), ecr_repository("web")))
    assert impact(other, ecr_image(1).id).doubts == ()


def test_an_image_breaks_what_runs_it_and_what_routes_there() -> None:
    graph = build(
        inventory(
            ecr_repository(), ecr_image(1), role(), function(runs=1, tag="x"), alias("a", "$LATEST")
        )
    )
    found = impact(graph, ecr_image(1).id)
    assert [touched.id.partition(":")[0] for touched in found.breaks] == ["function", "alias"]
    assert found.breaks[1].path == (alias("a", 1).id, function().id, ecr_image(1).id)
    unused = impact(graph, role("none").id) if role("none").id in graph else None
    assert unused is None


def published() -> ResourceGraph:
    """``$LATEST`` runs image 1 with a role of its own; version 1 behind ``prod`` runs another."""
    return build(
        inventory(
            ecr_repository(),
            ecr_image(1, "v1"),
            ecr_image(2, "v2"),
            role(),
            role("old"),
            function(runs=1),
            version(1, runs=2, role="old"),
            alias("prod", 1),
            alias("next", "$LATEST"),
            trigger("t", "pay:prod"),
            trigger("u", "pay"),
        )
    )


def test_the_image_of_latest_breaks_no_published_version() -> None:
    found = impact(published(), ecr_image(1).id)
    assert [name_of(touched.id) for touched in found.breaks] == ["pay", "pay:next", "u"]
    assert [touched.id for touched in found.left] == [role().id]


def test_the_image_of_a_version_breaks_what_leads_there() -> None:
    found = impact(published(), ecr_image(2).id)
    assert [name_of(touched.id) for touched in found.breaks] == ["pay:1", "pay:prod", "t"]
    assert found.breaks[2].path[1:] == (alias("prod", 1).id, version(1).id, ecr_image(2).id)
    assert [touched.id for touched in found.left] == [role("old").id]


def test_a_repository_takes_its_images_and_the_function_all_its_parts() -> None:
    graph = published()
    of_repository = {name_of(touched.id) for touched in impact(graph, ecr_repository().id).breaks}
    assert {"pay", "pay:1", "pay:prod", "pay:next", "t", "u"} <= of_repository
    of_function = {name_of(touched.id) for touched in impact(graph, function().id).breaks}
    assert of_function == {"pay:1", "pay:prod", "pay:next", "t", "u"}


def test_several_go_together() -> None:
    graph = published()
    both = impact(graph, ecr_image(1).id, version(1).id)
    assert both.resources == (ecr_image(1).id, version(1).id)
    assert [name_of(touched.id) for touched in both.breaks] == [
        "pay",
        "pay:prod",
        "pay:next",
        "u",
        "t",
    ]
    assert {touched.id for touched in both.left} == {
        ecr_image(2).id, ecr_repository().id, role().id, role("old").id,
    }  # fmt: skip
    alone = impact(graph, ecr_image(1).id)
    assert impact(graph, ecr_image(1).id, ecr_image(1).id).breaks == alone.breaks


@examples(25, many=60, shrink=False)
@given(rng=DICE)
def test_what_is_left_is_dominated(rng: Random) -> None:
    """For a resource whose loss breaks nothing else, what is left is what it dominates in the
    graph of uses, from a root before all roots."""
    graph = build(world(rng))
    index = index_of(graph)
    flow: nx.DiGraph[str] = nx.DiGraph()
    for source, targets in uses(graph).items():
        flow.add_edges_from((source, target) for target in targets)
    flow.add_edges_from(("root", root) for tier in roots(index) for root in tier)
    if "root" not in flow:
        return
    above = nx.immediate_dominators(flow, "root")
    for resource in sorted(node for node in above if node in graph):
        found = impact(graph, ResourceId(resource))
        if found.breaks:
            continue
        below = set()
        for node in above:
            here = node
            while above.get(here) not in (None, here, "root", resource):
                here = above[here]
            if above.get(here) == resource and node != resource and node in graph:
                below.add(node)
        assert {touched.id for touched in found.left} == below
