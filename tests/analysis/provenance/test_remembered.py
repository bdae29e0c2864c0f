"""Answers are kept for a graph that cannot change, and for no other."""

from __future__ import annotations

import networkx as nx

from jotgraph.graph import ResourceGraph, remembered
from jotgraph.records import ResourceId


def test_a_frozen_graph_is_asked_once_and_an_open_one_each_time() -> None:
    asked: list[tuple[str, bool]] = []

    @remembered
    def degree(graph: ResourceGraph, resource: ResourceId, *, out: bool = False) -> int:
        asked.append((resource, out))
        return graph.out_degree(resource) if out else graph.degree(resource)

    a, b = ResourceId("role:1/a"), ResourceId("role:1/b")
    one: ResourceGraph = nx.DiGraph([(a, b)])
    assert [degree(one, b), degree(one, b), degree(one, b, out=True)] == [1, 1, 0]
    assert len(asked) == 3
    one.add_edge(b, a)
    assert degree(one, b) == 2
    nx.freeze(one)
    assert [degree(one, b), degree(one, b), degree(one, b, out=True)] == [2, 2, 1]
    assert len(asked) == 6
    other: ResourceGraph = nx.freeze(nx.DiGraph([(b, b)]))
    assert degree(other, b, out=True) == 1
