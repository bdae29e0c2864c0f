"""A table with one line a row, whose columns shrink in a narrow terminal.

No name is broken: columns are shortened, then left out, in an order that the table defines.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.text import Text

GAP = 2
"""Blanks between two columns."""
_READABLE = 24
"""Least width of reasons beside their rows."""
_NARROWEST = 20
_SAME = "″"
"""Stands for a reason equal to the one above."""


class Shortening(Enum):
    """How a column shrinks."""

    SHORTER = auto()
    """Its next shorter form is used."""
    BELOW = auto()
    """Its cells move below the name of their row."""
    OWN_LINE = auto()
    """For names: one that is too long gets a line of its own."""
    OUT = auto()


class Column(NamedTuple):
    """A heading and its cells, in one or more forms."""

    heading: str
    forms: Sequence[Sequence[Text]]
    """The cells of every row: first in full, then shorter and shorter."""
    right: bool = False
    """Whether its cells are right-aligned, as numbers are."""


class Narrowing(NamedTuple):
    """One step in which a column shrinks."""

    heading: str
    how: Shortening = Shortening.SHORTER


@dataclass
class _Layout:
    """The forms of the columns at one width."""

    columns: dict[str, Sequence[Text]]
    below: list[str] = field(default_factory=list)
    most: int | None = None
    """Greatest width of names; a longer one has a line of its own."""

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
    """The table. ``key`` is the column of names, which is never left out; ``most`` is its width
    when nothing else can shrink: a longer name then has a line of its own. ``reasons`` are a
    sentence for each row: beside it where there is room, else below it."""

    columns: Sequence[Column]
    steps: Sequence[Narrowing]
    key: str
    most: int
    reasons: Sequence[Text] = ()
    beside: str = "Because"
    """Heading of the reasons beside their rows."""

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> Iterator[Text]:
        room = options.max_width
        layout = self._layout(
            room - (GAP + len(_SAME)) * any(map(self._same, range(len(self.reasons))))
        )
        widths = layout.widths(self.key)
        beside = self._beside(widths, room)
        yield _heading(widths, self._right, self.beside if beside else "")
        rows = len(next(iter(layout.columns.values()), ()))
        for row in range(rows):
            cells = {heading: cells[row] for heading, cells in layout.columns.items()}
            lines = list(self._lines(cells, widths, layout.below))
            if self.reasons:
                lines = self._reasoned(lines, row, widths, room, beside)
            yield from lines

    @property
    def _right(self) -> frozenset[str]:
        return frozenset(column.heading for column in self.columns if column.right)

    def _beside(self, widths: dict[str, int], room: int) -> bool:
        """Whether the reasons are beside their rows, which is so when that needs no more lines."""
        left, below = room - _width(widths) - GAP, room - _indent(widths)
        longest = max((reason.cell_len for reason in self.reasons), default=0)
        if not longest or left < min(longest, _READABLE):
            return False
        reasons = [
            reason.plain
            for row, reason in enumerate(self.reasons)
            if reason and not self._same(row)
        ]
        if any(len(word) > left for reason in reasons for word in reason.split()):
            return False  # a name that would be broken, or stand out
        lines = sum(len(_wrapped(reason, left)) for reason in reasons)
        return lines <= sum(1 + len(_wrapped(reason, below)) for reason in reasons)

    def _same(self, row: int) -> bool:
        """Whether a row has the same reason as the row above."""
        if row == 0 or not self.reasons[row]:
            return False
        return self.reasons[row - 1].plain == self.reasons[row].plain

    def _reasoned(
        self, lines: list[Text], row: int, widths: dict[str, int], room: int, beside: bool
    ) -> list[Text]:
        """A row with its reason, wrapped between words; a repeated reason is replaced by a mark."""
        from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

        reason = self.reasons[row]
        if not reason:
            return lines
        same = self._same(row)
        edge = _width(widths) + GAP
        if beside or (same and edge < room):
            parts = [_SAME] if same else _wrapped(reason.plain, room - edge)
            if lines[-1].cell_len > edge - GAP:  # a long name, and no cell but it
                lines.append(_whole(Text()))
            lines[-1].pad_right(edge - lines[-1].cell_len)
            lines[-1].append(parts[0], reason.style)
            return [*lines, *(_whole(Text(" " * edge + part, reason.style)) for part in parts[1:])]
        indent = _indent(widths)
        parts = [_SAME] if same else _wrapped(reason.plain, room - indent)
        return [*lines, *(_whole(Text(" " * indent + part, reason.style)) for part in parts)]

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
                case Shortening.OWN_LINE:
                    widths = layout.widths(self.key)
                    others = _width(widths) - widths[self.key]
                    layout.most = max(self.most, room - others)
                case Shortening.OUT:
                    del layout.columns[heading]
                case Shortening.BELOW:
                    layout.below.append(heading)
                case Shortening.SHORTER:
                    forms = shorter[heading]
                    layout.columns[heading] = forms.pop(0) if forms else layout.columns[heading]
        return layout

    def _lines(
        self, cells: dict[str, Text], widths: dict[str, int], below: Sequence[str]
    ) -> Iterator[Text]:
        """The lines of a row: one, or two if the name is too long, and what moved below the
        name."""
        headings = list(widths)
        at = headings.index(self.key)
        if cells[self.key].cell_len > widths[self.key]:
            before = {heading: widths[heading] for heading in headings[: at + 1]}
            yield _joined(cells, before, self._right)
            cells = cells | {heading: cells[heading][:0] for heading in headings[: at + 1]}
        if any(cells[heading] for heading in headings):
            yield _joined(cells, widths, self._right)
        indent = sum(widths[heading] + GAP for heading in headings[:at]) + GAP
        for heading in below:
            if cells[heading]:
                line = cells[heading].copy()
                line.pad_left(indent)
                yield _whole(line)


def _indent(widths: dict[str, int]) -> int:
    """Indentation of reasons below their rows: under the second column, and further in."""
    return next(iter(widths.values())) + 2 * GAP


def _width(widths: dict[str, int]) -> int:
    return sum(widths.values()) + GAP * max(len(widths) - 1, 0)


def _heading(widths: dict[str, int], right: Collection[str], beside: str) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    line = _joined({heading: Text(heading, "bold") for heading in widths}, widths, right)
    if beside:
        line.pad_right(_width(widths) + GAP - line.cell_len)
        line.append(beside, "bold")
    return line


def _joined(cells: dict[str, Text], widths: dict[str, int], right: Collection[str]) -> Text:
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    line = Text()
    for heading, width in widths.items():
        blanks = " " * max(width - cells[heading].cell_len, 0)
        line.append(blanks if heading in right else "")
        line.append_text(cells[heading])
        line.append("" if heading in right else blanks).append(" " * GAP)
    line.rstrip()
    return _whole(line)


def _wrapped(words: str, room: int) -> list[str]:
    """Lines of whole words; existing line breaks are kept, and a name longer than a line is not
    broken."""
    room = max(room, _NARROWEST)
    return [
        part
        for line in words.split("\n")
        for part in textwrap.wrap(line, room, break_long_words=False, break_on_hyphens=False)
    ] or [""]


def _whole(line: Text) -> Text:
    """The line unchanged: if even the last step leaves it too long, the terminal wraps it."""
    line.no_wrap, line.overflow = True, "ignore"
    return line
