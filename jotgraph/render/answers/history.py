"""What ran when, and since when something is wrong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from jotgraph.analysis.since.model import Span
from jotgraph.queries.answers.history import History, PastDeployment
from jotgraph.records.ids import short
from jotgraph.records.phrases import counted
from jotgraph.records.titles import title
from jotgraph.records.trail import Event
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.grid import Named
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import Group

_COMMITS = 3


def writers(named: Named = title) -> Writers[History]:
    """A writer for each format."""
    return table_like(partial(as_table, named), as_json, csv_rows, markdown_rows)


def as_table(named: Named, answer: History) -> Group:
    """Return a row for each deployment, newest first; then the findings, and since when they
    exist."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    rows = markdown_rows(answer)
    parts = [Text(named(answer.resource)), Text(answer.resource, "dim")]
    lines = [
        Text(f"{finding.code} {since_words(finding.span)}: {finding.statement}")
        for finding in answer.findings
    ]
    events = [Text(event_words(event)) for event in answer.events]
    table = [rich_table(rows.headings, rows.rows, key="Runs", out=("Until", "Changed"))]
    return Group(*parts, *lines, *(table if answer.deployments else []), *events)


def event_words(event: Event) -> str:
    """Return ``2026-03-01 12:00 UpdateAlias live to version 7 by arn:...``, with a remark on a
    refused call."""
    words = " ".join(filter(None, (_time(event.at), event.call, event.what, "by", event.who)))
    return f"{words} (failed: {event.failed})" if event.failed else words


def since_words(span: Span) -> str:
    """Return ``at least since 2026-03-01 12:00`` or ``since 2026-03-01 12:00 (not on 2026-02-28
    12:00)``, with the number of scans that did not read it."""
    words = f"{'at least since' if span.at_least else 'since'} {_time(span.since)}"
    notes = [f"not at {_time(span.not_before)}"] if span.not_before else []
    notes += [f"not read by {counted(span.unread, 'scan')}"] if span.unread else []
    return f"{words} ({'; '.join(notes)})" if notes else words


def _time(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def as_json(answer: History) -> str:
    """Return every deployment and finding with its span."""
    names = ("resource", "kind", "scans", "first", "deployments", "findings", "events")
    return answer_text("history", answer.about, {name: getattr(answer, name) for name in names})


def csv_rows(answer: History) -> TextTable:
    """A row for each deployment."""
    return TextTable(
        (
            "since", "at_least", "not_before", "until", "unread_scans", "there", "digests",
            "version", "image_uri", "changed_at", "commits", "count", "snapshot",
        ),
        [
            (
                deployment.span.since,
                deployment.span.at_least,
                deployment.span.not_before,
                deployment.span.until,
                deployment.span.unread,
                deployment.there,
                deployment.digests,
                deployment.version,
                deployment.image_uri,
                deployment.changed_at,
                deployment.commits,
                deployment.count,
                deployment.snapshot,
            )
            for deployment in answer.deployments
        ],
    )  # fmt: skip


def markdown_rows(answer: History) -> TextTable:
    """The same in words."""
    return TextTable(
        ("Since (UTC)", "Until", "Runs", "Commit", "Changed"),
        [
            (
                since_words(deployment.span),
                _time(deployment.span.until),
                runs_words(deployment),
                _commits(deployment),
                _time(deployment.changed_at),
            )
            for deployment in answer.deployments
        ],
    )


def runs_words(deployment: PastDeployment) -> str:
    """Return ``version 7 @1a2b3c4d5, 8 for 10 %``, or that it did not exist."""
    if not deployment.there:
        return "not there"
    digests = " ".join(f"@{short(digest)}" for digest in deployment.digests)
    version = f"version {deployment.version} " if deployment.version else ""
    weights = "".join(f", {number} for {share:.0%}" for number, share in deployment.weights)
    return f"{version}{digests}{weights}"


def _commits(deployment: PastDeployment) -> str:
    if not deployment.there:
        return ""
    shown = " ".join(short(sha) for sha in deployment.commits[:_COMMITS])
    more = f" and {deployment.count - _COMMITS:,} more" if deployment.count > _COMMITS else ""
    return f"{shown}{more}" if shown else "unknown"


def note(answer: History) -> str:
    """Return the number of scans used, and the time of the oldest."""
    scans = counted(answer.scans, "scan")
    runs = sum(deployment.there for deployment in answer.deployments)
    return f"{counted(runs, 'deployment')} in {scans} since {_time(answer.first)} UTC"
