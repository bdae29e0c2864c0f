"""Graph and drawing -> the page's data: what is shown at once, and the details read on demand.

Plain JSON values. Everything from outside passes through ``clean``: no control or direction
characters reach the page, and nothing longer than its bound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from jotgraph import graph as graphs
from jotgraph.analysis.health.model import Finding
from jotgraph.analysis.health.table import unread
from jotgraph.analysis.lag.model import State as Standing
from jotgraph.graph import ResourceGraph
from jotgraph.links import Evidence, Grade, Relation
from jotgraph.queries.answers.jots import Jot
from jotgraph.queries.answers.orphans import Judgement
from jotgraph.records import (
    KINDS,
    Kind,
    ResourceId,
    commit_id,
    function_id,
    repository_of,
    version_id,
)
from jotgraph.render import words
from jotgraph.render.answers import envelope
from jotgraph.render.answers.envelope import Json
from jotgraph.render.answers.findings import unread_words
from jotgraph.render.html import blocks
from jotgraph.render.html.blocks import Numbers
from jotgraph.render.picture.drawing import style
from jotgraph.render.picture.drawing.model import Cluster, Drawing, Node, State
from jotgraph.render.picture.drawing.states import RANK, states_of
from jotgraph.render.picture.drawing.view import Options
from jotgraph.render.picture.layout.geometry import HIGH, WIDE
from jotgraph.render.picture.paint.outline import outline

LONGEST = 8000
_CANDIDATES = 12


def payload(
    graph: ResourceGraph, drawing: Drawing, asked: Options
) -> tuple[dict[str, Json], dict[str, Json]]:
    """What the page shows, and the details that it reads on demand. ``asked.budget`` is the most
    cards that Graphviz lays out."""
    shown = sorted([*drawing.nodes, *_boxes(graph, drawing)], key=lambda each: each.id)
    nodes = {each.id: number for number, each in enumerate(shown)}
    edges = [
        (source, target, found)
        for source, target, found in graphs.edges(graph)
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
        "caption": [*drawing.caption],
        "card": [WIDE, HIGH],
        "kinds": _kinds(),
        "relations": {each.value: style.RELATION_WORDS[each] for each in Relation},
        "grades": [[*style.GRADES[each]] for each in Grade],
        "overlay": drawing.overlay,
        "marks": {each: word for each, (word, _) in style.MARKS.items()} if drawing.overlay else {},
        "gaps": [_cleaned(envelope.plain(each)) for each in graphs.gaps(graph)],
        "nodes": [_node(each, judged.get(each.id)) for each in shown],
        "links": [_link(nodes, *each) for each in edges],
        "layout": layout,
        "jots": [_jot(jot, nodes) for jot in asked.jots if jot.id in nodes],
    }
    details: dict[str, Json] = {
        "records": [_record(graph, each.id) for each in shown],
        "verdicts": [_verdict(judged.get(each.id), nodes) for each in shown],
        "evidence": [[_evidence(each) for each in found] for _, _, found in edges],
        "findings": [_findings(asked.findings.get(each.id, ())) for each in shown],
    }
    return main, details


def _boxes(graph: ResourceGraph, drawing: Drawing) -> list[Node]:
    """Repositories that are drawn as boxes, so that they too can be found and read."""
    cards = {each.id for each in drawing.nodes}
    held = Counter(repository_of(each.id) for each in drawing.nodes if each.kind is Kind.ECR_IMAGE)
    return [
        _boxed(each, held[ResourceId(each.key)])
        for each in drawing.clusters
        if each.kind == "ecr-repo" and each.key in graph and each.key not in cards
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
    """Words and outlines of every kind, as SVG path data at the size of a card and of a sample."""
    return [
        {
            "id": kind.value,
            "word": KINDS[kind].title,
            "plural": KINDS[kind].plural,
            "card": _paths(style.LOOKS[kind].shape, WIDE, HIGH),
            "sample": _paths(style.LOOKS[kind].shape, 22.0, 12.0),
        }
        for kind in Kind
    ]


def _paths(shape: str, wide: float, high: float) -> list[Json]:
    return [
        " ".join(f"{name}{' '.join(f'{value:.2f}' for value in values)}" for name, values in path)
        for path in outline(shape, 0, 0, wide, high)
    ]


def _node(node: Node, judged: Judgement | None) -> dict[str, Json]:
    found: dict[str, Json] = {
        "i": words.clean(node.id, 700),
        "k": list(Kind).index(node.kind),
        "t": node.title,
        "l": node.line,
        "n": node.name,
        "a": words.clean(node.account),
        "r": words.clean(node.region),
    }
    if node.states:
        found["s"] = _labels(node.states)
    if node.missing:
        found["m"] = 1
    if node.href:
        found["h"] = node.href
    if node.mark:
        found["o"] = node.mark
    if judged:
        found["v"] = judged.verdict.value
    return found


def _link(
    nodes: Mapping[ResourceId, int],
    source: ResourceId,
    target: ResourceId,
    found: tuple[Evidence, ...],
) -> list[Json]:
    """[from, to, best grade, relations], dependent to dependency as in the graph."""
    relations = sorted({each.relation.value for each in found})
    return [nodes[source], nodes[target], max(each.grade for each in found).value, [*relations]]


def _evidence(each: Evidence) -> list[Json]:
    candidates = [each[:12] for each in each.candidates[:_CANDIDATES]]
    return [
        each.rule,
        each.relation.value,
        each.grade.value,
        words.clean(each.statement, 600),
        words.clean(each.read_from, 200),
        each.count,
        [*candidates] if each.count > 1 else [],
    ]


def _record(graph: ResourceGraph, resource: ResourceId) -> Json:
    """The record's fields that say something."""
    found = envelope.record_body(graphs.record(graph, resource))
    return {
        words.clean(name, 80): _cleaned(value)
        for name, value in found.items()
        if value not in (None, "", [], {}) and name not in ("id", "kind", "resource")
    }


