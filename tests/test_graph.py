"""Answers are kept for a graph that cannot change, and for no other; edges by relation."""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from copy import copy, deepcopy
from pathlib import Path
from typing import Any
from weakref import ref

import networkx as nx
import pytest

from jotgraph import views
from jotgraph.graph import (
    ResourceGraph,
    build,
    dependencies,
    dependents,
    edges,
    has_edge,
    is_missing,
    linked,
    remembered,
    without,
)
from jotgraph.graph.digraph import FrozenDiGraph
from jotgraph.links import Evidence, Grade, Link, Relation, infer
from jotgraph.queries.orphans import orphans
from jotgraph.records import ResourceId
from jotgraph.render.files import export
from tests.factories import ecr_image, ecr_repository, function, inventory, role
from tests.render.estate import shop

DEMO = Path(__file__).parent / "render/demo.jsonl.zst"


def test_a_frozen_graph_is_asked_once_and_an_open_one_each_time() -> None:
    asked: list[tuple[str, bool]] = []

    @remembered
    def degree(graph: ResourceGraph, resource: ResourceId, *, out: bool = False) -> int:
        asked.append((resource, out))
        return graph.out_degree(resource) if out else graph.degree(resource)

    a, b = ResourceId("role:1/a"), ResourceId("role:1/b")
    graph: ResourceGraph = nx.DiGraph([(a, b)])
    assert [degree(graph, b), degree(graph, b), degree(graph, b, out=True)] == [1, 1, 0]
    assert len(asked) == 3
    graph.add_edge(b, a)
    assert degree(graph, b) == 2
    nx.freeze(graph)
    assert [degree(graph, b), degree(graph, b), degree(graph, b, out=True)] == [2, 2, 1]
    assert len(asked) == 6
    assert degree(graph, b, out=False) == 2  # the default, named
    assert len(asked) == 6
    loop: ResourceGraph = nx.freeze(nx.DiGraph([(b, b)]))
    assert degree(loop, b, out=True) == 1


def test_a_question_about_the_whole_or_about_one_thing_is_kept_in_the_same_way() -> None:
    asked: list[object] = []

    @remembered
    def size(graph: ResourceGraph) -> int | None:
        asked.append(graph)
        return len(graph) or None

    @remembered
    def successor(graph: ResourceGraph, resource: ResourceId) -> ResourceId | None:
        asked.append(resource)
        return next(iter(graph[resource]), None)

    a, b = ResourceId("role:1/a"), ResourceId("role:1/b")
    graph: ResourceGraph = nx.DiGraph([(a, b)])
    assert [size(graph), size(graph), successor(graph, a), successor(graph, a)] == [2, 2, b, b]
    assert asked == [graph, graph, a, a]
    asked.clear()
    nx.freeze(graph)
    assert [size(graph), size(graph), successor(graph, a), successor(graph, a)] == [2, 2, b, b]
    assert asked == [graph, a]
    assert [successor(graph, b), successor(graph, b)] == [None, None]  # None is an answer
    assert asked == [graph, a, b]
    with pytest.raises(KeyError):
        successor(graph, ResourceId("role:1/c"))


def test_a_copy_without_some_nodes_begins_with_no_answer() -> None:
    graph = build(inventory(role(), function()))
    used, user = role().id, function().id
    assert dependents(graph, used) == (user,)
    assert dependents(without(graph, [user]), used) == ()
    assert dependents(graph, used) == (user,)


def test_an_answer_that_refers_to_its_graph_goes_with_it() -> None:
    @remembered
    def itself(graph: ResourceGraph) -> ResourceGraph:
        return graph

    graph = build(inventory(role()))
    assert itself(graph) is graph
    gone = ref(graph)
    del graph
    gc.collect()
    assert gone() is None


