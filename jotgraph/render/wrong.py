"""Jots and verdicts -> the short list of what is wrong and what nothing uses, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotgraph.queries.jots import Jot, Jots, State
from jotgraph.queries.orphans import Judgement, Orphans
from jotgraph.records import key_of
from jotgraph.render.listing import table
from jotgraph.render.tables import function_words, short_digest
from jotgraph.render.words import size

if TYPE_CHECKING:
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

SAYS = {
    State.BROKEN: "the image it runs is gone, archived or unreadable: it fails when Lambda reloads",
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


def orphans(answer: Orphans) -> Group:
    """Orphans with their bytes, then what is in doubt; those with one reason share its line."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    space = answer.freed.ecr + answer.freed.local
    bound = "at most " if answer.freed.ecr_at_most or answer.freed.local_at_most else ""
    counted = f"{len(answer.orphans)} orphans, {bound}{size(space)} to free"
    return Group(
        *_grouped("orphan", "yellow", answer.orphans),
        *_grouped("unknown", "cyan", answer.unknown),
        Text(f"{counted}; {len(answer.unknown)} in doubt, kept"),
    )


def _grouped(word: str, style: str, judged: tuple[Judgement, ...]) -> list[Text | Padding]:
    from rich.padding import Padding  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    reasons: dict[tuple[str, str], list[Judgement]] = {}
    for each in judged:
        reasons.setdefault((each.kind.value, each.because), []).append(each)
    shown: list[Text | Padding] = []
    for (kind, because), group in reasons.items():
        many = f"{len(group)} × " if len(group) > 1 else ""
        shown.append(Text.assemble((f"{word:<9}", style), f"{many}{kind}: ", (because, "dim")))
        listed = ", ".join(_short(each) + _bytes(each) for each in group)
        shown.append(Padding(Text(listed), (0, 0, 0, 9)))
    return shown


def _where(jot: Jot) -> str:
    return " ".join(filter(None, (function_words(jot), jot.region)))


def _short(each: Judgement) -> str:
    name, at, digest = key_of(each.id).partition("@")
    return f"{name.split('/', 2)[-1]}{at}{short_digest(digest)}" if at else name.split("/", 2)[-1]


def _bytes(each: Judgement) -> str:
    return "" if not each.bytes else f" ({'≤ ' if each.at_most else ''}{size(each.bytes)})"
