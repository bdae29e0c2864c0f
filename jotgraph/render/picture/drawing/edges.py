"""Graph -> edges as work flows, without those that a box or a shorter chain already shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from jotgraph import graph as graphs
from jotgraph.analysis.health.drift import drift
from jotgraph.graph import ResourceGraph
from jotgraph.links import Evidence, Relation
from jotgraph.records import (
    Alias,
    Kind,
    Missing,
    ResourceId,
    Version,
    kind_of,
    qualifier_of,
    repository_of,
)
from jotgraph.render import words
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.clusters import index_of
from jotgraph.render.picture.drawing.model import Drawing, Edge


def flows(
    graph: ResourceGraph,
    shown: set[ResourceId],
    boxed: Mapping[ResourceId, ResourceId],
    conflicts: Mapping[ResourceId, str],
) -> list[Edge]:
    """Edges as work flows, without those that a box or a shorter chain already shows; without
    their evidence in words, which ``explain`` adds. ``conflicts``: why claims disagree about the
    commits of an image."""
    found = []
    for source, target, evidence in graphs.edges(graph):
        if source not in shown or target not in shown:
            continue
        told = tuple(each for each in evidence if not _boxed(each.relation, source, target, boxed))
        if told and not _implied(graph, source, target, told, shown):
            claimed = conflicts.get(source, "") if kind_of(target) is Kind.COMMIT else ""
            found.append(_edge(graph, source, target, told, claimed))
    return sorted(found, key=lambda each: (each.source, each.target))


def _boxed(
    relation: Relation,
    source: ResourceId,
    target: ResourceId,
    boxed: Mapping[ResourceId, ResourceId],
) -> bool:
    if relation is Relation.STORED_IN:
        return kind_of(source) is Kind.ECR_IMAGE and repository_of(source) == target
    if relation in (Relation.CONTAINS, Relation.DESCRIBES):
        return bool(index_of(boxed.get(source, ""))) and boxed[source] == boxed.get(target)
    return relation is Relation.PART_OF and boxed.get(source) == boxed.get(target, target)


def _implied(
    graph: ResourceGraph,
    source: ResourceId,
    target: ResourceId,
    told: tuple[Evidence, ...],
    shown: set[ResourceId],
) -> bool:
    """A version with its function's role, a registry image whose local copy shows the commit, and
    names in texts need no line of their own."""
    told_by = {each.relation for each in told}
    if told_by == {Relation.MENTIONS}:  # text ties much together that does not work together
        return True
    if told_by == {Relation.ASSUMES} and kind_of(source) is Kind.VERSION:
        parents = graphs.dependencies(graph, source, Relation.PART_OF)
        return any(graph.has_edge(each, target) and each in shown for each in parents)
    if told_by <= {Relation.BUILT_FROM, Relation.CONTENT_EQUALS}:
        copies = graphs.dependencies(graph, source, Relation.COPY_OF)
        return any(graph.has_edge(each, target) and each in shown for each in copies)
    return False


def _edge(
    graph: ResourceGraph,
    source: ResourceId,
    target: ResourceId,
    told: tuple[Evidence, ...],
    conflict: str,
) -> Edge:
    relations = tuple(sorted({each.relation for each in told}))
    ends = (source, target) if relations == (Relation.ASSUMES,) else (target, source)
    moved = Relation.FOLLOWS in relations and target in drift(graph, source).moved_to
    return Edge(
        source=ends[0],
        target=ends[1],
        relations=relations,
        grade=max(each.grade for each in told),
        label=_share(graph, source, target) if kind_of(source) is Kind.ALIAS else "",
        tooltip=words.clean(conflict),
        wrong=moved or bool(conflict) or any(known_missing(graph, each) for each in ends),
    )


def explain(graph: ResourceGraph, drawing: Drawing) -> Drawing:
    """Give each line its evidence as a tooltip; one that stands for others, between cards that
    have no link, has none."""
    return replace(drawing, edges=tuple(_explained(graph, drawing.edges)))


def _explained(graph: ResourceGraph, edges: Iterable[Edge]) -> Iterator[Edge]:
    for edge in edges:
        ways = ((edge.target, edge.source), (edge.source, edge.target))
        facts = [
            words.clean(f"{style.RELATION_WORDS[each.relation]}: {each.statement} ({each.rule})")
            for way in ways
            if graph.has_edge(*way)
            for each in graphs.evidence(graph, *way, *edge.relations)
        ]
        told = [edge.tooltip] if edge.tooltip else []
        yield replace(edge, tooltip="\n".join([*facts[:12], *told]))


def _share(graph: ResourceGraph, source: ResourceId, target: ResourceId) -> str:
    """The share of calls that a weighted alias sends to a version."""
    alias, version = graphs.record(graph, source), graphs.record(graph, target)
    if not isinstance(alias, Alias) or not alias.weights:
        return ""
    number = version.number if isinstance(version, Version) else qualifier_of(target)
    rest = {alias.version: 1 - sum(share for _, share in alias.weights)}
    share = (dict(alias.weights) | rest).get(number)
    return f"{share:.0%}" if share is not None else ""


def known_missing(graph: ResourceGraph, resource: ResourceId) -> bool:
    """Whether a resource is missing from a place that was read whole."""
    found = graphs.record(graph, resource)
    return isinstance(found, Missing) and found.looked