def test_an_edge_of_two_relations_is_found_by_either_with_its_own_evidence() -> None:
    source, target = ResourceId("function:1/r/f"), ResourceId("ecr-image:1/r/a@sha256:1")
    runs, again, follows = (
        Evidence(relation=relation, rule=rule, grade=Grade.STRONG, read_from="", statement=rule)
        for relation, rule in (
            (Relation.RUNS, "one"),
            (Relation.RUNS, "two"),
            (Relation.FOLLOWS, "three"),
        )
    )
    links = [Link(source, target, evidence) for evidence in (runs, follows, again)]
    graph = build(inventory(), links)
    pair = (source, target)
    assert list(edges(graph, Relation.RUNS)) == [(*pair, (runs, again))]
    both = [(*pair, (follows,)), (*pair, (runs, again))]
    assert list(edges(graph, Relation.FOLLOWS, Relation.RUNS)) == both
    assert list(edges(graph, Relation.ASSUMES)) == []
    (whole,) = edges(graph)
    assert set(whole[2]) == {runs, again, follows}
    for asked in ((Relation.RUNS,), (Relation.FOLLOWS, Relation.RUNS), ()):
        assert dependencies(graph, source, *asked) == (target,)
        assert dependents(graph, target, *asked) == (source,)
    assert dependencies(graph, source, Relation.ASSUMES) == dependents(graph, source) == ()


def test_ends_by_the_index_of_a_frozen_graph_are_those_of_each_edge() -> None:
    read, links, _ = shop()
    graph = build(read, links)
    thawed: ResourceGraph = nx.DiGraph(graph)  # asked edge by edge, since it may change
    several = (Relation.RUNS, Relation.FOLLOWS, Relation.ROUTES_TO)
    met: Counter[Relation] = Counter()
    for resource in graph:
        for relation in Relation:
            ends = dependencies(graph, resource, relation)
            assert ends == dependencies(thawed, resource, relation)
            assert dependents(graph, resource, relation) == dependents(thawed, resource, relation)
            met[relation] += len(ends)
        together = {end for relation in several for end in dependencies(graph, resource, relation)}
        assert set(dependencies(graph, resource, *several)) == together
        assert dependencies(graph, resource) == tuple(sorted(graph[resource]))
    assert min(met[relation] for relation in (*several, Relation.ASSUMES, Relation.STORED_IN)) > 0
    for ends_of in (dependencies, dependents):
        for asked in ((), (Relation.RUNS,), several):
            with pytest.raises(KeyError):
                ends_of(graph, ResourceId("role:1/nobody"), *asked)


def test_a_graph_is_the_one_that_networkx_makes() -> None:
    read, links, _ = shop()
    built = build(read, links)
    ends = [(source, target) for source in built for target in built]
    joined = {pair for pair in ends if has_edge(built, *pair)}
    assert joined == set(built.edges)
    assert linked(built) == {resource for resource in built if built.degree(resource)}
    plain: ResourceGraph = nx.DiGraph()
    plain.add_nodes_from(built.nodes(data=True))
    plain.add_edges_from(built.edges(data=True))
    assert list(built.adjacency()) == list(plain.adjacency())
    assert {node: dict(before) for node, before in built.pred.items()} == {
        node: dict(before) for node, before in plain.pred.items()
    }
    for source, target, attributes in built.edges(data=True):
        assert built.pred[target][source] is attributes
    assert nx.is_frozen(built)


def test_equal_evidence_is_kept_once() -> None:
    images = [ecr_image(number, repository="app") for number in (1, 2)]
    other = ecr_image(3, repository="other")
    built = build(inventory(ecr_repository("app"), ecr_repository("other"), *images, other))
    first, second, third = (
        built.edges[image.id, image.repository_id] for image in (*images, other)
    )
    assert first is second
    assert first is not third
    assert {item.statement for item in (*first["evidence"], *third["evidence"])} == {
        "ECR lists it in app",
        "ECR lists it in other",
    }


def test_dictionaries_of_networkx_are_made_for_who_uses_them() -> None:
    read, _, _ = shop()
    graph = build(read)
    orphans(graph)
    export.render(graph, ".svg", views.options(graph))
    made = {"_node", "_adj", "_succ", "_pred"}
    assert not made & graph.__dict__.keys()
    assert graph.number_of_edges() > 0
    assert made <= graph.__dict__.keys()


