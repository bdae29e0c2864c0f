"""The table of deployments: which commit runs where."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from jotgraph.analysis.health.table import order
from jotgraph.queries.answers.jots import Jot, Jots, counts
from jotgraph.records import key_of, name_of, region_of
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.findings import SEVERITY_STYLE, count_words
from jotgraph.render.answers.jots_words import (
    date_words,
    function_words,
    image_words,
    local_words,
    loud,
    role_words,
    route_words,
    scan_words,
    standing_words,
    state_words,
    test_words,
    tests_state,
    whole_commit_words,
)
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.source import folder_words, handler_words
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.vulnerabilities import COLUMNS as SCAN_COLUMNS
from jotgraph.render.answers.vulnerabilities import scan_cells
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import RenderableType

HEADINGS = ("State", "Deployment", "Commit", "Lag", "Local image", "Image", "Role")
CSV_COLUMNS = (
    "account", "region", "function", "qualifiers", "aliases", "commit", "commits", "standing",
    "behind", "ref", "local_image", "local_tags", "repository", "tags", "digest", "role", "states",
    "follows", "conflict", "package", "service", "committed_at", "built_at", "pushed_at",
    "deployed_at", "source", "folders", "packages", "handler", "handler_from", *SCAN_COLUMNS,
    "tests", "tested_at",
)  # fmt: skip


SCAN = "Last scan"


TESTS = "Tests"
DATES = ("Committed", "Built", "Pushed", "Deployed")
SOURCE, HANDLER = "Source", "Handler"


class Extra(NamedTuple):
    """Optional columns of the table."""

    scans: bool = False
    """The result of the image's last scan."""
    dates: bool = False
    tests: bool = False
    """The newest test results of the image."""
    source: bool = False
    """The folder of its files, its package, and the handler."""

    def cells(self) -> dict[str, Callable[[Jot], str]]:
        """Return the cells of a row by heading."""
        writers: dict[str, Callable[[Jot], str]] = {}
        if self.source:
            writers |= {
                SOURCE: lambda jot: folder_words(jot.source),
                HANDLER: lambda jot: handler_words(jot.source),
            }
        if self.dates:
            writers |= {heading: partial(date_words, heading.lower()) for heading in DATES}
        if self.scans:
            writers[SCAN] = scan_words
        if self.tests:
            writers[TESTS] = test_words
        return writers


NO_MORE = Extra()


def writers(extra: Extra = NO_MORE) -> Writers[Jots]:
    """Return a writer for each format; ``extra`` adds columns to tables."""
    from jotgraph.render.answers.jots_table import as_table  # noqa: PLC0415 -- it needs this module

    return table_like(
        partial(as_table, extra=extra), as_json, csv_rows, partial(markdown_rows, extra=extra)
    )


def as_json(answer: Jots) -> str:
    """Every row with all its fields."""
    return answer_text("jots", answer.about, {"jots": answer.jots}, version=2)


def csv_rows(answer: Jots) -> TextTable:
    """Return a row for each deployment, with whole SHAs and digests and plain states."""
    return TextTable(
        CSV_COLUMNS,
        [
            (
                jot.account,
                jot.region,
                jot.function,
                jot.qualifiers,
                [f"{route.alias}={route.share:g}" for route in jot.routes],
                jot.commit.commit or None,
                jot.commit.count,
                standing_words(jot.commit.standing),
                jot.commit.standing.behind,
                jot.commit.standing.ref,
                [key_of(image) for image in jot.local_images],
                jot.local_tags,
                jot.image.repository if jot.image else None,
                jot.image.tags if jot.image else None,
                jot.image.digest if jot.image else None,
                role_words(jot),
                jot.states,
                jot.follows,
                jot.commit.conflict_kind,
                jot.package,
                jot.service,
                jot.dates.committed,
                jot.dates.built,
                jot.dates.pushed,
                jot.dates.deployed,
                jot.source.repository or None,
                jot.source.folders,
                jot.source.packages,
                jot.source.handler or None,
                jot.source.handler_from or None,
                *scan_cells(jot.image.vulnerabilities if jot.image else None),
                tests_state(jot),
                jot.tests.at,
            )
            for jot in answer.jots
        ],
    )


def markdown_rows(answer: Jots, extra: Extra = NO_MORE) -> TextTable:
    """The table as in the terminal."""
    more = extra.cells()
    return TextTable(
        (*HEADINGS, *more),
        [
            (
                loud(state_words(jot)),
                " ".join(filter(None, (function_words(jot), route_words(jot)))),
                whole_commit_words(jot.commit),
                jot.commit.standing.words(),
                local_words(jot),
                image_words(jot),
                role_words(jot),
                *(write(jot) for write in more.values()),
            )
            for jot in answer.jots
        ],
    )


def wrong(answer: Jots) -> RenderableType:
    """Yield a line for each known finding of a function, worst first, with its command."""
    from rich.text import Text  # noqa: PLC0415 -- rich is imported only to draw

    known = {
        finding for jot in answer.jots for finding in jot.findings if jot.function and finding.known
    }
    rows = [
        (
            Text(finding.word, SEVERITY_STYLE[finding.severity]),
            f"{name_of(finding.resource)} {region_of(finding.resource)}",
            finding.statement,
        )
        for finding in sorted(known, key=order)
    ]
    return rich_table(
        ("State", "Deployment", "Because"), rows, key="Deployment", sentence="Because"
    )


def note(answer: Jots) -> str:
    """Return the number of deployments, how many have each finding, and what was not read."""
    number = dict(counts(answer.jots))["deployments"]
    if not number:
        return ""
    findings = (finding for jot in answer.jots if jot.function for finding in jot.findings)
    return f"{counted(number, 'deployment')}: {count_words(findings, 'nothing wrong')}"
