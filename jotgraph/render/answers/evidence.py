"""The evidence of links, and what is claimed of the commits of an image."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from jotgraph.analysis.provenance.model import Claim, Claims
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
_PICKED = 3
"""Commits named in one line as those that a label picks."""


def evidence_table(evidence: Iterable[Evidence]) -> Table:
    """Grade, statement, rule and where it was read."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    table = _indented()
    for piece in evidence:
        source = f", {piece.read_from}" if piece.read_from else ""
        line = Text(piece.statement).append(f" ({piece.rule}{source})", "dim")
        table.add_row("", Text(piece.grade.name, GRADE_STYLE[piece.grade]), line)
    return table


def claims_table(claims: Claims) -> Table:
    """A conflict first, then each claim."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    table = _indented()
    for explanation in claims.explanations:
        word, style = ("CONFLICT", "bold red") if explanation.conflict else ("NOTE", "yellow")
        kind = explanation.kind.value.replace("-", " ")
        table.add_row("", Text(word, style), Text(f"{kind}: {explanation.statement}", style))
    if len(claims.records) > 1:
        table.add_row("", Text(_verdict(claims), "bold"), Text(believed_words(claims)))
    for claim in {_as_shown(claim): claim for claim in claims.records}.values():
        line = Text(f"{commit_range(claim)}  {claim.evidence.statement}")
        line.append(f" ({claim.evidence.rule})", "dim")
        table.add_row("", Text(claim.grade.name, GRADE_STYLE[claim.grade]), line)
    return table


def _as_shown(claim: Claim) -> tuple[object, ...]:
    """What a reader sees of a claim: of an image and its copy the same is shown once."""
    return claim.grade, claim.commits, claim.evidence.statement, claim.evidence.rule


def _verdict(claims: Claims) -> str:
    """The grade of what all claims together allow."""
    if claims.conflict:
        return "CONFLICT"
    return claims.grade.name if claims.grade is not None else "UNKNOWN"


def believed_words(claims: Claims) -> str:
    """What all claims together allow, in one line."""
    if not claims.commits:
        return "no commit"
    text = short_sha(claims.commits[0])
    if claims.count > 1:
        oldest = short_sha(claims.commits[-1])
        text = f"{oldest}..{text} ({claims.count} commits, with the same files in the image)"
    if claims.picked:
        text += f"; a label or the like picks {', '.join(map(short_sha, claims.picked[:_PICKED]))}"
    if claims.content_count > claims.count:
        text += f"; {claims.content_count} commits have the same files"
    return text + (f"; {claims.later} are later than the image and ignored" * bool(claims.later))


def commit_range(claim: Claim) -> str:
    """``1a2b3c4d5`` or ``1a2b3c4d5..6e7f8a9b0 (9 commits)``, oldest and newest."""
    if claim.count == 1:
        return short_sha(claim.commits[0])
    return f"{short_sha(claim.commits[-1])}..{short_sha(claim.commits[0])} ({claim.count} commits)"


def _indented() -> Table:
    """A grid whose second column holds grades, the third text that wraps under itself."""
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw

    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=1)
    table.add_column(width=8, no_wrap=True)
    table.add_column(overflow="fold")
    return table


def commits_body(claims: Claims) -> list[Json]:
    """Each claim about the commits of an image, best first."""
    return [
        {
            "relation": claim.evidence.relation.value,
            "grade": claim.grade.name.lower(),
            "rule": claim.evidence.rule,
            "candidates": list(claim.commits[:LISTED]),
            "newest": claim.commits[0],
            "oldest": claim.commits[-1] if claim.whole else None,
            "count": claim.count,
            "on": claim.on,
            "statement": claim.evidence.statement,
            "read_from": claim.evidence.read_from,
            "writer": claim.author.value,
            "modified": list(claim.modified),
            "modified_count": claim.modified_count,
        }
        for claim in claims.records
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
        "picked": list(claims.picked[:LISTED]),
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
