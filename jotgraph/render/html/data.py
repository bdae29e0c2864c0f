"""The data of a page: what is shown at once, and the details that are read on demand.

Plain JSON values. All foreign text passes through ``clean``: no control or direction characters
reach the page, and nothing exceeds its limit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from jotgraph import graph as graphs
from jotgraph.analysis.coverage import coverage_lines, not_read
from jotgraph.analysis.health.model import Code, Finding
from jotgraph.graph import ResourceGraph
from jotgraph.links import Evidence, Grade, Relation
from jotgraph.queries.answers.orphans import Judgement
from jotgraph.records import (
    KINDS,
    Gap,
    Kind,
    ResourceId,
    repository_of,
)
from jotgraph.records.ids import short
from jotgraph.records.kinds import Shape
from jotgraph.render import words
from jotgraph.render.answers import envelope
from jotgraph.render.answers.envelope import Json
from jotgraph.render.answers.findings import unread_words
from jotgraph.render.html import blocks, rows
from jotgraph.render.html.blocks import Numbers
from jotgraph.render.html.rows import labels
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.model import Cluster, Drawing, Node
from jotgraph.render.picture.drawing.shapes import outline
from jotgraph.render.picture.drawing.states import RANK
from jotgraph.render.picture.drawing.view import PictureOptions, copies
from jotgraph.render.picture.layout.geometry import HIGH, WIDE
from jotgraph.render.picture.paint.card import inset

LONGEST = 8000
_CANDIDATES = 12


def payload(
    graph: ResourceGraph, drawing: Drawing, asked: PictureOptions
) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return what the page shows, and the details that it reads on demand. ``asked.budget`` is the
    most cards that Graphviz lays out."""
    cards = [*drawing.nodes, *_boxes(graph, drawing), *copies(graph, asked)]
    shown = sorted(cards, key=lambda node: node.id)
    nodes = {node.id: number for number, node in enumerate(shown)}
    edges = [
        (source, target, evidence)
        for source, target, evidence in graphs.edges(graph)
        if source in nodes and target in nodes
    ]
    numbers = Numbers(nodes, {(s, t): number for number, (s, t, _) in enumerate(edges)})
    few = len(drawing.nodes) <= asked.budget or not asked.budget
    layout = (
        blocks.small(drawing, numbers)
        if few and not asked.collapse
        else blocks.large(drawing, numbers, asked.collapse or len(drawing.nodes) > blocks.OPEN)
    )
    judged = {judgement.id: judgement for judgement in asked.judgements}
    main: dict[str, Json] = {
        "title": drawing.title,
        "caption": [sentence.words for sentence in drawing.sentences if not sentence.unread],
        "accounts": dict(drawing.accounts),
        "card": [WIDE, HIGH],
        "kinds": _kinds(),
        "relations": {relation.value: style.RELATION_WORDS[relation] for relation in Relation},
        "grades": [[*style.GRADES[grade]] for grade in Grade],
        "overlay": drawing.overlay,
        "marks": {mark: word for mark, (word, _) in style.MARKS.items()} if drawing.overlay else {},
        "unread": [*not_read(graphs.about(graph).scope)],
        "coverage": [
            words.clean(line, LONGEST) for line in coverage_lines(graphs.about(graph).scope)
        ],
        "gaps": [_gap(gap) for gap in graphs.gaps(graph)],
        "nodes": [_node(node, judged.get(node.id)) for node in shown],
        "links": [_link(nodes, *edge) for edge in edges],
        "layout": layout,
        "jots": rows.rows(asked, nodes),
        "counts": rows.tally(asked, nodes),
    }
    details: dict[str, Json] = {
        "records": [_record(graph, node.id) for node in shown],
        "verdicts": [_verdict(judged.get(node.id), nodes) for node in shown],
        "evidence": [[_evidence(piece) for piece in evidence] for _, _, evidence in edges],
        "findings": [_findings(asked.findings.get(node.id, ())) for node in shown],
    }
    return main, details


def _boxes(graph: ResourceGraph, drawing: Drawing) -> list[Node]:
    """Repositories that are drawn as boxes, so that they too can be found and read."""
    cards = {node.id for node in drawing.nodes}
    images = Counter(
        repository_of(node.id) for node in drawing.nodes if node.kind is Kind.ECR_IMAGE
    )
    return [
        _boxed(cluster, images[ResourceId(cluster.key)])
        for cluster in drawing.clusters
        if cluster.kind == "ecr-repo" and cluster.key in graph and cluster.key not in cards
    ]


