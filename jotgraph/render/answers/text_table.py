"""Tables as text: CSV for machines, and Markdown for people."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from jotgraph.render.answers.envelope import Json, plain
from jotgraph.render.words import clean


class TextTable(NamedTuple):
    """Headings, and rows of as many cells: any JSON values, or lists of them."""

    headings: Sequence[str]
    rows: Iterable[Sequence[object]]


def csv_text(table: TextTable) -> str:
    """Return a table as CSV (RFC 4180).

    Ids are whole, numbers have no unit, times are ISO 8601, booleans ``true`` and ``false``, lists
    are joined by blanks, and unknown values are empty. A text that a spreadsheet would run as a
    formula is preceded by a quote (OWASP, CSV injection); control characters and those that change
    direction or end the row are replaced, except line breaks in multi-line cells.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.headings)
    writer.writerows([_csv_cell(plain(cell)) for cell in row] for row in table.rows)
    return out.getvalue()


def markdown_text(table: TextTable) -> str:
    """Return a table as GitHub's Markdown, or nothing without rows. Markup is escaped, and
    characters that change the text direction are replaced."""
    rule = ["---"] * len(table.headings)
    headings = [_escaped(heading) for heading in table.headings]
    cells = [[_escaped(str(cell)) for cell in row] for row in table.rows]
    if not cells:
        return ""
    return "".join(f"| {' | '.join(line)} |\n" for line in (headings, rule, *cells))


_MENTION = re.compile(r"(?<!\w)@(?=\w)")


def without_mentions(words: str) -> str:
    """Return text in which GitHub notifies nobody: ``@name`` with a zero-width blank."""
    return _MENTION.sub("@\u200b", words)


_FORMULA = ("=", "+", "-", "@")


def _csv_cell(value: Json) -> object:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            lines = (clean(line, len(line)) for line in value.split("\n"))
            text = "\n".join(lines)  # which is quoted; a return alone would begin another row
            return f"'{text}" if text.startswith(_FORMULA) else text
        case list():
            return _csv_cell(" ".join(str(_csv_cell(part)) for part in value))
        case _:
            return value


def _escaped(cell: str) -> str:
    escaped = cell.replace("\\", "\\\\").replace("|", "\\|").replace("](", "]\\(")
    escaped = escaped.replace("<", "&lt;").replace(">", "&gt;")
    line = " ".join(escaped.splitlines())
    return without_mentions(clean(line, len(line)))
