"""Records by id and edges by relation, in plain dictionaries and lists.

The rules of a relation run when the relation is first used, so that verdicts need not wait for the
rules on where an image comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, pairwise
from operator import itemgetter
from typing import TypeAlias

from jotgraph.gc_pause import collector_off
from jotgraph.graph.by_kind import ByKind, of_inventory, of_records
from jotgraph.links import Evidence, InventoryIndex, Link, Relation, Rule, links_of
from jotgraph.links.index import group
from jotgraph.records import Inventory, Missing, Node, Record, ResourceId
from jotgraph.records.looked import looked

Ids: TypeAlias = "tuple[ResourceId, ...]"
Edge: TypeAlias = "tuple[ResourceId, ResourceId, tuple[Evidence, ...]]"
"""Dependent, dependency, and the evidence for it, strongest first."""

ends = itemgetter(0, 1)


class _Ends(dict["Relation | None", Mapping[ResourceId, "Ids"]]):
    """The neighbours of every node by relation, computed when a relation is first used."""

    def __init__(self, known: Known, pair: Callable[[Edge], tuple[ResourceId, ResourceId]]) -> None:
        super().__init__()
        self._known = known
        self._pair = pair

    def __missing__(self, relation: Relation | None) -> Mapping[ResourceId, Ids]:
        known = self._known
        edges = known.every_edge if relation is None else known.edges(relation)
        made = self[relation] = group(map(self._pair, edges))
        return made


class Known:
    """Records and edges; the subclasses differ in where the edges come from."""

    def __init__(self, read: Mapping[ResourceId, Record]) -> None:
        self.read = read
        """The records that were read, by id, sorted."""
        self._edges: dict[Relation, list[Edge]] = {}
        self.targets = _Ends(self, ends)
        """Dependent -> its sorted dependencies, by relation; None stands for all relations
        together."""
        self.sources = _Ends(self, itemgetter(1, 0))
        """Dependency -> its sorted dependents, likewise."""

    @cached_property
    def by_kind(self) -> ByKind:
        """The records that were read, grouped by kind."""
        return of_records(self.read.values())

    def edges(self, relation: Relation) -> list[Edge]:
        """The edges of one relation, sorted, each with the evidence of that relation alone."""
        known = self._edges.get(relation)
        if known is None:
            with collector_off():
                known = self._edges[relation] = self._of(relation)
        return known

    @cached_property
    def every_edge(self) -> list[Edge]:
        """Every edge, sorted, with all of its evidence."""
        edges = list(chain.from_iterable(map(self.edges, Relation)))
        edges.sort(key=ends)
        return merged(edges)

    def unread(self, relations: Iterable[Relation]) -> set[ResourceId]:
        """The ends of edges of these relations that were not read."""
        read = self.read
        return {
            end
            for relation in relations
            for edge in self.edges(relation)
            for end in edge[:2]
            if end not in read
        }

    @cached_property
    def nodes(self) -> Mapping[ResourceId, Node]:
        """Every node by id, sorted: what was read, and ``Missing`` for what is only referred to."""
        missing = {resource: self._missing(resource) for resource in self.unread(Relation)}
        if not missing:
            return self.read
        every: dict[ResourceId, Node] = {**self.read, **missing}
        return {resource: every[resource] for resource in sorted(every)}

    def has_node(self, resource: object) -> bool:
        """Whether something was read or is referred to."""
        try:
            return resource in self.read or resource in self.nodes
        except TypeError:  # what cannot be a key is no node
            return False

    def given(self, relation: Relation) -> list[Edge]:
        """The edges of one relation that were passed in rather than inferred. Subclasses that
        cannot tell the two apart return all of them, which callers must allow for."""
        return self.edges(relation)

    def _of(self, relation: Relation) -> list[Edge]:
        raise NotImplementedError

    def _missing(self, resource: ResourceId) -> Missing:
        raise NotImplementedError


class Inferred(Known):
    """The edges that rules infer from an inventory, and links that were passed in."""

    def __init__(
        self, inventory: Inventory, rules: Collection[Rule], links: Iterable[Link]
    ) -> None:
        by_kind = of_inventory(inventory)
        super().__init__(by_kind.by_id())
        self.by_kind = by_kind
        self._inventory = inventory
        self._rules = rules
        self._index: InventoryIndex | None = None
        self._links: dict[Relation, list[Link]] = {relation: [] for relation in Relation}
        for link in links:
            self._links[link.evidence.relation].append(link)

    def given(self, relation: Relation) -> list[Edge]:
        return edges_of(self._links[relation])

    def _of(self, relation: Relation) -> list[Edge]:
        rules = [rule for rule in self._rules if rule.relation is relation]
        if self._index is None:
            self._index = InventoryIndex(self._inventory, self.read, self.by_kind.ecr)
        made = edges_of(chain(links_of(self._index, rules), self._links[relation]))
        if len(self._edges) == len(Relation) - 1:  # this was the last
            self._index = None
        return made

    def _missing(self, resource: ResourceId) -> Missing:
        return Missing(resource=resource, looked=looked(self._inventory, resource))


class Left(Known):
    """Another graph's records and edges without some nodes. Edges of the removed nodes are dropped.
    A node that only they referred to stays."""

    def __init__(self, whole: Known, gone: frozenset[ResourceId]) -> None:
        super().__init__(
            {resource: node for resource, node in whole.read.items() if resource not in gone}
        )
        self._whole = whole
        self._gone = gone

    def given(self, relation: Relation) -> list[Edge]:
        return self._still(self._whole.given(relation))

    def _of(self, relation: Relation) -> list[Edge]:
        return self._still(self._whole.edges(relation))

    def _still(self, edges: Iterable[Edge]) -> list[Edge]:
        gone = self._gone
        return [edge for edge in edges if edge[0] not in gone and edge[1] not in gone]

    def unread(self, relations: Iterable[Relation]) -> set[ResourceId]:
        return self._whole.unread(relations) - self._gone

    def _missing(self, resource: ResourceId) -> Missing:
        return self._whole._missing(resource)


def edges_of(links: Iterable[Link]) -> list[Edge]:
    """Turn links of one relation into sorted edges. Edges with equal evidence share one tuple."""
    edges: list[Edge] = []
    evidence: Evidence | None = None
    pieces: tuple[Evidence, ...] = ()
    for link in links:
        if link.evidence is not evidence and link.evidence != evidence:
            evidence = link.evidence
            pieces = (evidence,)
        edges.append((link.source, link.target, pieces))
    edges.sort(key=ends)
    return merged(edges)


def merged(edges: list[Edge]) -> list[Edge]:
    """Join the evidence of edges between the same two nodes; the edges must be sorted."""
    if not any(
        edge[1] == next_edge[1] and edge[0] == next_edge[0] for edge, next_edge in pairwise(edges)
    ):
        return edges
    return list(_merged(edges))


def _merged(edges: Iterable[Edge]) -> Iterator[Edge]:
    last: Edge | None = None
    for edge in edges:
        if last is None:
            last = edge
        elif last[0] == edge[0] and last[1] == edge[1]:
            last = (*last[:2], last[2] + edge[2])
        else:
            yield _strongest_first(last)
            last = edge
    if last is not None:
        yield _strongest_first(last)


def _strongest_first(edge: Edge) -> Edge:
    source, target, pieces = edge
    if len(pieces) == 1:
        return edge
    return source, target, tuple(sorted(set(pieces), key=_strongest))


def _strongest(item: Evidence) -> tuple[int, Relation, str, str]:
    return (-item.grade, item.relation, item.rule, item.statement)
