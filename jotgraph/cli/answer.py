"""The end of a command: the answer on stdout, what was not read on stderr, and the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from jotgraph.cli.defaults import set_aside
from jotgraph.cli.lazy import CommandError
from jotgraph.cli.not_read import GAPS_SHOWN, stderr_color, tell_coverage, tell_gaps
from jotgraph.cli.options import Output
from jotgraph.cli.scan_options import Reading
from jotgraph.cli.terminal import columns_of_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.segment import Segment

    from jotgraph.graph import About
    from jotgraph.records import Gap, Scope

FOUND, GAPS = 1, 3
WIDTH_OF_A_PIPE = 100
_REASONS_SHOWN = 2

OF_VERDICTS = frozenset(
    {"callers", "invocations", "policy", "lifecycle", "replication", "pull-through", "tags"}
)
"""Facts that only verdicts need (``orphans``, ``plan``…), not lineages."""
OF_BYTES = frozenset({"content"})
"""Facts that verdicts do not need: what ``scan --content`` left out makes none uncertain."""

SIGNING_IN = frozenset({"GetCallerIdentity", "AssumeRole"})
"""The calls that show whether an account is signed in to."""

A = TypeVar("A")


Writers = Mapping[str, Callable[[A], "RenderableType | str"]]
"""The writer of an answer in each format."""


def write(answer: A, output: Output, writers: Writers[A]) -> None:
    """Write an answer to stdout in the requested format."""
    click.echo(written(answer, writers, output), nl=False, color=colored(output))


def written(answer: A, writers: Writers[A], output: Output) -> str:
    """Return an answer in the requested format; anything but text is rendered by rich."""
    text = writers[output.format](answer)
    return text if isinstance(text, str) else drawn(text, colored(output))


def colored(output: Output) -> bool:
    """Return whether stdout has colours."""
    return sys.stdout.isatty() if output.color is None else output.color


def write_each(
    answers: Sequence[A], output: Output, writers: Mapping[str, Callable[[A], RenderableType | str]]
) -> None:
    """Write the answers on several names: one below the other, as a list in JSON, as one table in
    CSV. A single one is written as ``write`` does."""
    if len(answers) == 1:
        write(answers[0], output, writers)
        return
    write_one = writers[output.format]
    if output.format == "json":
        texts = [str(write_one(answer)).rstrip("\n") for answer in answers]
        listed = ",\n".join(texts)
        click.echo(f"[\n{listed}\n]")
    elif output.format == "csv":
        tables = [str(write_one(answer)).splitlines(keepends=True) for answer in answers]
        click.echo("".join(tables[0][:1] + [row for rows in tables for row in rows[1:]]), nl=False)
    else:
        for number, answer in enumerate(answers):
            click.echo("\n" if number else "", nl=False)
            write(answer, output, writers)


def draw(what: RenderableType, color: bool | None, *, err: bool = False) -> None:
    """Print a table or tree to stdout (or stderr), without trailing blanks."""
    shown = (sys.stderr if err else sys.stdout).isatty() if color is None else color
    click.echo(drawn(what, shown, err=err), color=shown, err=err, nl=False)


def drawn(what: RenderableType, color: bool, *, err: bool = False) -> str:
    """Return a table or tree as text, without trailing blanks."""
    from rich.console import Console  # noqa: PLC0415 -- rich is imported only to draw
    from rich.segment import Segments  # noqa: PLC0415 -- as above

    console = Console(
        file=sys.stderr if err else sys.stdout,
        width=width(),
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(Segments(_harmless(console.render(what))), crop=False)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _harmless(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Foreign text (commit subjects, labels) without control characters for the terminal."""
    from rich.segment import Segment  # noqa: PLC0415 -- rich is imported only to draw

    from jotgraph.render.words import clean  # noqa: PLC0415 -- with what it draws

    for segment in segments:
        if segment.text.isprintable() or segment.text == "\n":  # nearly every one
            yield segment
            continue
        text = "\n".join(clean(line, len(line)) for line in segment.text.split("\n"))
        yield Segment(text, segment.style)


def width() -> int:
    """Return the width to use: COLUMNS, the terminal's, or 100 when stdout is none."""
    if os.environ.get("COLUMNS", "").isdigit() or sys.stdout.isatty():
        return max(columns_of_terminal(), 40)
    return WIDTH_OF_A_PIPE


