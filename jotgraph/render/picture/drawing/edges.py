"""The lines of a picture in the flow of work, without those implied by a box or a shorter chain."""

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

_CLAIMS = (Relation.BUILT_FROM, Relation.CONTENT_EQUALS)


def edges_of(
    graph: ResourceGraph,
    shown: set[ResourceId],
    boxed: Mapping[ResourceId, ResourceId],
    findings: Mapping[ResourceId, tuple[Finding, ...]],
) -> list[Edge]:
    """Return the lines in the flow of work, without those implied by a box or a shorter chain. They
    have no tooltips yet, which ``with_evidence`` adds. The ``findings`` of its ends decide whether
    a line is wrong."""
    edges = []
    for source, target, evidence in graphs.edges(graph):
        if source not in shown or target not in shown:
            continue
        shown_evidence = tuple(
            piece for piece in evidence if not _boxed(piece.relation, source, target, boxed)
        )
        if shown_evidence and not _implied(graph, source, target, shown_evidence, shown):
            wrong = _wrong(shown_evidence, findings.get(source, ()), findings.get(target, ()))
            edges.append(_edge(graph, source, target, shown_evidence, wrong))
    return sorted(edges, key=lambda edge: (edge.source, edge.target))


def edges_through(
    graph: ResourceGraph,
    copies: Iterable[ResourceId],
    shown: set[ResourceId],
    findings: Mapping[ResourceId, tuple[Finding, ...]],
) -> list[Edge]:
    """Return lines from the commits of local images without a card to their copies in ECR. A line
    is no surer than either link, and there is none if the copy has a link of its own."""
    edges = []
    for image in copies:
        for copy in graphs.dependents(graph, image, Relation.COPY_OF):
            for commit in graphs.dependencies(graph, image, *_CLAIMS):
                if {copy, commit} <= shown and not graphs.has_edge(graph, copy, commit):
                    evidence = graphs.evidence(graph, image, commit, *_CLAIMS)
                    wrong = _wrong(evidence, findings.get(image, ()), findings.get(commit, ()))
                    edge = _edge(graph, image, commit, evidence, wrong)
                    sure = min(edge.grade, graphs.grade(graph, copy, image, Relation.COPY_OF))
                    way = edge.tooltip or "by its local copy"
                    edges.append(replace(edge, target=copy, grade=sure, tooltip=way))
    return edges


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
    evidence: tuple[Evidence, ...],
    shown: set[ResourceId],
) -> bool:
    """Lines that need not be drawn: from a version to its function's role or log group, from a
    registry image whose local copy shows the commit, and for names in texts."""
    relations = {piece.relation for piece in evidence}
    if relations == {Relation.MENTIONS}:  # text ties much together that does not work together
        return True
    if relations <= {Relation.ASSUMES, Relation.LOGS_TO} and kind_of(source) is Kind.VERSION:
        parents = graphs.dependencies(graph, source, Relation.PART_OF)
        return any(graphs.has_edge(graph, parent, target) and parent in shown for parent in parents)
    if relations <= {Relation.BUILT_FROM, Relation.CONTENT_EQUALS}:
        copies = graphs.dependencies(graph, source, Relation.COPY_OF)
        return any(graphs.has_edge(graph, copy, target) and copy in shown for copy in copies)
    return False


def _edge(
    graph: ResourceGraph,
    source: ResourceId,
    target: ResourceId,
    evidence: tuple[Evidence, ...],
    wrong: Finding | None,
) -> Edge:
    relations = tuple(sorted({piece.relation for piece in evidence}))
    ahead = relations in ((Relation.ASSUMES,), (Relation.LOGS_TO,))
    ends = (source, target) if ahead else (target, source)
    return Edge(
        source=ends[0],
        target=ends[1],
        relations=relations,
        grade=max(piece.grade for piece in evidence),
        label=_share(graph, source, target) if kind_of(source) is Kind.ALIAS else "",
        tooltip=words.clean(wrong.statement) if wrong and wrong.code is Code.CONFLICT else "",
        wrong=wrong is not None,
    )


def _wrong(
    evidence: tuple[Evidence, ...], source: Iterable[Finding], target: Iterable[Finding]
) -> Finding | None:
    """The finding that makes a line wrong: an end is missing, its tag moved away, or claims about
    its commit contradict one another."""
    relations = {piece.relation for piece in evidence}
    for finding in (*source, *target):
        if finding.code is Code.MISSING and finding.about == finding.resource:
            return finding
    for finding in source:
        moved = finding.code is Code.DRIFT and finding.known and Relation.FOLLOWS in relations
        claims = relations & {Relation.BUILT_FROM, Relation.CONTENT_EQUALS}
        if moved or (finding.code is Code.CONFLICT and claims):
            return finding
    return None


def with_evidence(graph: ResourceGraph, drawing: Drawing) -> Drawing:
    """Add the evidence of each line as a tooltip; a line that stands for others, between cards
    without a link, has none."""
    return replace(drawing, edges=tuple(_explained(graph, drawing.edges)))


def _explained(graph: ResourceGraph, edges: Iterable[Edge]) -> Iterator[Edge]:
    for edge in edges:
        ways = ((edge.target, edge.source), (edge.source, edge.target))
        facts = [
            words.clean(f"{style.RELATION_WORDS[piece.relation]}: {piece.statement} ({piece.rule})")
            for way in ways
            if graphs.has_edge(graph, *way)
            for piece in graphs.evidence(graph, *way, *edge.relations)
        ]
        conflict = [edge.tooltip] if edge.tooltip else []
        yield replace(edge, tooltip="\n".join([*facts[:12], *conflict]))


def _share(graph: ResourceGraph, source: ResourceId, target: ResourceId) -> str:
    """The share of calls that a weighted alias sends to a version."""
    alias, version = graphs.record(graph, source), graphs.record(graph, target)
    if not isinstance(alias, Alias) or not alias.weights:
        return ""
    number = version.number if isinstance(version, Version) else qualifier_of(target)
    rest = {alias.version: 1 - sum(share for _, share in alias.weights)}
    share = (dict(alias.weights) | rest).get(number)
    return f"{share:.0%}" if share is not None else ""
