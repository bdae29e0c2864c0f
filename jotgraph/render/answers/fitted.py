"""A table of one line a row, whose columns give way where the terminal is narrow.

No name is broken: a column is written shorter, then left out, in an order that the table states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.text import Text

GAP = 2
"""Blanks between two columns."""


class How(Enum):
    """How a column gives way."""

    SHORTER = auto()
    """By its next form."""
    BELOW = auto()
    """Its cells stand under the name of their row."""
    OWN_LINE = auto()
    """Of the names: one that is too long has a line of its own."""
    OUT = auto()


class Column(NamedTuple):
    """A heading and its cells, written in one or more ways."""

    heading: str
    forms: Sequence[Sequence[Text]]
    """The cells of every row, first in full, then shorter and shorter."""


class Step(NamedTuple):
    """One column gives way."""

    heading: str
    how: How = How.SHORTER


@dataclass
class _Layout:
    """The columns as they are written at one width."""

    columns: dict[str, Sequence[Text]]
    below: list[str] = field(default_factory=list)
    most: int | None = None
    """Width of the column of names at most; a longer name has a line of its own."""

    def widths(self, key: str) -> dict[str, int]:
        widths = {}
        for heading, cells in self.columns.items():
            if heading in self.below:
                continue
            lengths = [cell.cell_len for cell in cells]
            if heading == key and self.most is not None:
                lengths = [length for length in lengths if length <= self.most]
            widths[heading] = max([len(heading), *lengths])
        return widths


class Fitted(NamedTuple):
    """The table. ``key`` is the column of names, which never gives way; ``most`` is its width where
    nothing else is left to give way: a longer name then has a line of its own."""

    columns: Sequence[Column]
    steps: Sequence[Step]
    key: str
    most: int

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        layout = self._layout(options.max_width)
        widths = layout.widths(self.key)
        yield _heading(widths)
        rows = len(next(iter(layout.columns.values()), ()))
        for row in range(rows):
            cells = {heading: cells[row] for heading, cells in layout.columns.items()}
            yield from self._lines(cells, widths, layout.below)

    def _layout(self, room: int) -> _Layout:
        full = {column.heading: column.forms[0] for column in self.columns}
        layout = _Layout(
            {heading: cells for heading, cells in full.items() if any(cells) or heading == self.key}
        )
        shorter = {column.heading: list(column.forms[1:]) for column in self.columns}
        for heading, how in self.steps:
            if _width(layout.widths(self.key)) <= room:
                return layout
            if heading not in layout.columns:
                continue
            match how:
                case How.OWN_LINE:
                    layout.most = self.most
                case How.OUT:
                    del layout.columns[heading]
                case How.BELOW:
                    layout.below.append(heading)
                case How.SHORTER:
                    forms = shorter[heading]
                    layout.columns[heading] = forms.pop(0) if forms else layout.columns[heading]
        return layout

    def _lines(
        self, cells: dict[str, Text], widths: dict[str, int], below: Sequence[str]
    ) -> Iterator[Text]:
        """A row: one line, or two where the name is too long, and what stands below the name."""
        headings = list(widths)
        at = headings.index(self.key)
        if cells[self.key].cell_len > widths[self.key]:
            yield _joined(cells, {heading: widths[heading] for heading in headings[: at + 1]})
            cells = cells | {heading: cells[heading][:0] for heading in headings[: at + 1]}
        if any(cells[heading] for heading in headings):
            yield _joined(cells, widths)
        indent = sum(widths[heading] + GAP for heading in headings[:at]) + GAP
        for heading in below:
            if cells[heading]:
                line = cells[heading].copy()
                line.pad_left(indent)
                yield _whole(line)


def _width(widths: dict[str, int]) -> int:
    return sum(widths.values()) + GAP * max(len(widths) - 1, 0)


def _heading(widths: dict[str, int]) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return _joined({heading: Text(heading, "bold") for heading in widths}, widths)


def _joined(cells: dict[str, Text], widths: dict[str, int]) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    line = Text()
    for heading, width in widths.items():
        line.append_text(cells[heading])
        line.append(" " * (width + GAP - cells[heading].cell_len))
    line.rstrip()
    return _whole(line)


def _whole(line: Text) -> Text:
    """The line as it is: where even the last step leaves it too long, the terminal wraps it."""
    line.no_wrap, line.overflow = True, "ignore"
    return line
