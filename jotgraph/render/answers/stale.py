"""What is out of date or broken."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from jotgraph.analysis.coverage import without_account
from jotgraph.analysis.health.model import Severity
from jotgraph.analysis.health.table import RANKS, unread
from jotgraph.queries.answers.staleness import StaleEntry, Staleness
from jotgraph.records import digest_of
from jotgraph.records.ids import short
from jotgraph.records.titles import title
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.findings import count_words
from jotgraph.render.answers.grid import Grid, Named, Row, by_place, grid_writers, titles
from jotgraph.render.answers.history import since_words
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers

if TYPE_CHECKING:
    from jotgraph.analysis.health.model import Code
    from jotgraph.analysis.since.model import Span
    from jotgraph.records import ResourceId


Since: TypeAlias = "Mapping[tuple[ResourceId, Code], Span]"
"""Since when each finding of a resource exists."""


def writers(
    named: Named = title, *, everything: bool = False, since: Since | None = None
) -> Writers[Staleness]:
    """Return a writer for each format; ``everything`` adds healthy resources, ``since`` adds since
    when."""
    return grid_writers(
        partial(grid, named=named, everything=everything, since=since),
        partial(as_json, since=since),
        partial(csv_rows, everything=everything),
    )


def grid(
    answer: Staleness,
    *,
    named: Named = title,
    everything: bool = False,
    since: Since | None = None,
) -> Grid:
    """Return what is out of date or broken, worst first; with ``everything`` all that runs."""
    rows = [_row(entry, named, since or {}) for entry in _shown(answer, everything)]
    return Grid("State", ("Lag", "Runs"), rows, named)


def _shown(answer: Staleness, everything: bool) -> list[StaleEntry]:
    shown = [entry for entry in answer.functions if everything or _worth_a_row(entry)]
    return sorted(shown, key=_worst)


def as_json(answer: Staleness, *, since: Since | None = None) -> str:
    """Return every function, version and alias with its findings; with ``since``, since when."""
    spans = [
        {"id": resource, "code": code, "span": span}
        for (resource, code), span in sorted((since or {}).items(), key=lambda item: item[0])
    ]
    body = {
        "ref": answer.ref,
        "functions": answer.functions,
        "since": None if since is None else spans,
    }
    return answer_text("stale", answer.about, body, version=2)


def csv_rows(answer: Staleness, *, everything: bool = False) -> TextTable:
    """A row for everything that is out of date or broken, or for all that runs."""
    return TextTable(
        (
            "states", "kind", "resource", "runs", "follows", "standing", "behind", "touching",
            "ref", "because", "unread",
        ),
        [
            (
                entry.states,
                entry.kind,
                entry.id,
                entry.runs,
                entry.follows,
                entry.lag.state,
                entry.lag.behind,
                entry.lag.touching,
                entry.lag.ref,
                "; ".join(_statements(entry)),
                unread(entry.findings),
            )
            for entry in _shown(answer, everything)
        ],
    )  # fmt: skip


def note(answer: Staleness) -> str:
    """Return how many have each finding, and how many could not be judged."""
    if not answer.functions:
        return without_account(answer.about.scope) or "nothing that could be checked was read"
    findings = (finding for entry in answer.functions for finding in entry.findings)
    counts = count_words(findings, "nothing is out of date or broken")
    return f"{len(answer.functions)} checked: {counts}"


def _worst(entry: StaleEntry) -> tuple[int, int, tuple[bool, int, str, str]]:
    """A sort key: the worst state, then the number of others."""
    ranks = sorted(map(RANKS.__getitem__, entry.states))
    return (ranks[0] if ranks else len(RANKS), -len(ranks), by_place(entry.id))


def _row(entry: StaleEntry, named: Named, since: Since) -> Row:
    runs = ", ".join(titles(named, entry.runs))
    digests = " ".join(short(digest_of(image)) for image in entry.runs)
    stands = (
        entry.lag.words(),
        entry.lag.words(touching=False),
        entry.lag.words(touching=False, ref=False),
    )
    facts = unread(entry.findings)
    spans = [(code, since[entry.id, code]) for code in entry.states if (entry.id, code) in since]
    reasons = [
        *_statements(entry),
        *(f"{code} {since_words(span)}" for code, span in spans),
        *([f"not read: {', '.join(fact.words for fact in facts)}"] if facts else []),
    ]
    states = tuple(entry.states) or "ok"
    return Row(states, entry.id, (stands, (runs, digests)), "; ".join(reasons))


def _worth_a_row(entry: StaleEntry) -> bool:
    wrong = any(
        finding.known and finding.severity is not Severity.GOOD for finding in entry.findings
    )
    return wrong or entry.lag.touching == 0


def _statements(entry: StaleEntry) -> list[str]:
    """The findings, without a lag that its column shows already; and that the missing commits
    change nothing in the image."""
    lag = entry.lag
    known = [finding for finding in entry.findings if finding.known]
    own = [finding for finding in known if finding.lag == lag and not finding.version]
    more = lag.inputs or lag.perhaps
    statements = [finding.statement for finding in known if more or finding not in own]
    quiet = lag.touching == 0 or lag.perhaps
    if not quiet or (own and more):
        return statements
    other = any(finding.version not in ("", "$LATEST") for finding in known)
    return [*statements, f"its main version: {entry.lag_says}" if other else entry.lag_says]