def _boxed(cluster: Cluster, images: int) -> Node:
    return Node(
        id=ResourceId(cluster.key),
        kind=Kind.ECR_REPO,
        title=cluster.title,
        line=f"{images:,} {style.counted(Kind.ECR_IMAGE, images)}",
        name=cluster.title,
        tooltip=cluster.tooltip,
        href=cluster.href,
        account=cluster.account,
        region=cluster.region,
    )


def _kinds() -> list[Json]:
    """Names and outlines of every kind, as SVG path data at the size of a card and of a sample."""
    return [
        {
            "id": kind.value,
            "word": KINDS[kind].title,
            "plural": KINDS[kind].plural,
            "card": _paths(style.LOOKS[kind].shape, WIDE, HIGH),
            "sample": _paths(style.LOOKS[kind].shape, 22.0, 12.0),
            "inset": inset(style.LOOKS[kind].shape),
        }
        for kind in Kind
    ]


def _paths(shape: Shape, wide: float, high: float) -> list[Json]:
    return [
        " ".join(f"{name}{' '.join(f'{value:.2f}' for value in values)}" for name, values in path)
        for path in outline(shape, 0, 0, wide, high)
    ]


def _node(node: Node, judged: Judgement | None) -> dict[str, Json]:
    entry: dict[str, Json] = {
        "i": words.clean(node.id, 700),
        "k": list(Kind).index(node.kind),
        "t": node.title,
        "l": node.line,
        "n": node.name,
        "a": words.clean(node.account),
        "r": words.clean(node.region),
    }
    if node.states:
        entry["s"] = labels(node.states)
    if node.missing:
        entry["m"] = 2 if any(state.code is Code.MISSING for state in node.states) else 1
    if node.href:
        entry["h"] = node.href
    if node.mark:
        entry["o"] = node.mark
    if judged:
        entry["v"] = judged.verdict.value
    return entry


def _link(
    nodes: Mapping[ResourceId, int],
    source: ResourceId,
    target: ResourceId,
    pieces: tuple[Evidence, ...],
) -> list[Json]:
    """[from, to, best grade, relations], dependent to dependency as in the graph."""
    relations = sorted({piece.relation.value for piece in pieces})
    return [nodes[source], nodes[target], max(piece.grade for piece in pieces).value, [*relations]]


def _evidence(piece: Evidence) -> list[Json]:
    candidates = [short(candidate) for candidate in piece.candidates[:_CANDIDATES]]
    return [
        piece.rule,
        piece.relation.value,
        piece.grade.value,
        words.clean(piece.statement, 600),
        words.clean(piece.read_from, 200),
        piece.count,
        [*candidates] if piece.count > 1 else [],
    ]


def _record(graph: ResourceGraph, resource: ResourceId) -> Json:
    """The non-empty fields of a record."""
    body = envelope.record_body(graphs.record(graph, resource))
    return {
        words.clean(name, 80): _cleaned(value)
        for name, value in body.items()
        if value not in (None, "", [], {}) and name not in ("id", "kind", "resource")
    }


def _verdict(judged: Judgement | None, nodes: Mapping[ResourceId, int]) -> Json:
    if judged is None:
        return None
    return {
        "verdict": judged.verdict.value,
        "because": words.clean(judged.because, 600),
        "witness": [nodes.get(resource, -1) for resource in judged.witness if resource in nodes],
        "looked": [words.clean(sentence, 300) for sentence in judged.looked_at],
        "doubts": [words.clean(doubt.statement, 600) for doubt in judged.doubts],
        "bytes": judged.bytes,
        "atMost": judged.at_most,
        "age": round(judged.age_days, 1) if judged.age_days is not None else None,
    }


def _findings(findings: Sequence[Finding]) -> list[Json]:
    """The findings, each with rank, word, sentence and command; then everything unread as one."""
    known: list[Json] = [
        [
            RANK[finding.severity],
            words.clean(finding.word, 40),
            words.clean(finding.statement, 900),
            words.clean(finding.next.text, 300),
        ]
        for finding in findings
        if finding.known
    ]
    if missing := unread_words(findings):
        known.append([style.REMARK, "not read", missing, ""])
    return known


def _gap(gap: Gap) -> Json:
    """A gap with its reason in words, and whether it was requested."""
    record = envelope.plain(gap)
    assert isinstance(record, dict)
    return _cleaned({**record, "why": gap.why, "asked": gap.asked})


def _cleaned(value: Json) -> Json:
    match value:
        case str():
            return "\n".join(words.clean(line, LONGEST) for line in value.split("\n"))
        case list():
            return [_cleaned(part) for part in value]
        case dict():
            return {words.clean(name, 200): _cleaned(item) for name, item in value.items()}
        case _:
            return value
