"""A graph that is NetworkX's from the moment on at which it is first used as such.

To import NetworkX takes 0.2 s, and most commands take less without it: questions are answered by
``Known``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from jotgraph.graph.known import Edge, Known, ends
from jotgraph.graph.memory import ResourceGraph, remembered
from jotgraph.links import Relation
from jotgraph.records import Missing, Node, Record, ResourceId

if TYPE_CHECKING:
    from jotgraph.graph.digraph import FrozenDiGraph


class LazyGraph:
    """Records and edges, with what a graph is asked most often. It becomes a ``FrozenDiGraph`` when
    anything else is asked of it, also what it is."""

    def __init__(self, known: Known, attributes: dict[str, Any]) -> None:
        self.known = known
        self.read: Mapping[ResourceId, Record] = known.read
        self.graph = attributes
        self.frozen = True

    def __contains__(self, resource: object) -> bool:
        return self.known.has_node(resource)

    def __len__(self) -> int:
        return len(self.known.nodes)

    def __iter__(self) -> Iterator[ResourceId]:
        return iter(self.known.nodes)

    @property  # type: ignore[misc] # of every object it can be set; isinstance asks for it
    def __class__(self) -> type[Any]:
        from jotgraph.graph.digraph import FrozenDiGraph  # noqa: PLC0415 -- networkx takes 0.2 s

        return (
            FrozenDiGraph  # if it became one now, isinstance would see no other class than before
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(_digraph(self), name)

    def __getitem__(self, resource: ResourceId) -> Any:
        return _digraph(self)[resource]

    def __str__(self) -> str:
        return str(_digraph(self))

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _digraph(self).__reduce_ex__(protocol)


def _digraph(graph: LazyGraph) -> FrozenDiGraph:
    from jotgraph.graph.digraph import become_digraph  # noqa: PLC0415 -- networkx takes 0.2 s

    return become_digraph(graph)


def lazy(known: Known, attributes: dict[str, Any]) -> ResourceGraph:
    """Create the frozen digraph over these records and edges, with graph attributes."""
    return cast("ResourceGraph", LazyGraph(known, attributes))


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
