"""Answers -> rich tables for a terminal; a word for every state, colour only in support."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from jotgraph.analysis.lag import State
from jotgraph.queries.answers.jots import Jot, JotCommit, Jots, Route
from jotgraph.queries.answers.jots import State as JotState
from jotgraph.records import key_of

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

STANDING_STYLE = {
    State.CURRENT: "green",
    State.BEHIND: "yellow",
    State.NOT_CURRENT: "yellow",
    State.NOT_IN_REPOSITORIES: "yellow",
    State.UNKNOWN: "dim",
}
STATE_STYLE = {
    JotState.BROKEN: "bold red",
    JotState.RESCUABLE: "yellow",
    JotState.QUARANTINED: "yellow",
    JotState.FAILED: "bold red",
    JotState.DRIFT: "bold red",
    JotState.CONFLICT: "bold red",
    JotState.ROLE_MISSING: "bold red",
    JotState.IMAGE_UNREAD: "yellow",
    JotState.IDLE: "dim",
    JotState.ZIP: "dim",
    JotState.NOT_DEPLOYED: "yellow",
}
TAGS_SHOWN = 2
WHOLE_SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
HEADINGS = ("Function", "Commit", "Local image", "Registry", "Role", "State")


def short_sha(sha: str) -> str:
    """Nine characters: unique in repositories of a million commits (git's own estimate)."""
    return sha[:9]


def short_digest(digest: str) -> str:
    return digest.removeprefix("sha256:")[:9]


def function_words(jot: Jot) -> str:
    """``checkout:7`` or, for ``$LATEST``, ``checkout``."""
    if not jot.function:
        return ""
    first = jot.qualifiers[0]
    return jot.function if first == "$LATEST" else f"{jot.function}:{first}"


def route_words(jot: Jot) -> str:
    """Other versions of the same code, and aliases: ``=7, prod, canary 10%``."""
    same = [f"={each}" for each in jot.qualifiers[1:]]
    return ", ".join([*same, *(_route(each) for each in jot.routes)])


def commit_words(commit: JotCommit) -> str:
    """``1a2b3c4d5``, or ``1a2b3c4d5 +8`` for a set of nine."""
    if not commit.commits:
        return ""
    more = f" +{commit.count - 1}" if commit.count > 1 else ""
    return short_sha(commit.commits[0]) + more


def image_words(jot: Jot) -> str:
    """``shop/checkout:1.4 @1a2b3c4d5``."""
    if jot.image is None:
        return ""
    tags = f":{','.join(jot.image.tags)}" if jot.image.tags else _untagged(jot)
    return f"{jot.image.repository}{tags} @{short_digest(jot.image.digest)}"


def _untagged(jot: Jot) -> str:
    """Of an image that is gone or was not read nobody knows whether it has a tag."""
    lost = {JotState.BROKEN, JotState.RESCUABLE, JotState.IMAGE_UNREAD}
    return "" if lost.intersection(jot.states) else " untagged"


def local_words(jot: Jot) -> str:
    """The shortest local tag, or the image's id when it has none."""
    if jot.local_tags:
        return jot.local_tags[0]
    return short_digest(key_of(jot.local_images[0])) if jot.local_images else ""


def role_words(jot: Jot) -> str:
    return key_of(jot.role).partition("/")[2] if jot.role else ""


def state_words(jot: Jot) -> str:
    """``drift → 1a2b3c4d5, idle``: what the deployed tag names now."""
    return ", ".join(_state(jot, each) for each in jot.states)


def jots(answer: Jots) -> Group:
    """The table of jots, one for each account and region; a column that has nothing to say in any
    of them is left out."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw

    has_local = any(jot.local_images for jot in answer.jots)
    headings = [each for each in HEADINGS if each != "Local image" or has_local]
    places = groupby(answer.jots, key=lambda jot: (jot.account, jot.region))
    tables = [
        _jots_of_place(" ".join(place).strip() or "not in a registry", list(rows), headings)
        for place, rows in places
    ]
    return Group(*tables)


def _jots_of_place(place: str, rows: list[Jot], headings: list[str]) -> Table:
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw

    table = Table(
        box=None,
        title=place,
        title_justify="left",
        title_style="dim",
        pad_edge=False,
        header_style="bold",
        padding=(0, 2, 0, 0),
    )
    for heading in headings:
        findable = heading in ("Function", "Registry", "State")
        table.add_column(heading, overflow="fold" if findable else "ellipsis")
    for jot in rows:
        cells: list[Text | str] = [
            _function_cell(jot),
            _commit_cell(jot),
            _image_cell(jot),
            role_words(jot).rpartition("/")[2],
            _state_cell(jot),
        ]
        if "Local image" in headings:
            cells.insert(2, _two_lines(*_parted(local_words(jot))))
        table.add_row(*cells)
    return table


def _parted(reference: str) -> tuple[str, str]:
    """``name:tag`` as (name, tag), the registry's host left out."""
    name, _, tag = reference.partition(":") if "/" not in reference else reference.rpartition(":")
    host, _, rest = name.partition("/")
    return (rest if "." in host and rest else name) or reference, tag


def _function_cell(jot: Jot) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    cell = Text(function_words(jot))
    if routes := route_words(jot):
        cell.append(f"\n  {routes}", style="cyan")
    return cell


def _commit_cell(jot: Jot) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    stands = jot.commit.standing
    cell = Text(commit_words(jot.commit))
    style = "yellow" if stands.dirty or stands.doubt else STANDING_STYLE[stands.state]
    cell.append("\n" if cell.plain else "")
    return cell.append(stands.words(), style=style)


def _image_cell(jot: Jot) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    if jot.image is None:
        return Text()
    cell = Text(jot.image.repository)
    cell.append(f"\n {' ' * bool(jot.image.tags)}{few(jot.image.tags) or _untagged(jot)}")
    return cell.append(f" @{short_digest(jot.image.digest)}", style="dim")


def few(tags: tuple[str, ...]) -> str:
    """The first two tags and how many more there are."""
    return _first(tags, TAGS_SHOWN)


def within(tags: tuple[str, ...], room: int) -> str:
    """The same in ``room`` characters at most: one tag if two have no room, its middle left out
    if that has none, so that what stands behind it stays on the line."""
    said = few(tags)
    if len(said) > room:
        said = _first(tags, 1)
    if len(said) > room:
        more = f" +{len(tags) - 1}" if len(tags) > 1 else ""
        half = (room - 1 - len(more)) // 2
        said = f"{tags[0][:half]}…{tags[0][-half:]}{more}"
    return said


def _first(tags: tuple[str, ...], count: int) -> str:
    more = f" +{len(tags) - count}" if len(tags) > count else ""
    return ", ".join(_tag(each) for each in tags[:count]) + more


def _tag(tag: str) -> str:
    """A tag that is a whole SHA or digest is shown as one."""
    return f"{tag[:9]}…" if WHOLE_SHA.fullmatch(tag) else tag


def _two_lines(first: str, second: str) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return Text(f"{first}\n  {second}" if second else first)


def _state_cell(jot: Jot) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return Text(", ").join(Text(_state(jot, each), STATE_STYLE[each]) for each in jot.states)


def _state(jot: Jot, state: JotState) -> str:
    if state is JotState.DRIFT:
        return f"drift → {', '.join(short_digest(each) for each in jot.follows)}"
    if state is JotState.CONFLICT and jot.commit.conflict_kind:
        return f"conflict: {jot.commit.conflict_kind.replace('-', ' ')}"
    return state.value.replace("-", " ")


def _route(route: Route) -> str:
    return route.alias if route.share == 1 else f"{route.alias} {route.share:.0%}"
