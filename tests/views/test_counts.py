"""How many deployments, functions, workloads, images and commits there are: one number in every
view."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given

from jotgraph import store, views
from jotgraph.graph import ResourceGraph, build
from jotgraph.queries.jots import jots
from jotgraph.queries.summary import summary
from jotgraph.records import Inventory
from jotgraph.render.answers import jots as ls
from jotgraph.render.answers.summary import as_json, as_text
from jotgraph.render.html.data import payload
from jotgraph.render.picture.drawing.view import view
from tests.factories import (
    alias,
    deployment,
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
from tests.functional.estate import estate
from tests.links.world import world as linked
from tests.oracle.reductions import ALL, Reduction
from tests.oracle.worlds import world
from tests.render.estate import shop_graph
from tests.render.goldens import DEMO
from tests.render.worlds import world as drawn
from tests.strength import DICE, examples, some
from tests.views.ailing import LITERAL, ailing

Counts = dict[str, int]
_TOLD = re.compile(r"([\d,]+) (deployment|function|workload|image|commit)s?\b")


def in_rows(rows: list[dict[str, Any]]) -> Counts:
    """By the rows of ``ls --format json``, counted here by plain means."""
    deployed = [row for row in rows if row["function"]]
    named = [(row["account"], row["region"], row["function"]) for row in deployed]
    lambdas = [name for name, row in zip(named, deployed, strict=True) if not row["service"]]
    return {
        "deployments": len(deployed),
        "functions": len(set(lambdas)),
        "workloads": len({row["id"] for row in deployed if row["service"]}),
        "images": len({row["image"]["digest"] for row in deployed if row["image"]}),
        "commits": len({row["commit"]["commit"] for row in deployed} - {""}),
    }


def in_page(graph: ResourceGraph) -> tuple[Counts, int]:
    """At the head of a page, and beside the heading of its list."""
    asked = views.options(graph, page=True, budget=0, unlinked_commits=True)
    # laid out without Graphviz, of which nothing is asked here
    at_once = msgspec.structs.replace(asked, budget=1)
    main: dict[str, Any] = payload(graph, view(graph, asked), at_once)[0]
    told = {noun: number for number, noun in main["counts"]}
    return told, sum(row["d"] for row in main["jots"])


def agree(graph: ResourceGraph) -> Counts:
    """Hold every view to the rows of ``ls``, and return what they say."""
    answer, told = jots(graph), summary(graph)
    counts = in_rows(json.loads(ls.as_json(answer))["jots"])
    assert json.loads(as_json(told))["counts"] == counts
    assert in_page(graph) == (counts, counts["deployments"])
    with_images = jots(graph, undeployed=True)
    for note in (ls.note(answer), ls.note(with_images)):
        first = _TOLD.match(note)
        assert (int(first[1].replace(",", "")) if first else 0) == counts["deployments"]
    line = as_text(told).splitlines()[0]
    said = {f"{noun}s": int(number.replace(",", "")) for number, noun in _TOLD.findall(line)}
    assert said == {noun: n for noun, n in counts.items() if noun in said}
    assert {noun for noun, n in counts.items() if n} <= {*said} or not counts["deployments"]
    return counts


def _demo() -> ResourceGraph:
    return build(store.load(DEMO))


def _generated() -> Iterator[tuple[str, Callable[[], ResourceGraph]]]:
    yield "small", lambda: build(estate())
    yield "links", lambda: build(linked())
    yield "shop", lambda: shop_graph()[0]
    yield "demo", _demo
    for seed in some("drawn estates of which views count", range(4), 4):
        yield f"drawn-{seed}", lambda seed=seed: drawn(seed, 60)[0]  # type: ignore[misc]
    for name, whole in LITERAL.items():
        yield name, lambda whole=whole: build(whole)  # type: ignore[misc]


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in _generated()])
def test_estates_that_are_known(make: Callable[[], ResourceGraph]) -> None:
    agree(make())


@examples(4, many=20, shrink=False)
@given(rng=DICE)
def test_estates_in_which_anything_may_be_wrong(rng: Random) -> None:
    agree(build(ailing(rng)))


@pytest.mark.parametrize(
    "reduce",
    some("oracle worlds of which views count", ALL, 7),
    ids=lambda reduction: reduction.__name__,
)
def test_estates_of_the_oracle_read_less_and_less(reduce: Reduction) -> None:
    rng = Random(reduce.__name__)
    agree(build(reduce(rng, world(rng))))


def test_the_demo() -> None:
    assert agree(_demo()) == {
        "deployments": 18, "functions": 9, "workloads": 8, "images": 13, "commits": 6,
    }  # fmt: skip


def _versions() -> Inventory:
    """Two versions of one function that run other code; a function that a trigger alone names."""
    return inventory(
        ecr_repository(),
        ecr_image(1, "v1"),
        ecr_image(2, "v2"),
        role(),
        function(runs=2, tag="v2"),
        version(1, runs=1),
        version(2, runs=2),
        alias("live", 1),
        alias("next", 2),
        trigger(function="gone"),
    )


def test_versions_of_other_code_are_deployments_and_what_is_gone_is_none() -> None:
    assert agree(build(_versions())) == {
        "deployments": 2, "functions": 1, "workloads": 0, "images": 2, "commits": 0,
    }  # fmt: skip


def test_a_workload_of_two_images_is_two_deployments() -> None:
    two = workload("web", uri("app:v1"), uri("app:v2"))
    whole = inventory(ecr_repository(), ecr_image(1, "v1"), ecr_image(2, "v2"), role(), two)
    assert agree(build(whole))["workloads"] == 1
    assert agree(build(inventory(*deployment())))["deployments"] == 1
    assert agree(build(inventory(role())))["deployments"] == 0
