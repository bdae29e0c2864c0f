"""One resource: its fields, its commits and its links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from jotgraph.analysis.lag.model import Standing
from jotgraph.graph import ResourceGraph, record
from jotgraph.links import Evidence
from jotgraph.queries.answers.explain import ExplainedLink, Shown
from jotgraph.records import Commit, ResourceId, commit_id
from jotgraph.records.ids import short
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import Json, answer_text, record_body
from jotgraph.render.answers.evidence import (
    GRADE_STYLE,
    believed_body,
    claims_table,
    commit_range,
    commits_body,
    links_body,
)
from jotgraph.render.answers.findings import count_words, finding_lines
from jotgraph.render.answers.fitted import Column, Fitted, Narrowing, Shortening
from jotgraph.render.answers.labels import label, standing_style
from jotgraph.render.answers.source import folder_words, handler_words, origin_of_handler
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.wrapped import Wrapped
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Group, RenderableType

_NAME = 28
"""Columns that names keep in the narrowest terminal; a longer one has a line of its own."""
_GIVING_WAY = (
    Narrowing("Rule", Shortening.OUT),
    Narrowing("Resource", Shortening.OWN_LINE),
    Narrowing("Relation", Shortening.OUT),
    Narrowing("Grade", Shortening.OUT),
)
TOUCHING = 10
"""The most changing commits shown for each path."""


def writers(graph: ResourceGraph) -> Writers[Shown]:
    """A writer for each format; ``graph`` names what the answer speaks of."""
    return table_like(partial(as_table, graph), as_json, csv_rows, partial(markdown_rows, graph))


def as_table(graph: ResourceGraph, answer: Shown) -> Group:
    """Return one resource: its findings, its fields, its commits, its links."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    parts: list[RenderableType] = [
        label(graph, answer.node.id),
        Text(answer.node.id, "dim"),
        *finding_lines(answer.findings, answer.node.id, "show"),
        Text(),
        _fields(answer),
    ]
    if answer.claims.records or isinstance(answer.node, Commit):
        stands = answer.standing
        line = Text("Lag: " if isinstance(answer.node, Commit) else "Commits: ", "bold")
        line.append(stands.words(), standing_style(stands))
        parts += [Text(), line, *_touching(graph, stands), claims_table(answer.claims)]
    if answer.dependencies:
        parts += [Text(), Text("Depends on", "bold"), _links(graph, answer.dependencies, "target")]
    if answer.dependents:
        parts += [Text(), Text("Depended on by", "bold")]
        parts.append(_links(graph, answer.dependents, "source"))
    return Group(*parts)


def note(answers: Sequence[Shown]) -> str:
    """Return how much a resource depends on and how much depends on it; for several their
    findings."""
    if len(answers) > 1:
        findings = (finding for answer in answers for finding in answer.findings)
        return f"{counted(len(answers), 'resource')}: {count_words(findings, 'nothing wrong')}"
    needs, users = len(answers[0].dependencies), len(answers[0].dependents)
    verb = "depends" if users == 1 else "depend"
    return f"depends on {counted(needs, 'resource')}, {users:,} {verb} on it"


def as_json(answer: Shown) -> str:
    """One resource, its commits and its links."""
    body = {
        "resource": record_body(answer.node),
        "findings": answer.findings,
        "commits": commits_body(answer.claims),
        "believed": believed_body(answer.claims),
        "conflict": answer.claims.reason,
        "explanations": answer.claims.explanations,
        "standing": answer.standing,
        "source": answer.source,
        "links": links_body((*answer.dependencies, *answer.dependents)),
    }
    return answer_text("show", answer.about, body, version=2)


def csv_rows(answer: Shown) -> TextTable:
    """Return a row for each field, for each claim about the commits, and for each piece of
    evidence."""
    rows: list[tuple[object, ...]] = [
        ("field", name, _words(value), None, None, None)
        for name, value in _said_fields(answer).items()
    ]
    rows += [
        ("commit", claim.evidence.relation, claim.commits[0], *_grounds(claim.evidence))
        for claim in answer.claims.records
    ]
    for part, links in (("depends-on", answer.dependencies), ("needed-by", answer.dependents)):
        rows += [
            (
                part,
                evidence.relation,
                link.target if part == "depends-on" else link.source,
                *_grounds(evidence),
            )
            for link in links
            for evidence in link.evidence
        ]
    return TextTable(("part", "name", "value", "grade", "rule", "statement"), rows)