def _verdict(judged: Judgement | None, nodes: Mapping[ResourceId, int]) -> Json:
    if judged is None:
        return None
    return {
        "verdict": judged.verdict.value,
        "because": words.clean(judged.because, 600),
        "witness": [nodes.get(each, -1) for each in judged.witness if each in nodes],
        "looked": [words.clean(each, 300) for each in judged.looked_at],
        "doubts": [words.clean(each.statement, 600) for each in judged.doubts],
        "bytes": judged.bytes,
        "atMost": judged.at_most,
        "age": round(judged.age_days, 1) if judged.age_days is not None else None,
    }


def _jot(jot: Jot, nodes: Mapping[ResourceId, int]) -> dict[str, Json]:
    commit = jot.commit
    standing = commit.standing
    current = standing.state is Standing.CURRENT
    unknown = standing.state in (Standing.UNKNOWN, Standing.NOT_IN_REPOSITORIES)
    place = jot.account, jot.region, jot.function
    tags = jot.image.tags if jot.image else ()
    shown = dict.fromkeys((commit.commit, *commit.commits[:3]))
    commits: list[Json] = [
        [words.clean(sha[:9], 12), nodes.get(commit_id(sha), -1)] for sha in shown if sha
    ]
    every = (
        [jot.id]
        if jot.service
        else [
            function_id(*place) if each == "$LATEST" else version_id(*place, each)
            for each in jot.qualifiers
        ]
    )
    return {
        "x": nodes[jot.id],
        "f": words.clean(f"{jot.service} {jot.function}".strip(), 120),
        "q": [words.clean(each, 20) for each in jot.qualifiers or ("$LATEST",)],
        "e": [nodes[each] for each in every if each in nodes],
        "w": [[words.clean(each.alias, 60), each.share] for each in jot.routes],
        "c": commits[:3],
        "n": commit.more + 1 if commit.commit else 0,
        "u": words.clean(commit.subject, 120),
        "st": words.clean(standing.words().replace("unknown", "lag unknown"), 60),
        "sr": 3 if current and not (standing.dirty or standing.doubt) else 2 if unknown else 1,
        "b": standing.behind,
        "im": nodes.get(jot.image.id, -1) if jot.image else -1,
        "tag": words.clean(jot.deployed_tag or ", ".join(tags[:2]), 80),
        "lo": [nodes[each] for each in jot.local_images if each in nodes],
        "ro": nodes.get(jot.role, -1) if jot.role else -1,
        "s": _labels(states_of(jot.findings)),
    }


def _labels(states: Iterable[State]) -> list[Json]:
    """Rank and word of each label."""
    return [[state.rank, words.clean(state.word, 40)] for state in states]


def _findings(told: Iterable[Finding]) -> list[Json]:
    """What is wrong, each with its rank, word, sentence and next command; then in one what was not
    read."""
    known: list[Json] = [
        [
            RANK[finding.severity],
            words.clean(finding.word, 40),
            words.clean(finding.statement, 900),
            words.clean(finding.next, 300),
        ]
        for finding in told
        if finding.known
    ]
    if facts := unread(told):
        known.append([style.REMARK, "not read", unread_words(facts), ""])
    return known


def _cleaned(value: Json) -> Json:
    match value:
        case str():
            return "\n".join(words.clean(line, LONGEST) for line in value.split("\n"))
        case list():
            return [_cleaned(each) for each in value]
        case dict():
            return {words.clean(name, 200): _cleaned(each) for name, each in value.items()}
        case _:
            return value
