"""The table of deployments: which commit runs where."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from jotgraph.analysis.health.model import Code, Finding
from jotgraph.analysis.health.table import order
from jotgraph.analysis.lag.model import Standing
from jotgraph.queries.answers.jots import Jot, JotCommit, Jots, Route, counts
from jotgraph.records import key_of, name_of, qualifier_of, region_of
from jotgraph.records.phrases import counted
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.findings import SEVERITY_STYLE, count_words
from jotgraph.render.answers.labels import first_tag, short_digest, short_sha
from jotgraph.render.answers.rich_table import rich_table
from jotgraph.render.answers.source import folder_words, handler_words
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.vulnerabilities import COLUMNS as SCAN_COLUMNS
from jotgraph.render.answers.vulnerabilities import scan_cells
from jotgraph.render.answers.writers import Writers, table_like

if TYPE_CHECKING:
    from rich.console import RenderableType

HEADINGS = ("State", "Function", "Commit", "Local image", "Registry", "Role")
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
    """Columns that a table has on demand."""

    scans: bool = False
    """What the last scan of the image found."""
    dates: bool = False
    tests: bool = False
    """What the newest tests of the image found."""
    source: bool = False
    """The folder that its files are from, its package, and the handler."""

    def cells(self) -> dict[str, Callable[[Jot], str]]:
        """By heading what is written of a row."""
        writers: dict[str, Callable[[Jot], str]] = {}
        if self.source:
            writers |= {
                SOURCE: lambda jot: folder_words(jot.source),
                HANDLER: lambda jot: handler_words(jot.source),
            }
        if self.dates:
            writers |= {heading: partial(_date, heading.lower()) for heading in DATES}
        if self.scans:
            writers[SCAN] = scan_words
        if self.tests:
            writers[TESTS] = test_words
        return writers


NO_MORE = Extra()


def writers(extra: Extra = NO_MORE) -> Writers[Jots]:
    """A writer for each format; ``extra`` adds columns to tables."""
    from jotgraph.render.answers.jots_table import as_table  # noqa: PLC0415 -- it needs this module

    return table_like(
        partial(as_table, extra=extra), as_json, csv_rows, partial(markdown_rows, extra=extra)
    )


def as_json(answer: Jots) -> str:
    """Every row with all its fields."""
    return answer_text("jots", answer.about, {"jots": answer.jots}, version=2)


def csv_rows(answer: Jots) -> TextTable:
    """A row for each deployment, with whole SHAs and digests and plain states."""
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
                _standing(jot.commit.standing),
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
                _tests_state(jot),
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
                _loud(state_words(jot)),
                " ".join(filter(None, (function_words(jot), route_words(jot)))),
                _whole_commit(jot.commit),
                local_words(jot),
                image_words(jot),
                role_words(jot),
                *(write(jot) for write in more.values()),
            )
            for jot in answer.jots
        ],
    )


def wrong(answer: Jots) -> RenderableType:
    """A line for each finding of a function that is known, worst first, with what to do next."""
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
    """How many deployments there are, how many have each finding, and what was not read."""
    number = dict(counts(answer.jots))["deployments"]
    if not number:
        return ""
    findings = (finding for jot in answer.jots if jot.function for finding in jot.findings)
    return f"{counted(number, 'deployment')}: {count_words(findings, 'nothing wrong')}"


def function_words(jot: Jot) -> str:
    """``checkout:7`` or, for ``$LATEST``, ``checkout``; of a workload ``ecs prod/web``."""
    if not jot.function:
        return ""
    if jot.service:
        return f"{jot.service} {jot.function}"
    first = jot.qualifiers[0]
    return jot.function if first == "$LATEST" else f"{jot.function}:{first}"


def route_words(jot: Jot) -> str:
    """Other versions of the same code, and aliases: ``=7, prod, canary 10%``."""
    same = [f"={qualifier}" for qualifier in jot.qualifiers[1:]]
    return ", ".join([*same, *(_route(route) for route in jot.routes)])


def commit_words(commit: JotCommit) -> str:
    """``1a2b3c4d5``, or ``1a2b3c4d5 +8`` for a set of nine."""
    return short_sha(commit.commit) + (f" +{commit.more}" if commit.more else "")


def files_words(commit: JotCommit) -> str:
    """``1 file differs, 2 untracked``, or empty where the files are the commit's."""
    words = []
    if commit.modified:
        words.append(f"{counted(commit.modified, 'file')} differ{'s' * (commit.modified == 1)}")
    if commit.untracked:
        words.append(f"{commit.untracked:,} untracked")
    return ", ".join(words)


