"""What ``validate`` found in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jotgraph.queries.answers.validation import Flaw, FlawSeverity, Validation
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import json_text, plain
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like
from jotgraph.render.words import size

if TYPE_CHECKING:
    from rich.console import RenderableType

_STYLE = {
    FlawSeverity.WRONG: "red",
    FlawSeverity.UNKNOWN: "magenta",
    FlawSeverity.WARNING: "yellow",
}
_HEADINGS = ("Severity", "Where", "Finding", "Next step")


def writers() -> Writers[Validation]:
    """A writer for each format."""
    return table_like(as_table, as_json, csv_rows, markdown_rows)


def as_table(result: Validation) -> RenderableType:
    """A row for each finding, the worst first."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return rich_table(
        _HEADINGS[:3],
        [
            (
                Text(finding.severity.value, _STYLE[finding.severity]),
                where(finding),
                " ".join(filter(None, (finding.statement, finding.next))),
            )
            for finding in result.findings
        ],
        key="Where",
        sentence="Finding",
    )


def as_json(result: Validation) -> str:
    """The whole answer; it is of no scan, so there is neither scope nor gap."""
    body = plain(result)
    assert isinstance(body, dict)
    return json_text({"format": "jotgraph/validate/1", **body})


def csv_rows(result: Validation) -> TextTable:
    """A row for each finding."""
    return TextTable(
        ("code", "severity", "file", "line", "statement", "next"),
        [
            (
                finding.code,
                finding.severity,
                finding.file,
                finding.line,
                finding.statement,
                finding.next,
            )
            for finding in result.findings
        ],
    )


def markdown_rows(result: Validation) -> TextTable:
    """A row for each finding, as in the table."""
    rows = [
        (finding.severity.value, where(finding), finding.statement, finding.next)
        for finding in result.findings
    ]
    return TextTable(_HEADINGS, rows)


def where(flaw: Flaw) -> str:
    """Return ``app.py:7``, as editors accept it."""
    return f"{flaw.file}:{flaw.line}" if flaw.line else flaw.file


def note(result: Validation) -> str:
    """``app.handler in src/app.py; 12 files, 34 kB: 1 wrong, 0 unknown, 2 warnings``."""
    handler = result.handler or "no handler"
    file = f" in {result.handler_file}" if result.handler_file else ""
    counts = ", ".join(
        (
            f"{result.count(FlawSeverity.WRONG)} wrong",
            f"{result.count(FlawSeverity.UNKNOWN)} unknown",
            counted(result.count(FlawSeverity.WARNING), "warning"),
        )
    )
    return f"{handler}{file}; {counted(result.files, 'file')}, {size(result.bytes)}: {counts}"
