"""The NetworkX view of a graph, filled when its nodes or edges are first used through NetworkX.

Nodes are resource ids. A node holds its record (or ``Missing``), an edge its evidence; both are
frozen. Every edge reads dependent -> dependency. Nothing derived is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import networkx as nx

from jotgraph.gc_pause import collector_off
from jotgraph.graph.known import Edge, Known, ends
from jotgraph.graph.memory import ResourceGraph, remembered
from jotgraph.links import Relation
from jotgraph.records import Missing, Node, Record, ResourceId

if TYPE_CHECKING:
    _DiGraph = nx.DiGraph[ResourceId]
else:
    _DiGraph = nx.DiGraph


class _Filled:
    """An internal dictionary of NetworkX that is filled on first access. It hides NetworkX's
    descriptor of the same name, which resets caches after a change: a frozen graph never
    changes."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, graph: LazyGraph | None, owner: type) -> Any:
        if graph is None:
            return self
        _fill(graph)
        return graph.__dict__[self._name]


class LazyGraph(_DiGraph):
    """A frozen digraph whose dictionaries are filled on demand. Copies and subgraphs are plain
    digraphs."""

    known: Known
    read: Mapping[ResourceId, Record]
    """``known.read``, one attribute access closer."""
    _node = _Filled()
    _adj = _Filled()
    _succ = _Filled()
    _pred = _Filled()

    def __new__(cls, *args: Any, **named: Any) -> Any:
        return nx.DiGraph(*args, **named)

    def __contains__(self, resource: object) -> bool:
        try:
            return resource in self.read or resource in self.known.nodes
        except TypeError:  # what cannot be a key is no node
            return False

    def __len__(self) -> int:
        return len(self.known.nodes)

    def __iter__(self) -> Any:
        return iter(self.known.nodes)


def lazy(known: Known, attributes: dict[str, Any]) -> ResourceGraph:
    """Create the frozen digraph over these records and edges, with graph attributes."""
    graph: LazyGraph = object.__new__(LazyGraph)
    graph.known, graph.read = known, known.read
    graph.graph = attributes
    graph.__networkx_cache__ = {}
    nx.freeze(graph)
    return graph


def known_of(graph: ResourceGraph) -> Known:
    """The records and edges behind a graph that ``lazy`` made, or behind a copy of one."""
    known: Known | None = graph.__dict__.get("known")
    return _copied(graph) if known is None else known


class _Copied(Known):
    """Records and edges taken from the dictionaries of a graph that ``lazy`` did not make."""

    def __init__(self, graph: ResourceGraph) -> None:
        nodes: dict[ResourceId, Node] = {
            resource: attributes["record"] for resource, attributes in sorted(graph.nodes.items())
        }
        read = {id_: node for id_, node in nodes.items() if not isinstance(node, Missing)}
        super().__init__(read)
        self.nodes = nodes
        self._graph = graph

    def _of(self, relation: Relation) -> list[Edge]:
        edges: list[Edge] = [
            (source, target, pieces)
            for source, target, attributes in self._graph.edges(data=True)
            if (pieces := tuple(e for e in attributes["evidence"] if e.relation is relation))
        ]
        return sorted(edges, key=ends)


@remembered
def _copied(graph: ResourceGraph) -> Known:
    return _Copied(graph)


def _fill(graph: LazyGraph) -> None:
    """Fill the dictionaries of NetworkX. Edges with the same evidence share one attribute
    dictionary, which NetworkX would not do; nobody changes it in a frozen graph."""
    with collector_off():
        attributes = graph.__dict__
        nodes = graph.known.nodes
        after: dict[ResourceId, dict[ResourceId, Any]] = {resource: {} for resource in nodes}
        before: dict[ResourceId, dict[ResourceId, Any]] = {resource: {} for resource in nodes}
        shared: dict[int, dict[str, Any]] = {}
        for source, target, pieces in graph.known.every_edge:
            data = shared.get(id(pieces))
            if data is None:
                data = shared[id(pieces)] = {"evidence": pieces}
            after[source][target] = before[target][source] = data
        attributes["_node"] = {resource: {"record": node} for resource, node in nodes.items()}
        attributes["_adj"] = attributes["_succ"] = after
        attributes["_pred"] = before