def _whole_commit(commit: JotCommit) -> str:
    stands = " ".join(filter(None, (commit_words(commit), commit.standing.words())))
    return ", ".join(filter(None, (stands, files_words(commit))))


def image_words(jot: Jot) -> str:
    """``shop/checkout:1.4 @1a2b3c4d5``."""
    if jot.image is None:
        return ""
    tags = f":{','.join(jot.image.tags)}" if jot.image.tags else _untagged(jot)
    return f"{jot.image.repository}{tags} @{short_digest(jot.image.digest)}"


def tag_words(jot: Jot) -> str:
    """``:1.4 +2``: the first tag of the image and how many more there are; empty without one."""
    return f":{first_tag(jot.image.tags)}" if jot.image and jot.image.tags else ""


def _untagged(jot: Jot) -> str:
    """Of an image that is gone or was not read nobody knows whether it has a tag."""
    unseen = {Code.BROKEN, Code.RESCUABLE, Code.IMAGE_UNREAD}
    return "" if unseen.intersection(jot.states) else " untagged"


def local_words(jot: Jot) -> str:
    """The shortest local tag, or the image's id when it has none."""
    if jot.local_tags:
        return jot.local_tags[0]
    return short_digest(key_of(jot.local_images[0])) if jot.local_images else ""


def role_words(jot: Jot) -> str:
    return name_of(jot.role) if jot.role else ""


def scan_words(jot: Jot) -> str:
    """``3 critical, 12 high``, or why nobody knows; nothing where no image is known."""
    return jot.image.vulnerabilities.words() if jot.image else ""


def test_words(jot: Jot) -> str:
    """``passed 3 cases, 2026-11-27``, or nothing where no test is known."""
    return f"{jot.tests.words()}, {jot.tests.at:%Y-%m-%d}" if jot.tests.at else ""


def _tests_state(jot: Jot) -> str | None:
    """``passed`` or ``failed``; None where no test is known."""
    if not jot.tests.cases:
        return None
    return "passed" if jot.tests.passed else "failed"


def _date(name: str, jot: Jot) -> str:
    when = getattr(jot.dates, name)
    return f"{when:%Y-%m-%d %H:%M}" if when else ""


def state_words(jot: Jot) -> str:
    """``drift → 1a2b3c4d5, idle (7)``: what the deployed tag names now; of which version, where it
    is not of all in the row."""
    return ", ".join(word for word, _ in states_styled(jot))


def states_styled(jot: Jot) -> list[tuple[str, str]]:
    """The words of what is known of a row, worst first, each with its style. How far it lags is
    said of its commit."""
    shown: dict[str, list[Finding]] = {}
    for finding in jot.findings:
        if finding.known and finding.code is not Code.LAG:
            shown.setdefault(finding.word, []).append(finding)
    words = [
        (_state(jot, word, findings), SEVERITY_STYLE[findings[0].severity])
        for word, findings in shown.items()
    ]
    if not jot.function:
        words.append(("not deployed", "yellow"))
    return words + ([("zip", "dim")] if jot.package == "zip" else [])


def _state(jot: Jot, word: str, findings: list[Finding]) -> str:
    if findings[0].code is Code.DRIFT:
        word = f"drift → {', '.join(short_digest(digest) for digest in jot.follows)}"
    of = {finding.resource for finding in findings}
    some = [qualifier_of(ending) or "$LATEST" for ending in sorted(of)]
    return f"{word} ({', '.join(some)})" if len(of) < len(jot.qualifiers) else word


def _route(route: Route) -> str:
    return route.alias if route.share == 1 else f"{route.alias} {route.share:.0%}"


def _standing(standing: Standing) -> str:
    """``behind``, or ``dirty behind``, ``hint behind``, ``near behind``."""
    return " ".join(filter(None, ("dirty" if standing.dirty else standing.doubt, standing.state)))


def _loud(words: str) -> str:
    return f"**{words}**" if words else ""
