"""Jots -> the short list of what is wrong, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotgraph.queries.jots import Jot, Jots, State
from jotgraph.render.listing import table
from jotgraph.render.tables import function_words

if TYPE_CHECKING:
    from rich.table import Table

SAYS = {
    State.BROKEN: "the image it runs is gone, archived or unreadable: it fails when Lambda reloads",
    State.RESCUABLE: "a copy of its image is left, or may be: jotgraph rescue says how to save it",
    State.FAILED: "Lambda says that it failed",
    State.DRIFT: "its tag names another image now than the one it runs",
    State.CONFLICT: "strong claims about its commit disagree",
    State.ROLE_MISSING: "its role is gone",
    State.IMAGE_UNREAD: "its image is where nobody looked",
    State.IDLE: "it was not called for weeks",
}
_WRONG = (State.BROKEN, State.FAILED, State.DRIFT, State.CONFLICT, State.ROLE_MISSING)


def functions(answer: Jots) -> Table:
    """A line for each thing that is wrong with a function, worst first."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    rows = [
        (
            Text(state.value, "bold red" if state in _WRONG else "yellow"),
            _where(jot),
            jot.commit.conflict if state is State.CONFLICT else SAYS[state],
        )
        for state in SAYS
        for jot in answer.jots
        if state in jot.states
    ]
    return table(("State", "Function", "Which means"), rows)


def _where(jot: Jot) -> str:
    return " ".join(filter(None, (function_words(jot), jot.region)))
