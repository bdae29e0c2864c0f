"""Findings in words: for a cell, and as lines at the top of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from jotgraph.analysis.health.commands import ours
from jotgraph.analysis.health.model import Finding, Severity
from jotgraph.analysis.health.table import TABLE, unread
from jotgraph.records import KINDS, ResourceId, kind_of, short_name
from jotgraph.render.answers.wrapped import Wrapped

_HANG = 4
"""Column at which the further lines of a finding begin."""

SEVERITY_STYLE: Mapping[Severity, str] = MappingProxyType(
    {
        Severity.WRONG: "bold red",
        Severity.LOOK: "yellow",
        Severity.REMARK: "dim",
        Severity.GOOD: "green",
        Severity.UNKNOWN: "dim",
    }
)
CODE_STYLE: Mapping[str, str] = MappingProxyType(
    {code.value: SEVERITY_STYLE[entry.severity] for code, entry in TABLE.items()}
)
"""Remarks by code, for words that are no finding of their own."""


def finding_lines(
    findings: Iterable[Finding], resource: ResourceId, answer: str = ""
) -> list[Wrapped]:
    """Return a line for each known finding with its command, and one for everything unread of the
    resource. ``resource`` is the subject of the ``answer`` (``show``): it is not named again, and
    that answer is not recommended."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    every = tuple(findings)
    answers = [ours(answer, name) for name in (short_name(resource), resource)]
    lines = []
    for finding in every:
        if finding.known:
            line = Text().append(TABLE[finding.code].word.upper(), SEVERITY_STYLE[finding.severity])
            if finding.resource != resource:
                line.append(f"  {_called(finding.resource)}: {finding.statement}.")
            else:
                line.append(f"  {finding.statement}.")
            here = finding.next in answers
            line.append(f" Next: {finding.next}" if finding.next and not here else "", "dim")
            lines.append(Wrapped(line, _HANG))
    if missing := unread_words(finding for finding in every if finding.resource == resource):
        lines.append(Wrapped(Text(f"Not read: {missing}", "dim"), _HANG))
    return lines


def _called(resource: ResourceId) -> str:
    return f"{KINDS[kind_of(resource)].word} {short_name(resource)}"


def unread_words(findings: Iterable[Finding]) -> str:
    """Return ``state, invocations (jotgraph scan --refresh --usage)``; empty if everything was
    read."""
    every = tuple(findings)
    words = ", ".join(fact.words for fact in unread(every))
    scan = scan_words(every)
    return f"{words} ({scan})" if scan else words


def scan_words(findings: Iterable[Finding]) -> str:
    """Return the one scan that reads what these lack, ``jotgraph scan --refresh --usage``; empty if
    no scan does."""
    readable = [finding for finding in findings if finding.unread and finding.next.name == "scan"]
    options = {
        option: None
        for fact in unread(readable)
        for finding in readable
        if finding.unread is fact
        for option in finding.next.arguments
    }
    return str(ours("scan", *options)) if readable else ""


def count_words(findings: Iterable[Finding], nothing: str) -> str:
    """Return how many resources have each finding, worst first, and what was not read: ``1 broken,
    4 lag; not read: state of 7 (jotgraph scan --refresh)``. ``nothing`` is returned when nothing is
    known."""
    every = tuple(findings)
    known = {(finding.code, finding.resource) for finding in every if finding.known}
    counts = {
        code: f"{count} {entry.word}"
        for code, entry in TABLE.items()
        if (count := sum(code is other for other, _ in known))
    }
    good = [words for code, words in counts.items() if TABLE[code].severity is Severity.GOOD]
    counted = [words for code, words in counts.items() if TABLE[code].severity is not Severity.GOOD]
    summary = ", ".join([*(counted or ([nothing] if nothing else [])), *good])
    missing = unread_counts(every)
    return f"{summary}; {missing}" if missing else summary


def unread_counts(findings: Iterable[Finding]) -> str:
    """Return what was not read: ``not read: state of 7 (jotgraph scan --refresh)``; empty if
    everything was read."""
    every = tuple(findings)
    missing = [
        f"{fact.words} of {len({finding.resource for finding in every if finding.unread is fact})}"
        for fact in unread(every)
    ]
    scan = scan_words(every)
    command = f" ({scan})" if scan else ""
    return f"not read: {', '.join(missing)}{command}" if missing else ""
