"""Graph -> edges as work flows, without those that a box or a shorter chain already shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from jotgraph import graph as graphs
from jotgraph.analysis.health.model import Code, Finding
from jotgraph.graph import ResourceGraph
from jotgraph.links import Evidence, Relation
from jotgraph.records import (
    Alias,
    Kind,
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
    findings: Mapping[ResourceId, tuple[Finding, ...]],
) -> list[Edge]:
    """Edges as work flows, without those that a box or a shorter chain already shows; without
    their evidence in words, which ``explain`` adds. What is wrong is so by the ``findings`` of its
    ends."""
    found = []
    for source, target, evidence in graphs.edges(graph):
        if source not in shown or target not in shown:
            continue
        told = tuple(each for each in evidence if not _boxed(each.relation, source, target, boxed))
        if told and not _implied(graph, source, target, told, shown):
            wrong = _wrong(told, findings.get(source, ()), findings.get(target, ()))
            found.append(_edge(graph, source, target, told, wrong))
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
    wrong: Finding | None,
) -> Edge:
    relations = tuple(sorted({each.relation for each in told}))
    ends = (source, target) if relations == (Relation.ASSUMES,) else (target, source)
    return Edge(
        source=ends[0],
        target=ends[1],
        relations=relations,
        grade=max(each.grade for each in told),
        label=_share(graph, source, target) if kind_of(source) is Kind.ALIAS else "",
        tooltip=words.clean(wrong.statement) if wrong and wrong.code is Code.CONFLICT else "",
        wrong=wrong is not None,
    )


def _wrong(
    told: tuple[Evidence, ...], source: Iterable[Finding], target: Iterable[Finding]
) -> Finding | None:
    """The finding that makes a line wrong: an end of it is missing, the tag it stands for moved
    away, or claims about the commit that it leads to disagree."""
    relations = {each.relation for each in told}
    for finding in (*source, *target):
        if finding.code is Code.MISSING and finding.about == finding.resource:
            return finding
    for finding in source:
        moved = finding.code is Code.DRIFT and finding.known and Relation.FOLLOWS in relations
        claims = relations & {Relation.BUILT_FROM, Relation.CONTENT_EQUALS}
        if moved or (finding.code is Code.CONFLICT and claims):
            return finding
    return None


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