def markdown_rows(graph: ResourceGraph, answer: Shown) -> TextTable:
    """Return the fields, then where the commits stand, then each link with its best evidence."""
    rows = [
        (name.replace("_", " "), _words(value), "", "")
        for name, value in _said_fields(answer).items()
    ]
    if answer.claims.records or isinstance(answer.node, Commit):
        rows.append(("commits", answer.standing.words(), "", ""))
    rows += [
        (
            claim.evidence.relation.value,
            f"{commit_range(claim)}: {claim.evidence.statement}",
            claim.grade.name,
            claim.evidence.rule,
        )
        for claim in answer.claims.records
    ]
    for before, links in (("", answer.dependencies), ("needed by: ", answer.dependents)):
        rows += [
            (
                f"{before}{_relations(link.evidence)}",
                label(graph, link.source if before else link.target).plain,
                link.evidence[0].grade.name,
                _rules(link.evidence),
            )
            for link in links
        ]
    return TextTable(("Field", "Value", "Grade", "Rule"), rows)


def _said_fields(answer: Shown) -> dict[str, Json]:
    """The non-empty fields of a record, its id first; then the handler, and the origin of its
    files."""
    fields = record_body(answer.node)
    filled = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    handler, by = handler_words(answer.source), origin_of_handler(answer.source)
    more = {
        "handler": f"{handler} ({by})" if handler and by else handler,
        "source": folder_words(answer.source),
    }
    return {**filled, **{name: words for name, words in more.items() if words}}


def _grounds(evidence: Evidence) -> tuple[object, ...]:
    return (evidence.grade, evidence.rule, evidence.statement)


def _relations(evidence: Iterable[Evidence]) -> str:
    return ", ".join(sorted({piece.relation.value for piece in evidence}))


def _touching(graph: ResourceGraph, stands: Standing) -> list[RenderableType]:
    """The later commits that change its files or its build."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    groups = [("touches its files", stands.touches)]
    groups += [(read.path, read.commits) for read in stands.inputs]
    groups += [(f"{read.path}, perhaps built before", read.commits) for read in stands.perhaps]
    lines: list[RenderableType] = []
    for heading, shas in groups:
        for sha in shas[:TOUCHING]:
            node = record(graph, commit_id(sha)) if commit_id(sha) in graph else None
            subject = node.subject if isinstance(node, Commit) else ""
            lines.append(Text(f"  {short(sha)} {subject} ({heading})", "dim"))
        if len(shas) > TOUCHING:
            lines.append(Text(f"  and {len(shas) - TOUCHING:,} more ({heading})", "dim"))
    return lines


def _fields(answer: Shown) -> Group:
    """The non-empty fields of a record, each value below itself."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    fields = {
        name.replace("_", " "): _words(value).split("\n")
        for name, value in _said_fields(answer).items()
        if name not in ("id", "kind")  # they are the heading
    }
    width = max(map(len, fields), default=0) + 2
    return Group(
        *(
            Wrapped(Text(f"{'' if number else name:{width}}", "dim").append(line, "none"), width)
            for name, lines in fields.items()
            for number, line in enumerate(lines)
        )
    )


def _links(graph: ResourceGraph, shown: Iterable[ExplainedLink], end: str) -> Fitted:
    """Relation, the other end, and the best evidence of each edge."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    links = tuple(shown)
    best = [link.evidence[0].grade for link in links]
    columns = [
        Column("Relation", [[Text(_relations(link.evidence)) for link in links]]),
        Column("Resource", [[label(graph, _end(link, end)) for link in links]]),
        Column("Grade", [[Text(grade.name, GRADE_STYLE[grade]) for grade in best]]),
        Column("Rule", [[Text(_rules(link.evidence)) for link in links]]),
    ]
    return Fitted(columns, _GIVING_WAY, "Resource", _NAME)


def _end(link: ExplainedLink, end: str) -> ResourceId:
    return link.target if end == "target" else link.source


def _rules(evidence: Sequence[Evidence]) -> str:
    """The best rule of each relation, in the order of the relations."""
    best = {piece.relation.value: piece.rule for piece in reversed(evidence)}
    return ", ".join(dict.fromkeys(rule for _, rule in sorted(best.items())))


def _words(value: Json) -> str:
    match value:
        case [str() | int() | float() as name, float() as share]:  # a version and its weight
            return f"{name}={share:g}"
        case list():
            return "\n".join(_words(part) for part in value)
        case dict():
            return "\n".join(f"{name}={_inner(part)}" for name, part in value.items())
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def _inner(value: Json) -> str:
    """A nested object on one line: ``CRITICAL=3, HIGH=12``."""
    if isinstance(value, dict):
        return ", ".join(f"{name}={_words(part)}" for name, part in value.items())
    return _words(value)
