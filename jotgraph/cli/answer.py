"""An answer -> stdout, its gaps -> stderr, and the exit code."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

import click

from jotgraph.cli.lazy import Failure
from jotgraph.cli.options import Output, Reading

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.segment import Segment

    from jotgraph.graph import About
    from jotgraph.records import Gap, Scope

FOUND, GAPS = 1, 3
WIDTH_OF_A_PIPE = 100
_GAPS_SHOWN = 10

OF_VERDICTS = frozenset(
    {"callers", "invocations", "policy", "lifecycle", "replication", "pull-through", "tags"}
)
"""Facts that only verdicts use (``orphans``, ``plan``…): lineages do not need them."""
OF_BYTES = frozenset({"content"})
"""Facts that verdicts do not use: what ``scan --content`` left out makes none uncertain."""

A = TypeVar("A")


def write(
    answer: A, output: Output, writers: Mapping[str, Callable[[A], RenderableType | str]]
) -> None:
    """Write an answer to stdout by the writer of the format asked for. Text is written as it is;
    anything else is drawn by rich."""
    written = writers[output.format](answer)
    if isinstance(written, str):
        click.echo(written, nl=False)
    else:
        draw(written, output.color)


def draw(what: RenderableType, color: bool | None, *, err: bool = False) -> None:
    """Draw a table or tree to stdout (or stderr), without trailing blanks."""
    from rich.console import Console  # noqa: PLC0415 -- rich is imported only to draw
    from rich.segment import Segments  # noqa: PLC0415 -- as above

    stream = sys.stderr if err else sys.stdout
    colored = stream.isatty() if color is None else color
    console = Console(
        file=stream,
        width=width(),
        force_terminal=colored,
        no_color=not colored,
        color_system="standard" if colored else None,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(Segments(_harmless(console.render(what))))
    for line in captured.get().splitlines():
        click.echo(line.rstrip(), color=colored, err=err)


def _harmless(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Text from outside (commit subjects, labels) must not steer the terminal."""
    from rich.segment import Segment  # noqa: PLC0415 -- rich is imported only to draw

    from jotgraph.render.words import clean  # noqa: PLC0415 -- with what it draws

    for each in segments:
        text = "\n".join(clean(line, len(line)) for line in each.text.split("\n"))
        yield Segment(text, each.style)


def width() -> int:
    """Columns to fill: COLUMNS, the terminal's, or 100 when stdout is none."""
    if os.environ.get("COLUMNS", "").isdigit() or sys.stdout.isatty():
        return max(shutil.get_terminal_size().columns, 40)
    return WIDTH_OF_A_PIPE


def finish(
    about: About,
    reading: Reading,
    *,
    note: str = "",
    found: bool = False,
    unused: frozenset[str] = frozenset(),
) -> None:
    """Say on stderr of when a stored answer is and what could not be read, then leave with the
    exit code: 1 for ``found`` (with ``--check``), 3 for gaps with ``--strict``, else 0.

    ``unused`` are facts that the answer does not use: what a scan left out of only these, as its
    options asked, is no news (the JSON answer lists it still).
    """
    matter = tuple(each for each in about.gaps if not _left_out_of(each, unused))
    if note:
        click.echo(note, err=True)
    when = f"{about.taken_at:%Y-%m-%d at %H:%M} UTC"
    if reading.stored and when not in note:
        click.echo(f"as read on {when}", err=True)
    for line in gap_lines(matter):
        click.echo(line, err=True)
    if found:  # what was found is there whatever was not read
        raise click.exceptions.Exit(FOUND)
    if matter and reading.strict:
        raise click.exceptions.Exit(GAPS)


def _left_out_of(gap: Gap, unused: frozenset[str]) -> bool:
    return gap.reason == "left-out" and not gap.hides and set(gap.facts) <= unused


def refuse_unread(scope: Scope, gaps: tuple[Gap, ...]) -> None:
    """Raise Failure when no source at all was read, for then any answer is empty; the reasons go
    to stderr first."""
    if not (scope.accounts or scope.places or scope.git or scope.engine):
        for line in gap_lines(gaps):
            click.echo(line, err=True)
        raise Failure(
            "nothing could be read: no AWS account, no Docker engine, no git repository; "
            "an answer would be empty, not true"
        )


def gap_lines(gaps: tuple[Gap, ...]) -> list[str]:
    """What could not be read, a line for those that are alike; long lists are cut."""
    if not gaps:
        return []
    lines = [f"{len(gaps)} gap{'s' * (len(gaps) > 1)}: this much was not read and may exist"]
    alike: dict[tuple[str, ...], list[Gap]] = {}
    for each in gaps:
        alike.setdefault(_kind(each), []).append(each)
    shown = list(alike.values())[:_GAPS_SHOWN]
    for first, *rest in shown:
        lines.append(f"  {_said(first)}{f' (and {len(rest)} more like it)' * bool(rest)}")
    left = len(gaps) - sum(map(len, shown))
    if left:
        lines.append(f"  … and {left} more (--format json lists them)")
    return lines


def _kind(gap: Gap) -> tuple[str, ...]:
    """What gaps are alike in: all but the resource they are about."""
    detail = gap.detail.replace(gap.resource, "") if gap.resource else gap.detail
    return (gap.service, gap.action, gap.account, gap.region, gap.reason, detail)


def _said(gap: Gap) -> str:
    """``lambda ListFunctions in 111111111111/eu-west-1: denied: allow lambda:ListFunctions``."""
    return " ".join(": ".join(filter(None, (gap.call, gap.reason, gap.detail))).split())
