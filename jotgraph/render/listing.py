"""Rules, one resource, evidence and counts -> rich tables and lists for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from jotgraph.links import Grade, Rule

if TYPE_CHECKING:
    from rich.table import Table

GRADE_STYLE = {
    Grade.PROOF: "green",
    Grade.STRONG: "green",
    Grade.SUPPORT: "yellow",
    Grade.HINT: "dim",
}


def rules(listed: Iterable[Rule]) -> Table:
    """Relation, grade, name and first paragraph of each rule."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return table(
        ("Relation", "Grade", "Rule", "What it says"),
        [
            (
                rule.relation.value,
                Text(rule.grade.name, GRADE_STYLE[rule.grade]),
                rule.name,
                " ".join(rule.doc.split("\n\n")[0].split()),
            )
            for rule in listed
        ],
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A plain table: bold headings, two blanks between columns, words wrapped."""
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw

    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        made.add_column(heading, overflow="fold")
    for row in rows:
        made.add_row(*row)  # type: ignore[arg-type] # text or rich Text
    return made
