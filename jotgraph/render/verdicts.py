"""Verdicts, staleness, impact, differences and violations -> rows of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from jotgraph.gate import Checked
from jotgraph.queries.difference import Difference
from jotgraph.queries.impact import Impact
from jotgraph.queries.orphans import Judgement, Orphans
from jotgraph.queries.staleness import Staleness
from jotgraph.queries.where import Where
from jotgraph.records import ResourceId, key_of, kind_of
from jotgraph.render import csv, markdown

if TYPE_CHECKING:
    from rich.table import Table

_UNITS = ("B", "KB", "MB", "GB", "TB")
_STYLE = {
    "in-use": "green",
    "orphan": "yellow",
    "unknown": "dim",
    "breaks": "bold red",
    "broken": "bold red",
    "lacks": "bold red",
    "violation": "bold red",
    "removed": "red",
    "added": "green",
}


class Grid(NamedTuple):
    """Headings and rows; the first column is a word that may be coloured."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def size(number: int | None, at_most: bool = False) -> str:
    """``12.3 MB``; ``≤`` before an upper bound; empty when not known."""
    if number is None:
        return ""
    value, unit = float(number), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    digits = 0 if unit == 0 or value >= 100 else 1
    return f"{'≤ ' if at_most else ''}{value:.{digits}f} {_UNITS[unit]}"


def name(resource: ResourceId) -> str:
    """A short name: kind, place and name, digests cut."""
    head, at, digest = key_of(resource).partition("@sha256:")
    text = f"{head}@{digest[:12]}" if at else head
    if text.startswith("sha256:") or kind_of(resource) in ("commit", "container"):
        text = text.removeprefix("sha256:")[:12]
    return f"{kind_of(resource)} {text}"


def way(path: Iterable[ResourceId]) -> str:
    """A path of resources in one line."""
    return " → ".join(name(each) for each in path)


def orphans(answer: Orphans, *, everything: bool = False) -> Grid:
    """Orphans and unknown ones; what is in use too, if ``everything``."""
    shown = [*answer.orphans, *answer.unknown, *(answer.in_use if everything else ())]
    return Grid(
        ("Verdict", "Resource", "Frees", "Age", "Because"),
        [
            (
                each.verdict.value,
                name(each.id),
                size(each.bytes, each.at_most),
                "" if each.age_days is None else f"{each.age_days:.0f} d",
                _because(each),
            )
            for each in shown
        ],
    )


def _because(each: Judgement) -> str:
    if len(each.witness) > 1:
        return way(each.witness)
    return "; ".join(doubt.statement for doubt in each.doubts) or each.because


def stale(answer: Staleness, *, everything: bool = False) -> Grid:
    """What is out of date or broken; everything that runs, if ``everything``."""
    return Grid(
        ("State", "Resource", "Runs", "Stands", "Because"),
        [
            (
                " ".join(each.states) or "ok",
                name(each.id),
                ", ".join(image.rpartition("@")[2][7:19] for image in each.runs),
                each.lag.words(),
                "; ".join([*(found.because for found in each.findings), *each.unread]),
            )
            for each in answer.functions
            if each.states or everything
        ],
    )


def where(answer: Where, *, lacks: bool = False) -> Grid:
    """Who contains the commit, lacks it, or may; only who lacks it, if ``lacks``."""
    lists = (
        ("lacks", answer.lacks),
        ("unknown", answer.unknown),
        ("contains", () if lacks else answer.contains),
    )
    return Grid(
        ("Commit", "Resource", "Because"),
        [(word, name(each.id), each.because) for word, some in lists for each in some],
    )


def impact(answer: Impact) -> Grid:
    """What breaks, fails later, is left alone, or survives."""
    lists = (
        ("breaks", answer.breaks),
        ("next build fails", answer.rebuilds),
        ("left without use", answer.left),
        ("survives", answer.survives),
    )
    return Grid(
        ("Then", "Resource", "Because", "Path"),
        [
            (word, name(each.id), each.because, way(each.path))
            for word, some in lists
            for each in some
        ],
    )


def difference(answer: Difference) -> Grid:
    """What was added, removed and changed, and what one of the two did not read."""
    lists = (("added", answer.added), ("removed", answer.removed), ("not read", answer.unread))
    rows = [(word, name(each), "") for word, some in lists for each in some]
    rows += [("changed", name(each.id), ", ".join(each.fields)) for each in answer.changed]
    return Grid(("What", "Resource", "Fields"), rows)


def violations(answer: Checked) -> Grid:
    """Rules that do not hold, then what could not be judged."""
    lists = (("violation", answer.violations), ("not read", answer.unknown))
    return Grid(
        ("Result", "Rule", "Resource", "Because"),
        [
            (
                word,
                each.rule,
                name(ResourceId(each.resource)) if ":" in each.resource else each.resource,
                each.because,
            )
            for word, some in lists
            for each in some
        ],
    )


def table(grid: Grid) -> Table:
    """For a terminal."""
    from rich.table import Table  # noqa: PLC0415 -- rich is imported only to draw
    from rich.text import Text  # noqa: PLC0415 -- as above

    found = Table(box=None, pad_edge=False, header_style="bold", show_header=bool(grid.rows))
    for heading in grid.headings:
        found.add_column(heading, overflow="fold", no_wrap=heading in ("Frees", "Age"))
    for first, *rest in grid.rows:
        style = _STYLE.get(first.split(" ")[0], "")
        found.add_row(Text(first, style=style), *(Text(each) for each in rest))
    return found


def as_csv(grid: Grid) -> str:
    """RFC 4180."""
    return csv.table([each.lower() for each in grid.headings], grid.rows)


def as_markdown(grid: Grid) -> str:
    """GitHub flavour."""
    return markdown.table(grid.headings, grid.rows)
