"""The evidence on a path between two resources, or around one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from jotgraph.graph import ResourceGraph
from jotgraph.links import Evidence
from jotgraph.queries.answers.explain import Why
from jotgraph.records import commit_id
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.evidence import (
    believed_body,
    claims_table,
    commit_range,
    commits_body,
    evidence_table,
    links_body,
)
from jotgraph.render.answers.labels import label
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Group, RenderableType


def writers(graph: ResourceGraph) -> Writers[Why]:
    """A writer for each format; ``graph`` names what the answer speaks of."""
    return table_like(partial(as_table, graph), as_json, csv_rows, partial(markdown_rows, graph))


def as_table(graph: ResourceGraph, answer: Why) -> Group:
    """Return each edge with all its evidence, then what is believed about the commits."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    parts: list[RenderableType] = []
    for link in answer.links:
        for relation in sorted({piece.relation for piece in link.evidence}):
            line = label(graph, link.source)
            line.append(f"  {relation.value}  ", "bold")
            parts.append(line.append_text(label(graph, link.target)))
            parts.append(
                evidence_table(piece for piece in link.evidence if piece.relation is relation)
            )
    if answer.claims.records:
        parts += [Text(), Text("Commits", "bold"), claims_table(answer.claims)]
    return Group(*parts)


def note(answer: Why) -> str:
    """Return the number of links, and of pieces of evidence."""
    evidence = sum(len(link.evidence) for link in answer.links)
    return f"{counted(len(answer.links), 'link')}, {counted(evidence, 'piece')} of evidence"


def as_json(answer: Why) -> str:
    """The evidence on a path, or around one resource."""
    body = {
        "between": answer.ends,
        "links": links_body(answer.links),
        "commits": commits_body(answer.claims),
        "believed": believed_body(answer.claims),
        "conflict": answer.claims.reason,
        "explanations": answer.claims.explanations,
    }
    return answer_text("why", answer.about, body, version=2)


def csv_rows(answer: Why) -> TextTable:
    """A row for each piece of evidence of the links, then for each further claim about the commits
    of an image, then for each disagreement among them."""
    rows = [
        (link.source, evidence.relation, link.target, *_grounds(evidence))
        for link in answer.links
        for evidence in link.evidence
    ]
    shown = {evidence for link in answer.links for evidence in link.evidence}
    rows += [
        (claim.on, claim.evidence.relation, commit_id(claim.commits[0]), *_grounds(claim.evidence))
        for claim in answer.claims.records
        if claim.evidence not in shown
    ]
    rows += [
        (
            None,
            "conflict" if explanation.conflict else "note",
            None,
            None,
            explanation.kind,
            None,
            explanation.statement,
        )
        for explanation in answer.claims.explanations
    ]
    return TextTable(
        ("source", "relation", "target", "grade", "rule", "read_from", "statement"), rows
    )


def markdown_rows(graph: ResourceGraph, answer: Why) -> TextTable:
    """A row for each piece of evidence, then for each claim about the commits of an image."""
    rows = [
        (
            label(graph, link.source).plain,
            evidence.relation.value,
            label(graph, link.target).plain,
            evidence.grade.name,
            f"{evidence.statement} ({evidence.rule})",
        )
        for link in answer.links
        for evidence in link.evidence
    ]
    rows += [
        ("", "conflict" if explanation.conflict else "note", "", "", explanation.statement)
        for explanation in answer.claims.explanations
    ]
    rows += [
        ("commits", claim.evidence.relation.value, commit_range(claim), claim.grade.name,
         f"{claim.evidence.statement} ({claim.evidence.rule})")
        for claim in answer.claims.records
    ]  # fmt: skip
    return TextTable(("Resource", "Relation", "Other", "Grade", "Evidence"), rows)


def _grounds(evidence: Evidence) -> tuple[object, ...]:
    return (evidence.grade, evidence.rule, evidence.read_from, evidence.statement)
