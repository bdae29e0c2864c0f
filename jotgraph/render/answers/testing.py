"""The results of ``test`` and ``invoke``: a line for each case, and the differences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jotgraph.queries.answers.testing import CaseResult, CaseStatus, Figures, Mismatch, TestReport
from jotgraph.records.ids import short, shortened
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import json_text, plain
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import RenderableType

_STYLE = {CaseStatus.PASSED: "green"}
_HEADINGS = ("Case", "Result", "Seconds", "Details")
_TRACE = 5
"""The most lines of a stack trace in a table; JSON has them all."""


def writers() -> Writers[TestReport]:
    """A writer for each format."""
    return table_like(as_table, as_json, csv_rows, markdown_rows)


def as_table(report: TestReport) -> RenderableType:
    """A row for each case, in the order of the run."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    return rich_table(
        _HEADINGS,
        [
            (
                result.name,
                Text(result.status.value, _STYLE.get(result.status, "red")),
                f"{result.seconds:.3f}",
                "\n".join(details(result)),
            )
            for result in report.results
        ],
        key=_HEADINGS[0],
        sentence=_HEADINGS[-1],
    )


def as_json(report: TestReport) -> str:
    """The whole answer; it is of no scan, so there is neither scope nor gap."""
    body = plain(report)
    assert isinstance(body, dict)
    return json_text({"format": "jotgraph/test/1", "passed": report.passed, **body})


def csv_rows(report: TestReport) -> TextTable:
    """A row for each case."""
    return TextTable(
        ("case", "status", "seconds", "billed_ms", "init_ms", "version", "details"),
        [
            (
                result.name,
                result.status.value,
                result.seconds,
                result.figures.billed_ms if result.figures else None,
                result.figures.init_ms if result.figures else None,
                result.version,
                "; ".join(details(result)),
            )
            for result in report.results
        ],
    )


def markdown_rows(report: TestReport) -> TextTable:
    """A row for each case, as in the table."""
    rows = [
        (result.name, result.status.value, f"{result.seconds:.3f}", "; ".join(details(result)))
        for result in report.results
    ]
    return TextTable(_HEADINGS, rows)


def details(result: CaseResult) -> tuple[str, ...]:
    """Return why a case did not pass, and what Lambda reports about the call."""
    ran = ", ".join(filter(None, (_ran(result), figures(result.figures or Figures()))))
    return (*_why_not(result), *([ran] if ran else []))


def _ran(result: CaseResult) -> str:
    """``version 7 (0123abcd4)``: the version that Lambda ran, and the digest of its image."""
    digest = f" ({short(result.digest)})" if result.digest else ""
    return f"version {result.version}{digest}" if result.version else ""


def _why_not(result: CaseResult) -> Iterator[str]:
    if not result.passed and result.error is not None:
        kind = f"{result.error.type}: " if result.error.type else ""
        yield f"{kind}{result.error.message}"
        lines = [line for entry in result.error.trace for line in entry.splitlines()]
        yield from [line for line in lines if line.strip("^~ ")][-_TRACE:]
    for difference in result.differences:
        yield from _lines_of(difference)
    more = result.differing - len(result.differences)
    if more:
        yield f"… and {counted(more, 'difference')} more"


def _lines_of(difference: Mismatch) -> Iterator[str]:
    """A difference as in a diff: the expected value, then the answered one."""
    where = f"{difference.path}: " if difference.path else ""
    if difference.expected:
        yield f"- {where}{difference.expected}"
    if difference.answered:
        yield f"+ {where}{difference.answered}"


def figures(measured: Figures) -> str:
    """``billed 12 ms, init 180 ms, 64 of 128 MB``."""
    parts = []
    if measured.billed_ms is not None:
        parts.append(f"billed {measured.billed_ms:g} ms")
    if measured.init_ms is not None:
        parts.append(f"init {measured.init_ms:g} ms")
    if measured.max_memory_mb is not None and measured.memory_mb is not None:
        parts.append(f"{measured.max_memory_mb} of {measured.memory_mb} MB")
    return ", ".join(parts)


def note(report: TestReport) -> str:
    """``2 of 3 cases passed: image sha256:0123abcd4567 by engine build-7``."""
    passed = sum(result.passed for result in report.results)
    cases = f"{passed} of {counted(len(report.results), 'case')} passed"
    image = f"image {shortened(report.image)}" if report.image else "an image that was not seen"
    by = "by" if report.function else "by engine"
    kept = f"; kept in {', '.join(report.evidence)}" if report.evidence else ""
    unkept = f"; not kept: {report.unkept}" if report.unkept else ""
    return f"{cases}: {image} {by} {report.where}{kept}{unkept}"


def log_lines(report: TestReport) -> Iterator[str]:
    """Return the end of the log, if a case failed."""
    if report.passed:
        return
    logs = [(f"The log of {result.name}", result.log) for result in report.results if result.log]
    if report.log:
        logs.append(("The log", report.log))
    for title, lines in logs:
        yield f"{title}, at its end:"
        yield from (f"  {line.expandtabs(2)}".rstrip() for line in lines)
