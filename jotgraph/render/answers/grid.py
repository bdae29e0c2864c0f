"""Rows about resources, as a list for a terminal and as a Markdown table."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from jotgraph.records import (
    Place,
    ResourceId,
    digest_of,
    hex_of,
    kind_of,
    name_of,
    place_of,
    repository_name_of,
)
from jotgraph.records.ids import NOWHERE
from jotgraph.render.answers.findings import CODE_STYLE
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, Group, RenderableType
    from rich.text import Text

A = TypeVar("A")

WRONG = "bold red"
STYLE = {
    **CODE_STYLE,
    "in-use": "green",
    "unknown": "dim",
    "not": "dim",
    "breaks": WRONG,
    "ok": "green",
    "lacks": WRONG,
    "violation": WRONG,
    "contains": "green",
    "removed": "red",
    "added": "green",
}
_RIGHT = ("Frees", "Age")
_NAMED = 3
"""Cells of a row that has a word, a kind and a name only."""
_LEAST = 8
"""Columns that the last cell of a row needs to be wrapped beside the others."""


class Row(NamedTuple):
    """One line: a word, the resource it is about (or none), and why."""

    word: str
    resource: ResourceId | None
    cells: tuple[str, ...] = ()
    because: str = ""
    before: str = ""
    """What leads to ``path`` in the reason."""
    path: tuple[ResourceId, ...] = ()


class Grid(NamedTuple):
    """Headings (of the word, of further cells) and rows."""

    word: str
    cells: Sequence[str]
    rows: Sequence[Row]


def name(resource: ResourceId, place: Place) -> str:
    """A name that commands take, without the account and region if they are those of ``place``;
    digests and SHAs cut."""
    where = place_of(resource)
    if where == NOWHERE:
        return hex_of(resource)[:12]
    in_place = where in (place, Place(place.account, ""))
    prefix = "" if in_place else "/".join(filter(None, where)) + "/"
    if digest_of(resource):
        return f"{prefix}{repository_name_of(resource)}@{hex_of(resource)[:9]}"
    return f"{prefix}{name_of(resource)}"


def _place(resource: ResourceId | None) -> Place:
    return NOWHERE if resource is None else place_of(resource)


def grid_writers(
    grid: Callable[[A], Grid], as_json: Callable[[A], str], csv_rows: Callable[[A], TextTable]
) -> Writers[A]:
    """The writers of an answer whose rows are about resources."""
    return table_like(
        lambda answer: listing(grid(answer)),
        as_json,
        csv_rows,
        lambda answer: markdown_rows(grid(answer)),
    )


def markdown_rows(grid: Grid) -> TextTable:
    """The rows with short names, each with its reason."""
    return TextTable(
        (grid.word, "Resource", *grid.cells, "Because"),
        [
            (row.word, _kind_and_name(row.resource), *row.cells, _reason(row, NOWHERE))
            for row in grid.rows
        ],
    )


def listing(grid: Grid) -> Group:
    """For a terminal: by account and region; rows with one reason share its line below them."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw

    return Group(*_lines(grid)) if grid.rows else Group()


def _lines(grid: Grid) -> Iterator[RenderableType]:
    from rich.padding import Padding  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    shown = [(_place(row.resource), row) for row in grid.rows]
    table = [_cells(row, place) for place, row in shown]
    headings = [grid.word, "Kind", "Name", *grid.cells]
    widths = [max(map(len, column)) for column in zip(headings, *table, strict=True)]
    right = [heading in _RIGHT for heading in headings]
    yield Text(_line(headings, widths, right), "bold")
    by_place = sorted(zip(shown, table, strict=True), key=lambda pair: _order(pair[0][0]))
    for place, rows in groupby(by_place, key=lambda pair: pair[0][0]):
        if any(place):
            yield Text(" ".join(filter(None, place)) if place[1] else f"{place[0]} IAM", "dim")
        for reason, group in _by_reason(rows):
            for row, cells in group:
                if right[-1] or len(cells) == _NAMED:
                    yield _styled(row.word, _line(cells, widths, right))
                else:
                    head = _line([*cells[:-1], "."], [*widths[:-1], 1], [*right[:-1], False])
                    yield _HangingLine(row.word, head[:-1], cells[-1])
            if reason:
                yield Padding(Text(reason, "dim"), (0, 0, 0, widths[0] + 4))


def _order(place: Place) -> tuple[str, bool, str]:
    """What is in no account first; what is of an account in every region last."""
    return (place[0], not place[1], place[1])


Shown = tuple[tuple[Place, Row], list[str]]


def _by_reason(rows: Iterable[Shown]) -> Iterator[tuple[str, list[tuple[Row, list[str]]]]]:
    """Rows of one word and reason together, in the order of the first of each."""
    groups: dict[tuple[str, str], list[tuple[Row, list[str]]]] = {}
    for (place, row), cells in rows:
        groups.setdefault((row.word, _reason(row, place)), []).append((row, cells))
    yield from ((reason, group) for (_, reason), group in groups.items())


def _cells(row: Row, place: Place) -> list[str]:
    if row.resource is None:
        return [row.word, "", "", *row.cells]
    return [row.word, kind_of(row.resource).value, name(row.resource, place), *row.cells]


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = [
        cell.rjust(width) if to_right else cell.ljust(width)
        for cell, width, to_right in zip(cells, widths, right, strict=True)
    ]
    return "  ".join(padded).rstrip()


class _HangingLine(NamedTuple):
    """A line; where the terminal is too narrow, its last cell goes on below itself."""

    words: str
    head: str
    cell: str

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        room = options.max_width - len(self.head)
        parts = textwrap.wrap(self.cell, room) if self.cell and room >= _LEAST else [self.cell]
        yield _styled(self.words, f"{self.head}{parts[0]}".rstrip())
        for part in parts[1:]:
            yield _styled("", " " * len(self.head) + part)


def _styled(words: str, line: str) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    text, at = Text(line), 0
    for word in words.split(" "):
        text.stylize(STYLE.get(word, ""), at, at + len(word))
        at += len(word) + 1
    return text


def _reason(row: Row, place: Place) -> str:
    if not row.path:
        return row.because
    return f"{row.before} {' → '.join(_step(resource, place) for resource in row.path)}".strip()


def _step(resource: ResourceId, place: Place) -> str:
    """``function checkout``, with its region where a list for a whole account names it."""
    where = place_of(resource)
    if where.region and place == Place(where.account, ""):
        return f"{kind_of(resource)} {name(resource, where)} in {where.region}"
    return f"{kind_of(resource)} {name(resource, place)}"


def _kind_and_name(resource: ResourceId | None) -> str:
    return "" if resource is None else f"{kind_of(resource)} {name(resource, NOWHERE)}"
