"""Summarises an estate in five lines, each from the query that answers its question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from jotgraph.analysis.health import Finding, Severity, order
from jotgraph.analysis.health.commands import NO_COMMAND, Command, ours
from jotgraph.analysis.usage import Options
from jotgraph.graph import ResourceGraph, about
from jotgraph.queries.answers.jots import counts
from jotgraph.queries.answers.summary import Cost, Summary
from jotgraph.queries.costs import costs
from jotgraph.queries.jots import jots
from jotgraph.queries.orphans import orphans
from jotgraph.records import Kind

_TO_LOOK_AT = (Severity.WRONG, Severity.LOOK)


def summary(
    graph: ResourceGraph, *, ref: str | None = None, options: Options | None = None
) -> Summary:
    """Count what runs, what is wrong, what is unused and what that costs. ``ref`` is that of
    ``jots``, ``options`` are those of ``orphans``. Raises UnknownNameError for a ref that no
    repository has, OptionError for options that name an unknown doubt."""
    deployed = [jot for jot in jots(graph, ref=ref).jots if jot.function]
    judged, stored = orphans(graph, options=options), costs(graph, options=options)
    distinct = {finding for jot in deployed for finding in jot.findings}
    findings = tuple(sorted(distinct, key=order))
    kinds = Counter(judgement.kind for judgement in judged.orphans)
    return Summary(
        about=about(graph),
        counts=counts(deployed),
        tested=sum(jot.tests.passed for jot in deployed),
        findings=findings,
        orphans=tuple((kind, kinds[kind]) for kind in Kind if kinds[kind]),
        unknown=len(judged.unknown),
        assumed=tuple(sorted(set(options.assume_no))) if options else (),
        cost=Cost(stored.stored, stored.unused, stored.unread, stored.prices, stored.assumed),
        next=_next(graph, findings, bool(kinds)),
    )


def _next(graph: ResourceGraph, findings: Iterable[Finding], orphaned: bool) -> Command:
    """The recommended command: for what is wrong, then what was not read, then what may be
    deleted."""
    known = [finding for finding in findings if finding.known and finding.severity in _TO_LOOK_AT]
    wrong = [finding for finding in known if finding.severity is Severity.WRONG]
    if wrong:
        return next((finding.next for finding in wrong if finding.next.name), ours("stale"))
    known_of = about(graph)
    if any(gap.asked for gap in known_of.gaps) or not known_of.scope.accounts:
        return ours("scan")
    if known:
        return ours("stale")
    return ours("plan", "cleanup") if orphaned else NO_COMMAND
