"""Rows as CSV text and as a Markdown table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def csv_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV. A text that a spreadsheet would run as a formula is preceded by a quote
    (OWASP, CSV injection)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows([_tame(each) for each in row] for row in rows)
    return out.getvalue()


def _tame(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as a Markdown table; pipes and angle brackets in cells are escaped."""
    lines = [headings, ["---"] * len(headings), *([_escape(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _escape(cell: str) -> str:
    escaped = cell.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", " ")
