"""An estate in five lines, for a terminal, a chat or the summary of a job."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from jotgraph.analysis.coverage import assumption, lacking_words, without_account
from jotgraph.analysis.health.commands import Command
from jotgraph.analysis.health.model import Code, Finding, Severity
from jotgraph.analysis.health.table import TABLE
from jotgraph.queries.answers.summary import Summary
from jotgraph.records import KINDS, Gap, short_name
from jotgraph.records.phrases import age, counted, listed
from jotgraph.render.answers.costs import dollars, storage_body
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.findings import count_words, unread_counts
from jotgraph.render.answers.text_table import without_mentions
from jotgraph.render.answers.writers import Writers
from jotgraph.render.words import clean, size

if TYPE_CHECKING:
    from rich.console import RenderableType

_ASKING = frozenset({"impact", "lifecycle", "plan", "rescue", "show", "stale", "why"})
"""Commands that findings and the summary recommend, and that take ``--from``."""


class Line(NamedTuple):
    """One of the five lines."""

    title: str
    words: str
    command: bool = False
    style: str = "bold"
    """Of the title, on a terminal."""


def writers(*, stored: str = "", now: datetime | None = None) -> Writers[Summary]:
    """Return a writer for each format; ``stored`` is the inventory for the recommended command,
    ``now`` the time for its age."""
    return {
        "text": partial(as_text, stored=stored, now=now),
        "md": partial(as_markdown, stored=stored, now=now),
        "json": as_json,
    }


def as_text(answer: Summary, *, stored: str = "", now: datetime | None = None) -> str:
    """Return five lines with aligned titles."""
    lines = five(answer, stored, now)
    widest = max(len(line.title) for line in lines) + 2
    return "".join(f"{f'{line.title}:'.ljust(widest)}{line.words}\n" for line in lines)


def as_terminal(
    answer: Summary, *, stored: str = "", now: datetime | None = None
) -> RenderableType:
    """The same for a terminal: long lines go on below their words, and the command stays whole."""
    from rich.console import Group  # noqa: PLC0415 -- rich is imported only to draw
    from rich.table import Table  # noqa: PLC0415 -- as above
    from rich.text import Text  # noqa: PLC0415 -- as above

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column()
    lines = five(answer, stored, now)
    for line in lines[:-1]:
        grid.add_row(Text(f"{line.title}:", line.style), Text(line.words))
    widest = max(len(line.title) for line in lines) + 3
    last = lines[-1]
    command = Text(f"{last.title}:".ljust(widest), last.style, no_wrap=True, overflow="ignore")
    return Group(grid, command.append(last.words, "bold cyan" if last.command else ""))


def as_markdown(answer: Summary, *, stored: str = "", now: datetime | None = None) -> str:
    """The same as a list, with the command as code."""
    return "".join(
        f"- **{line.title}:** {f'`{line.words}`' if line.command else _escaped(line.words)}\n"
        for line in five(answer, stored, now)
    )


def as_json(answer: Summary) -> str:
    """Return the data of the lines, with every finding."""
    cost = answer.cost
    body = {
        "counts": dict(answer.counts),
        "tested": answer.tested,
        "findings": answer.findings,
        "orphans": dict(answer.orphans),
        "unknown": answer.unknown,
        "assumed": answer.assumed,
        "cost": {
            "stored": storage_body(cost.stored),
            "unused": storage_body(cost.unused),
            "unread": cost.unread,
            "prices": cost.prices,
            "assumed": cost.assumed,
        },
        "next": answer.next,
    }
    return answer_text("summary", answer.about, body)


def five(answer: Summary, stored: str = "", now: datetime | None = None) -> tuple[Line, ...]:
    """Return what runs, what is wrong, what is unused, what was not read, and the recommended
    command."""
    command = _next(answer.next, stored)
    wrong = any(finding.severity is Severity.WRONG for finding in answer.findings)
    lines = (
        Line("Runs", _runs(answer, now)),
        Line("Wrong", _wrong(answer.findings), style="bold red" if wrong else "bold"),
        Line("Unused", _unused(answer)),
        Line("Not read", _unread(answer)),
        Line("Next", command or "nothing to do", bool(command)),
    )
    return tuple(line._replace(words=clean(line.words, _LONGEST)) for line in lines)


_LONGEST = 400
"""Longest line, in characters, which a chat shows without folding."""


def _runs(answer: Summary, now: datetime | None) -> str:
    counts = dict(answer.counts)
    taken = answer.about.taken_at
    ago = f", {age((now - taken).total_seconds() / 86400)}" if now else ""
    when = f"scanned {taken:%Y-%m-%d %H:%M} UTC{ago}"
    if not counts["deployments"]:
        return f"no deployment in what was read ({when})"
    users = " and ".join(
        counted(counts[f"{noun}s"], noun) for noun in ("function", "workload") if counts[f"{noun}s"]
    )
    images, commits = counted(counts["images"], "image"), counted(counts["commits"], "commit")
    what = counted(counts["deployments"], "deployment")
    tested = f", {answer.tested:,} tested" if answer.tested else ""
    return f"{what} of {users}{tested}: {images}, from {commits} ({when})"


def _wrong(findings: Iterable[Finding]) -> str:
    """``1 broken (thumbs), 2 drift (reports, search); to look at: 4 lag``."""
    shown = tuple(finding for finding in findings if finding.code is not Code.ORPHAN)
    wrong = _named(finding for finding in shown if finding.severity is Severity.WRONG)
    look = [finding for finding in shown if finding.severity is Severity.LOOK]
    parts = [wrong or "nothing in what was read"]
    if look:
        parts.append(f"to look at: {count_words(look, '')}")
    unread = unread_counts(finding for finding in shown if not finding.known)
    return "; ".join(filter(None, (*parts, unread)))


def _named(findings: Iterable[Finding]) -> str:
    by_code: dict[Code, dict[str, None]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, {})[short_name(finding.resource)] = None
    return ", ".join(
        f"{len(names):,} {TABLE[code].word} ({listed(tuple(names))})"
        for code, names in by_code.items()
    )


def _unused(answer: Summary) -> str:
    """``3 orphans (2 images, 1 role): 40 MB in ECR, $1.20 of $4.00 a month; 9 more may be``."""
    number = sum(count for _, count in answer.orphans)
    kinds = ", ".join(
        counted(count, KINDS[kind].title, KINDS[kind].plural) for kind, count in answer.orphans
    )
    what = f"{counted(number, 'orphan')} ({kinds})" if number else "no orphan"
    more = "more " if number else ""
    parts = (
        f"{what}: {_money(answer)}",
        f"{answer.unknown:,} {more}may be unused" if answer.unknown else "",
        assumption(answer.assumed),
    )
    return "; ".join(filter(None, parts))


def _money(answer: Summary) -> str:
    cost = answer.cost
    if nothing := without_account(answer.about.scope):
        return nothing
    bytes_ = size(cost.unused.bytes, cost.unused.at_most)
    unused, stored = (dollars(taken, cost.unread) for taken in (cost.unused, cost.stored))
    return f"{bytes_} in ECR, {unused} of {stored} a month"


def _unread(answer: Summary) -> str:
    """What failed, by call; then what a scan was not asked to read."""
    gaps = answer.about.gaps
    failed = list(dict.fromkeys(_words(gap) for gap in gaps if gap.asked))
    options = dict.fromkeys(gap.option for gap in gaps if not gap.asked and gap.option)
    nothing = "" if answer.about.scope.accounts else "any AWS account"
    lacking = lacking_words(answer.about.scope)
    parts = [
        nothing or (listed(failed, 2) if failed else "nothing that was asked for"),
        f"not asked for: {', '.join(options)}" if options else "",
        f"may run images, too: {lacking}" if lacking else "",
    ]
    return "; ".join(filter(None, parts))


def _words(gap: Gap) -> str:
    return f"{gap.call} ({gap.why})"


def _next(command: Command, stored: str) -> str:
    """The command as it works when pasted: with the same inventory."""
    asks = stored and command.name in _ASKING
    return f"{command} --from {shlex.quote(stored)}" if asks else str(command)


def _escaped(words: str) -> str:
    """Text escaped for Markdown and GitHub (markup, formulas, names)."""
    table: dict[str, str] = {character: f"\\{character}" for character in "\\`*_[]<>|$~"}
    escaped = "".join(table.get(character, character) for character in words)
    return without_mentions(escaped)
