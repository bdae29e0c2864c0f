"""Answers -> a Markdown table (GitHub flavour)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jotgraph.queries.answers.jots import Jots
from jotgraph.render.answers import tables


def jots(answer: Jots) -> str:
    """The table of jots, as in the terminal."""
    return table(
        tables.HEADINGS,
        (
            (
                " ".join(filter(None, (tables.function_words(jot), tables.route_words(jot)))),
                " ".join(
                    filter(None, (tables.commit_words(jot.commit), jot.commit.standing.words()))
                ),
                tables.local_words(jot),
                tables.image_words(jot),
                tables.role_words(jot),
                _loud(tables.state_words(jot)),
            )
            for jot in answer.jots
        ),
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as a Markdown table; pipes and angle brackets in cells are escaped."""
    lines = [headings, ["---"] * len(headings), *([_escape(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _escape(cell: str) -> str:
    escaped = cell.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", " ")


def _loud(words: str) -> str:
    return f"**{words}**" if words else ""
