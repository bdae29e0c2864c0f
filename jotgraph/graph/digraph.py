"""The NetworkX digraph that a graph becomes, filled when its nodes or edges are first used.

Nodes are resource ids. A node holds its record (or ``Missing``), an edge its evidence; both are
frozen. Every edge reads dependent -> dependency. Nothing derived is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import networkx as nx

from jotgraph.gc_pause import collector_off
from jotgraph.graph.known import Known
from jotgraph.records import Record, ResourceId

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

    def __get__(self, graph: FrozenDiGraph | None, owner: type) -> Any:
        if graph is None:
            return self
        _fill(graph)
        return graph.__dict__[self._name]


class FrozenDiGraph(_DiGraph):
    """A frozen digraph whose dictionaries are filled on demand. Copies and subgraphs are plain
    digraphs, which may change."""

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
        return self.known.has_node(resource)

    def __len__(self) -> int:
        return len(self.known.nodes)

    def __iter__(self) -> Any:
        return iter(self.known.nodes)

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Let ``copy`` and ``pickle`` make a plain digraph, as ``copy()`` of NetworkX does."""
        return nx.DiGraph, (self.copy(),)


def become_digraph(graph: Any) -> FrozenDiGraph:
    """Turn a graph that ``lazy`` made into NetworkX's, in place: whoever holds it keeps it."""
    object.__dict__["__class__"].__set__(graph, FrozenDiGraph)
    graph.__networkx_cache__ = {}
    frozen: FrozenDiGraph = nx.freeze(graph)
    return frozen


def _fill(graph: FrozenDiGraph) -> None:
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
