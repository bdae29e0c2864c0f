"""The table of deployments as a tree for a terminal: per place, from the commit to the role."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from jotgraph.graph import ResourceGraph
from jotgraph.queries.answers.jots import Jot, Jots
from jotgraph.records import KINDS, kind_of
from jotgraph.render.answers.jots_words import (
    commit_words,
    function_words,
    local_words,
    role_words,
    route_words,
    state_words,
    states_styled,
)
from jotgraph.render.answers.labels import label, standing_style

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree


def as_tree(graph: ResourceGraph, answer: Jots) -> Tree:
    """Return one branch for each account and region; deployments with the same beginning share it.
    The distinguishing part comes first in each line, so that a narrow terminal cuts only the
    rest."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw
    from rich.tree import Tree  # noqa: PLC0415 -- as above

    root = Tree(Text(""), guide_style="dim", hide_root=True)
    places = sorted(answer.jots, key=_place)
    for place, rows in groupby(places, key=_place):
        name = " ".join(place[1:]).strip() or "not in a registry"
        branch = root.add(Text(name, style="bold", no_wrap=True, overflow="ellipsis"))
        grown: dict[tuple[str, ...], Tree] = {}
        for jot in sorted(rows, key=_order):
            node, path = branch, tuple[str, ...]()
            for line in _lines(graph, jot):
                path = (*path, line.plain)
                if path not in grown:
                    grown[path] = node.add(line)
                node = grown[path]
    return root


def _place(jot: Jot) -> tuple[bool, str, str]:
    """The account and region; what is in no registry is last."""
    return not jot.account, jot.account, jot.region


def _order(jot: Jot) -> tuple[bool, str, str, str]:
    """A sort key: with a commit first, then by image repository, newest version first."""
    return not jot.commit.commit, jot.image.repository if jot.image else "", jot.function, jot.id


def _lines(graph: ResourceGraph, jot: Jot) -> Iterable[Text]:
    yield _commit(jot)
    if jot.local_images:
        yield _line("local image ", local_words(jot))
    if jot.image:
        yield label(graph, jot.image.id)
    if jot.function:
        kind = f"{KINDS[kind_of(jot.id)].word} "
        yield _with_states(_line(kind, function_words(jot)), jot)
    else:
        yield _line("", state_words(jot))
    if jot.role:
        yield _line("role ", role_words(jot))


def _commit(jot: Jot) -> Text:
    commit = jot.commit
    if not commit.commit:
        return _line("", "commit unknown")
    line = _line("commit ", commit_words(commit))
    line.append(f"  {commit.standing.words()}", standing_style(commit.standing))
    line.append(f"  {commit.subject}", "italic")
    return line


def _with_states(line: Text, jot: Jot) -> Text:
    states = states_styled(jot)
    for number, state in enumerate(states):
        line.append(", " if number else "  ").append(state.words, state.style)
    if routes := route_words(jot):
        line.append(f"  {routes}", "dim")
    return line


def _line(kind: str, name: str) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    line = Text(kind, style="", no_wrap=True, overflow="ellipsis")
    line.stylize("dim")
    line.append(name)
    return line