def finish(
    about: About,
    reading: Reading,
    *,
    note: str = "",
    any_found: bool = False,
    unread: Sequence[str] = (),
    unused: frozenset[str] = frozenset(),
    covered: bool = False,
    in_answer: bool = False,
) -> None:
    """Print the age of a stored inventory and what was not read on stderr, then exit.

    The code is 1 if ``any_found`` (with ``--check``), 4 if a gate needs something ``unread``, 3
    with ``--strict`` if something requested was not read, else 0. ``unused`` are facts that the
    answer does not need: gaps about these alone are not printed if they were not requested (the
    JSON answer lists them). ``covered``: the note already says which services were read.
    ``in_answer``: the answer itself says when it was read and what was not.
    """
    matter = tuple(gap for gap in about.gaps if not _left_out_of(gap, unused))
    if note:
        click.echo(note, err=True)
    for line in set_aside():
        click.echo(line, err=True)
    if reading.stored and not in_answer:
        newest = f", the newest of {reading.stored} (--fresh scans)" if reading.by_setting else ""
        now = datetime.now(UTC)
        click.echo(f"{scanned(about.taken_at, now)}{newest}", err=True)
        if reading.gate and reading.max_age is None:
            _tell_old(about.taken_at, now)
    if not in_answer:
        tell_gaps(matter)
    if not covered and not in_answer:
        tell_coverage(about.scope)
    if any_found:  # what was found is there whatever was not read
        raise click.exceptions.Exit(FOUND)
    if unread:
        refuse_to_pass(unread)
    if reading.strict and _failed(about, matter):
        raise click.exceptions.Exit(GAPS)


def _failed(about: About, matter: tuple[Gap, ...]) -> bool:
    """Whether something that was requested and matters was not read."""
    from jotgraph.analysis.gates import failed  # noqa: PLC0415 -- only a run needs it

    return not set(matter).isdisjoint(failed(about))


def refuse_to_pass(unread: Sequence[str]) -> NoReturn:
    """Raise Failure for a gate that needs something unread, after printing the reasons on
    stderr."""
    click.echo("Needed but not read:", err=True)
    for reason in unread[:GAPS_SHOWN]:
        click.echo(f"  {' '.join(reason.split())}", err=True)
    if len(unread) > GAPS_SHOWN:
        click.echo(f"  … and {len(unread) - GAPS_SHOWN:,} more", err=True)
    raise CommandError("this check cannot pass: scan again with what it needs to read")


def _left_out_of(gap: Gap, unused: frozenset[str]) -> bool:
    return not gap.asked and not gap.hides and set(gap.facts) <= unused


def scanned(when: datetime, now: datetime) -> str:
    """Return when an inventory was read: ``Scanned 2026-11-26 14:30 UTC (20 min ago)``."""
    return f"Scanned {moment(when, now)}"


def moment(when: datetime, now: datetime) -> str:
    """Return a time with its age: ``2026-11-26 14:30 UTC (20 min ago)``."""
    from jotgraph.records.phrases import age  # noqa: PLC0415 -- what only a run needs

    ago = age((now - when).total_seconds() / 86400)
    return f"{when:%Y-%m-%d %H:%M} UTC ({ago})"


def _tell_old(taken_at: datetime, now: datetime) -> None:
    """Warn on stderr when a check uses an old inventory, which proves nothing about today."""
    from jotgraph.records.phrases import age  # noqa: PLC0415 -- what only a run needs

    ago = (now - taken_at).total_seconds() / 86400
    if ago >= _OLD:
        line = f"This checks what was there {age(ago)}: --max-age 1d refuses an older inventory"
        click.secho(line, err=True, fg="yellow", color=stderr_color())


_OLD = 1.0
"""Age in days from which a check reports that its inventory is old."""
_AHEAD = 1 / 24
"""How far ahead the clock of a scan may be, in days."""


def refuse_old(taken_at: datetime, most: float, reference: str) -> None:
    """Raise Failure for an inventory older than this many days, or dated in the future."""
    from jotgraph.records.phrases import age, span  # noqa: PLC0415 -- what only a run needs

    ago = (datetime.now(UTC) - taken_at).total_seconds() / 86400
    if not -_AHEAD <= ago <= most:
        raise CommandError(
            f"{reference} was scanned {age(ago)}, and no check passes on what is older than "
            f"{span(most)} (--max-age): scan again, or pass --fresh"
        )


def hidden_versions(count: int) -> str:
    """Return how many older versions an answer leaves out, or nothing."""
    from jotgraph.records.phrases import counted  # noqa: PLC0415 -- what only a run needs

    return f"{counted(count, 'older version')} not shown (--all-versions)" if count else ""


def refuse_unread(scope: Scope, gaps: tuple[Gap, ...], *, aws: bool = False) -> None:
    """Raise CommandError when no source was read, so that any answer would be empty, or no
    requested AWS account was signed in to. The reasons are printed on stderr first."""
    if aws and not scope.accounts:
        raise CommandError(
            f"no AWS account could be signed in to: {_why_not(gaps)}, or pass --no-aws"
        )
    if not (scope.accounts or scope.places or scope.git or scope.engine):
        tell_gaps(gaps)
        raise CommandError(
            "nothing could be read: no AWS account, no Docker engine and no git repository"
        )


def _why_not(gaps: Iterable[Gap]) -> str:
    """``profile prod: the token has expired; sign in again``: the reason of each session, once; of
    many accounts the first."""
    details = list(dict.fromkeys(gap.detail for gap in gaps if gap.action in SIGNING_IN))
    more = len(details) - _REASONS_SHOWN
    shown = [" ".join(detail.split()) for detail in details[:_REASONS_SHOWN]]
    shown += [f"and {more:,} more"] if more > 0 else []
    return "; ".join(shown) or "sign in with --profile"
