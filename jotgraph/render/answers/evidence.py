"""The evidence of links, and what is claimed of the commits of an image."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from jotgraph.analysis.provenance import Claim, Claims
from jotgraph.links import Evidence, Grade
from jotgraph.queries.answers.explain import ExplainedLink
from jotgraph.render.answers.envelope import Json, plain
from jotgraph.render.answers.labels import short_sha

if TYPE_CHECKING:
    from rich.table import Table

GRADE_STYLE = {
    Grade.PROOF: "green",
    Grade.STRONG: "green",
    Grade.SUPPORT: "yellow",
    Grade.HINT: "dim",
}
LISTED = 100
"""Commits that one claim lists at most; ``count`` tells how many there are."""


def evidence_table(said: Iterable[Evidence]) -> Table:
    """Grade, statement, rule and where it was read."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    made = _indented()
    for each in said:
        source = f", {each.read_from}" if each.read_from else ""
        line = Text(each.statement).append(f" ({each.rule}{source})", "dim")
        made.add_row("", Text(each.grade.name, GRADE_STYLE[each.grade]), line)
    return made


def claims_table(found: Claims) -> Table:
    """A conflict first, then each claim."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    made = _indented()
    for told in found.explanations:
        word, style = ("CONFLICT", "bold red") if told.conflict else ("NOTE", "yellow")
        kind = told.kind.value.replace("-", " ")
        made.add_row("", Text(word, style), Text(f"{kind}: {told.statement}", style))
    if len(found.records) > 1:
        made.add_row("", Text(found.verdict, "bold"), Text(believed_words(found)))
    for each in found.records:
        line = Text(f"{commit_range(each)}  {each.evidence.statement}")
        line.append(f" ({each.evidence.rule})", "dim")
        made.add_row("", Text(each.grade.name, GRADE_STYLE[each.grade]), line)
    return made


def believed_words(found: Claims) -> str:
    """What all claims together allow, in one line."""
    if not found.commits:
        return "no commit"
    text = short_sha(found.commits[0])
    if found.count > 1:
        oldest = short_sha(found.commits[-1])
        text = f"{oldest}..{text} ({found.count} commits, identical for what is in the image)"
    if found.content_count > found.count:
        text += f"; {found.content_count} commits have the same files"
    return text + (f"; {found.later} are later than the image and set aside" * bool(found.later))


def commit_range(claim: Claim) -> str:
    """``1a2b3c4d5`` or ``1a2b3c4d5..6e7f8a9b0 (9 commits)``, oldest and newest."""
    if claim.count == 1:
        return short_sha(claim.commits[0])
    return f"{short_sha(claim.commits[-1])}..{short_sha(claim.commits[0])} ({claim.count} commits)"


def _indented() -> Table:
    """A grid whose second column holds grades, the third text that wraps under itself."""
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw

    made = Table.grid(padding=(0, 1, 0, 0))
    made.add_column(width=1)
    made.add_column(width=8, no_wrap=True)
    made.add_column(overflow="fold")
    return made


def commits_body(claims: Claims) -> list[Json]:
    """Each claim about the commits of an image, best first."""
    return [
        {
            "relation": each.evidence.relation.value,
            "grade": each.grade.name.lower(),
            "rule": each.evidence.rule,
            "candidates": list(each.commits[:LISTED]),
            "newest": each.commits[0],
            "oldest": each.commits[-1] if each.whole else None,
            "count": each.count,
            "on": each.on,
            "statement": each.evidence.statement,
            "read_from": each.evidence.read_from,
            "writer": each.writer.value,
            "modified": list(each.modified),
            "modified_count": each.modified_count,
        }
        for each in claims.records
    ]


def believed_body(claims: Claims) -> dict[str, Json]:
    """What all the claims together say of the commits of an image."""
    whole = claims.count <= len(claims.commits)
    return {
        "verdict": claims.verdict,
        "relation": claims.relation.value if claims.relation else None,
        "grade": claims.grade.name.lower() if claims.grade is not None else None,
        "rule": claims.rule,
        "candidates": list(claims.commits[:LISTED]),
        "newest": claims.commits[0] if claims.commits else None,
        "oldest": claims.commits[-1] if claims.commits and whole else None,
        "count": claims.count,
        "later": claims.later,
        "same_files": list(claims.content[:LISTED]),
        "same_files_count": claims.content_count,
        "dirty": claims.dirty,
    }


def links_body(links: Iterable[ExplainedLink]) -> list[Json]:
    return [
        {"source": link.source, "target": link.target, "evidence": plain(link.evidence)}
        for link in links
    ]