def test_verdicts_are_the_same_of_a_graph_that_is_whole() -> None:
    read, _, _ = shop()
    whole = build(read, infer(read))
    whole.number_of_edges()
    assert orphans(build(read)) == orphans(whole)
    assert list(edges(build(read))) == list(edges(whole))


def test_links_of_others_are_beside_those_of_the_rules() -> None:
    read = inventory(role(), function())
    link = Link(
        function().id,
        ResourceId("role:111122223333/else"),
        Evidence("mine", Relation.ASSUMES, Grade.HINT, "I say so"),
    )
    both = build(read, more=[link])
    assert set(both.edges) == {*build(read).edges, (link.source, link.target)}
    assert set(build(read, [], more=[link]).edges) == {(link.source, link.target)}
    assert is_missing(both, link.target)


def test_what_is_left_without_some_nodes_is_what_networkx_leaves() -> None:
    read, links, _ = shop()
    graph = build(read, links)
    for gone in ([], list(graph)[::3], list(graph)[1::2]):
        plain: ResourceGraph = nx.DiGraph(graph)
        plain.remove_nodes_from(gone)
        left = without(graph, gone)
        assert list(left.nodes(data=True)) == list(plain.nodes(data=True))
        assert list(left.edges(data=True)) == sorted(plain.edges(data=True), key=lambda e: e[:2])
        assert (len(left), [node in left for node in graph]) == (
            len(plain),
            [node in plain for node in graph],
        )


@pytest.mark.parametrize(
    "copied",
    [
        lambda graph: graph.copy(),
        nx.DiGraph,
        copy,
        deepcopy,
        lambda graph: pickle.loads(pickle.dumps(graph)),
    ],
    ids=["graph.copy", "nx.DiGraph", "copy", "deepcopy", "pickle"],
)
@pytest.mark.parametrize("used", [False, True], ids=["unused", "used"])
def test_a_copy_is_a_plain_graph_that_may_change(copied: Callable[[Any], Any], used: bool) -> None:
    read, links, _ = shop()
    graph = build(read, links)
    if used:
        assert graph.number_of_edges()
    plain = copied(graph)
    assert type(plain) is nx.DiGraph
    assert [dict(plain.nodes), list(plain.edges.data())] == [
        dict(graph.nodes), list(graph.edges.data())
    ]  # fmt: skip
    assert orphans(plain) == orphans(graph)
    plain.remove_nodes_from(list(plain))
    assert len(graph) > len(plain) == 0


@pytest.mark.parametrize(
    "use",
    [
        lambda graph: graph.nodes,
        lambda graph: isinstance(graph, nx.DiGraph),
        lambda graph: graph[next(iter(graph))],
        lambda graph: nx.DiGraph(graph),
        lambda graph: copy(graph),
        str,
        nx.is_frozen,
        nx.number_weakly_connected_components,
    ],
)
def test_whoever_uses_a_graph_as_one_of_networkx_has_one(use: Callable[[Any], object]) -> None:
    graph = build(inventory(role(), function()))
    assert use(graph) is not False
    assert isinstance(graph, nx.DiGraph)
    assert str(graph) == "FrozenDiGraph with 3 nodes and 2 edges"
    assert (function().id, role().id) in graph.edges
    assert type(graph) is FrozenDiGraph
    with pytest.raises(nx.NetworkXError, match="Frozen graph can't be modified"):
        graph.add_node(role("another").id)


def test_questions_do_not_import_networkx() -> None:
    program = (
        "import sys, jotgraph\n"
        "from jotgraph.render.files.export import render\n"
        "graph = jotgraph.build(jotgraph.load(sys.argv[1]))\n"
        "for ask in (jotgraph.jots, jotgraph.orphans, jotgraph.staleness, jotgraph.summary):\n"
        "    ask(graph)\n"
        "render(graph, '.svg')\n"
        "assert 'networkx' not in sys.modules\n"
        "import networkx\n"
        "assert isinstance(graph, networkx.DiGraph)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(DEMO)], check=True)
