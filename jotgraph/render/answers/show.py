"""One resource: its fields, its commits and its links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from jotgraph.analysis.lag import Standing
from jotgraph.graph import ResourceGraph, record
from jotgraph.links import Evidence
from jotgraph.queries.answers.explain import ExplainedLink, Shown
from jotgraph.records import Commit, commit_id
from jotgraph.render.answers.envelope import Json, answer_text, record_body
from jotgraph.render.answers.evidence import (
    GRADE_STYLE,
    believed_body,
    claims_table,
    commits_body,
    links_body,
)
from jotgraph.render.answers.formats import Writers
from jotgraph.render.answers.labels import STANDING_STYLE, label
from jotgraph.render.answers.rich_table import rich_table

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table

TOUCHING = 10
"""Commits that touch one thing that are shown of each."""


def writers(graph: ResourceGraph) -> Writers[Shown]:
    """A writer for each format; ``graph`` names what the answer speaks of."""
    return {"table": partial(as_table, graph), "json": as_json}


def as_table(graph: ResourceGraph, answer: Shown) -> Group:
    """One resource: its fields, its commits, its links."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    parts: list[RenderableType] = [
        label(graph, answer.node.id),
        Text(answer.node.id, "dim"),
        Text(),
        _fields(answer),
    ]
    if answer.claims.records or isinstance(answer.node, Commit):
        stands = answer.standing
        line = Text("Stands: " if isinstance(answer.node, Commit) else "Commits: ", "bold")
        line.append(stands.words(), STANDING_STYLE[stands.state])
        parts += [Text(), line, *_touching(graph, stands), claims_table(answer.claims)]
    if answer.dependencies:
        parts += [Text(), Text("Depends on", "bold"), _links(graph, answer.dependencies, "target")]
    if answer.dependents:
        parts += [Text(), Text("Depended on by", "bold")]
        parts.append(_links(graph, answer.dependents, "source"))
    return Group(*parts)


def as_json(found: Shown) -> str:
    """One resource, its commits and its links."""
    body = {
        "resource": record_body(found.node),
        "commits": commits_body(found.claims),
        "believed": believed_body(found.claims),
        "conflict": found.claims.reason,
        "explanations": found.claims.explanations,
        "standing": found.standing,
        "links": links_body((*found.dependencies, *found.dependents)),
    }
    return answer_text("show", found.about, body)


def _touching(graph: ResourceGraph, stands: Standing) -> list[RenderableType]:
    """The commits since that touch what is in the image, or what it is built by."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    groups = [("in its files", stands.touches)]
    groups += [(each.path, each.commits) for each in stands.inputs]
    groups += [(f"{each.path}, perhaps built before", each.commits) for each in stands.perhaps]
    lines: list[RenderableType] = []
    for what, shas in groups:
        for sha in shas[:TOUCHING]:
            node = record(graph, commit_id(sha)) if commit_id(sha) in graph else None
            subject = node.subject if isinstance(node, Commit) else ""
            lines.append(Text(f"  {sha[:12]} {subject} ({what})", "dim"))
        if len(shas) > TOUCHING:
            lines.append(Text(f"  and {len(shas) - TOUCHING:,} more ({what})", "dim"))
    return lines


def _fields(answer: Shown) -> Table:
    """The fields of a record that say something."""
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw

    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in record_body(answer.node).items():
        if value not in (None, "", [], {}) and name not in ("id", "kind"):
            made.add_row(name.replace("_", " "), _words(value))
    return made


def _links(graph: ResourceGraph, shown: Iterable[ExplainedLink], end: str) -> Table:
    """Relation, the other end, and the best evidence of each edge."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return rich_table(
        ("Relation", "Resource", "Grade", "Rule"),
        [
            (
                ", ".join(sorted({said.relation.value for said in each.evidence})),
                label(graph, each.target if end == "target" else each.source),
                Text(each.evidence[0].grade.name, GRADE_STYLE[each.evidence[0].grade]),
                _rules(each.evidence),
            )
            for each in shown
        ],
    )


def _rules(said: Sequence[Evidence]) -> str:
    """The best rule of each relation, in the order in which relations are named."""
    best = {each.relation.value: each.rule for each in reversed(said)}
    return ", ".join(dict.fromkeys(rule for _, rule in sorted(best.items())))


def _words(value: Json) -> str:
    match value:
        case [str() | int() | float() as name, float() as share]:  # a version and its weight
            return f"{name}={share:g}"
        case list():
            return "\n".join(_words(each) for each in value)
        case dict():
            return "\n".join(f"{name}={_words(each)}" for name, each in value.items())
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
