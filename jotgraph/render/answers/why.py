"""The evidence on a path between two resources, or around one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from jotgraph.graph import ResourceGraph
from jotgraph.queries.answers.explain import Why
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.evidence import (
    believed_body,
    claims_table,
    commits_body,
    evidence_table,
    links_body,
)
from jotgraph.render.answers.formats import Writers
from jotgraph.render.answers.labels import label

if TYPE_CHECKING:
    from rich.console import Group, RenderableType


def writers(graph: ResourceGraph) -> Writers[Why]:
    """A writer for each format; ``graph`` names what the answer speaks of."""
    return {"table": partial(as_table, graph), "json": as_json}


def as_table(graph: ResourceGraph, answer: Why) -> Group:
    """Each edge with all its evidence, then what is believed of the commits."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    parts: list[RenderableType] = []
    for link in answer.links:
        for relation in sorted({each.relation for each in link.evidence}):
            line = label(graph, link.source)
            line.append(f"  {relation.value}  ", "bold")
            parts.append(line.append_text(label(graph, link.target)))
            parts.append(
                evidence_table(each for each in link.evidence if each.relation is relation)
            )
    if answer.claims.records:
        parts += [Text(), Text("Commits", "bold"), claims_table(answer.claims)]
    return Group(*parts)


def as_json(found: Why) -> str:
    """The evidence on a path, or around one resource."""
    body = {
        "between": found.ends,
        "links": links_body(found.links),
        "commits": commits_body(found.claims),
        "believed": believed_body(found.claims),
        "conflict": found.claims.reason,
        "explanations": found.claims.explanations,
    }
    return answer_text("why", found.about, body)
