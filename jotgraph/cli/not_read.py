"""What was not read, as lines on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from jotgraph.cli.saying import say

if TYPE_CHECKING:
    from jotgraph.records import Gap, Scope

GAPS_SHOWN = 10


def tell_coverage(scope: Scope) -> None:
    """Print which services may run images and were not read, dimmed; nothing if all were."""
    from jotgraph.analysis.coverage import coverage_note  # noqa: PLC0415 -- what only a run needs

    if note := coverage_note(scope):
        _dim(note)


def tell_gaps(gaps: Sequence[Gap]) -> None:
    """Print what was not read on stderr: failures in yellow, what was not requested dimmed."""
    failed, pending, left_out = gap_lines(gaps), not_yet(gaps), not_asked_for(gaps)
    if sys.stderr.isatty() and (failed or pending or left_out):
        click.echo(err=True)
    for line in (*failed, *filter(None, [pending])):
        say(line, fg="yellow", color=stderr_color())
    if left_out:
        _dim(left_out)


def _dim(line: str) -> None:
    say(line, dim=True, color=stderr_color())


def stderr_color() -> bool | None:
    """Return whether stderr has colours; None leaves that to click."""
    return False if os.environ.get("NO_COLOR") else None


def gap_lines(gaps: Sequence[Gap]) -> list[str]:
    """Return a line for each group of similar gaps; long lists are cut."""
    failed = [gap for gap in gaps if gap.asked and not gap.pending]
    if not failed:
        return []
    alike: dict[tuple[str, ...], list[Gap]] = {}
    for gap in failed:
        alike.setdefault(_kind(gap), []).append(gap)
    groups = list(alike.values())[:GAPS_SHOWN]
    lines = [f"Not read ({len(failed):,}):", *map(_gap_line, groups)]
    left = len(failed) - sum(map(len, groups))
    if left:
        lines.append(f"  … and {left:,} more (--format json lists them)")
    return lines


def _kind(gap: Gap) -> tuple[str, ...]:
    """What similar gaps have in common: everything but the resource."""
    detail = gap.detail.replace(gap.resource, "") if gap.resource else gap.detail
    return (gap.service, gap.action, gap.account, gap.region, gap.reason, detail)


def _gap_line(alike: list[Gap]) -> str:
    """``lambda ListFunctions in 111111111111/eu-west-1: denied: allow lambda:ListFunctions``."""
    first = alike[0]
    more = f" and {len(alike) - 1:,} more" if len(alike) > 1 else ""
    line = ": ".join(filter(None, (first.call + more, first.reason, first.detail)))
    return f"  {' '.join(line.split())}"


def not_yet(gaps: Iterable[Gap]) -> str:
    """Return what the scan has still to read, in one line."""
    from jotgraph.records.gaps import together  # noqa: PLC0415 -- what only a run needs

    pending = [gap for gap in gaps if gap.pending]
    return f"Not read yet: {', '.join(together(pending))}" if pending else ""


def not_asked_for(gaps: Iterable[Gap]) -> str:
    """Return what the scan was not asked to read, in one line with the options for it."""
    from jotgraph.records.gaps import together  # noqa: PLC0415 -- as above

    by_option: dict[str, list[Gap]] = {}
    for gap in gaps:
        if not gap.asked:
            by_option.setdefault(gap.option, []).append(gap)
    parts = (
        ", ".join(together(left_out)) + (f" ({option})" if option else "")
        for option, left_out in by_option.items()
    )
    return f"Not asked for: {'; '.join(parts)}" if by_option else ""
