"""The evidence for links, and the claims about the commits of an image."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from jotgraph.analysis.provenance.model import Claim, Claims
from jotgraph.links import Evidence, Grade
from jotgraph.queries.answers.explain import ExplainedLink
from jotgraph.records.ids import short
from jotgraph.render.answers.envelope import Json, plain
from jotgraph.render.answers.wrapped import Wrapped

if TYPE_CHECKING:
    from rich.console import Group
    from rich.text import Text

GRADE_STYLE = {
    Grade.PROOF: "green",
    Grade.STRONG: "green",
    Grade.SUPPORT: "yellow",
    Grade.HINT: "dim",
}
LISTED = 100
"""The most commits listed for one claim; ``count`` has their number."""
_GRADE = 8
"""Width of the words before a sentence."""
_PICKED = 3
"""The most picked commits named in one line."""


def evidence_table(evidence: Iterable[Evidence]) -> Group:
    """Return grade, statement, rule and source of evidence as a table."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    lines = []
    for piece in evidence:
        source = f", {piece.read_from}" if piece.read_from else ""
        line = Text(piece.statement).append(f" ({piece.rule}{source})", "dim")
        lines.append(_graded(piece.grade.name, GRADE_STYLE[piece.grade], line))
    return Group(*lines)


def claims_table(claims: Claims) -> Group:
    """Return the conflict, if any, then each claim."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    lines = []
    for explanation in claims.explanations:
        word, style = ("CONFLICT", "bold red") if explanation.conflict else ("NOTE", "yellow")
        kind = explanation.kind.value.replace("-", " ")
        lines.append(_graded(word, style, Text(f"{kind}: {explanation.statement}", style)))
    if len(claims.records) > 1:
        together = f"taken together: {believed_words(claims)}"
        lines.append(_graded(_verdict(claims), "bold", Text(together)))
    for claim in {_as_shown(claim): claim for claim in claims.records}.values():
        line = Text(f"{commit_range(claim)}  {claim.evidence.statement}")
        line.append(f" ({claim.evidence.rule})", "dim")
        lines.append(_graded(claim.grade.name, GRADE_STYLE[claim.grade], line))
    return Group(*lines)


def _graded(word: str, style: str, sentence: Text) -> Wrapped:
    """A grade and a sentence that wraps under itself."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    line = Text("  ").append(f"{word:{_GRADE}}", style).append(" ").append_text(sentence)
    return Wrapped(line, 2 + _GRADE + 1)


def _as_shown(claim: Claim) -> tuple[object, ...]:
    """What a reader sees of a claim: equal claims of an image and its copy are shown once."""
    return claim.grade, claim.commits, claim.evidence.statement, claim.evidence.rule


def _verdict(claims: Claims) -> str:
    """The grade of all claims together."""
    if claims.conflict:
        return "CONFLICT"
    return claims.grade.name if claims.grade is not None else "UNKNOWN"


def believed_words(claims: Claims) -> str:
    """Return what all claims together allow, in one line."""
    if not claims.commits:
        return "no commit"
    text = short(claims.commits[0])
    if claims.count > 1:
        oldest = short(claims.commits[-1])
        text = f"{oldest}..{text} ({claims.count} commits, with the same files in the image)"
    if claims.picked:
        text += f"; named by a label or tag: {', '.join(map(short, claims.picked[:_PICKED]))}"
    if claims.content_count > claims.count:
        text += f"; {claims.content_count} commits have the same files"
    return text + (f"; {claims.later} newer than the image left out" * bool(claims.later))


def commit_range(claim: Claim) -> str:
    """``1a2b3c4d5`` or ``1a2b3c4d5..6e7f8a9b0 (9 commits)``, oldest and newest."""
    if claim.count == 1:
        return short(claim.commits[0])
    return f"{short(claim.commits[-1])}..{short(claim.commits[0])} ({claim.count} commits)"


def commits_body(claims: Claims) -> list[Json]:
    """Return each claim about the commits of an image, best first."""
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
    """Return what all claims together say about the commits of an image."""
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
