"""Verdicts, staleness, impact, differences and violations -> rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from jotgraph.gate import Checked
from jotgraph.queries.difference import Difference, Seen
from jotgraph.queries.impact import Impact
from jotgraph.queries.orphans import Judgement, Orphans
from jotgraph.queries.staleness import Staleness
from jotgraph.queries.where import Where
from jotgraph.records import Kind, ResourceId, Scope, key_of, kind_of
from jotgraph.render import csv, markdown

if TYPE_CHECKING:
    from rich.table import Table

A = TypeVar("A")

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


def name(resource: ResourceId, place: bool = True) -> str:
    """A short name: kind, place (unless there is only one) and name, digests cut."""
    kind = kind_of(resource)
    head, at, digest = key_of(resource).partition("@sha256:")
    if not place and "/" in head:
        head = head.split("/", 1 if kind is Kind.ROLE else 2)[-1]
    text = f"{head}@{digest[:12]}" if at else head
    if text.startswith("sha256:") or kind in (Kind.COMMIT, Kind.CONTAINER):
        text = text.removeprefix("sha256:")[:12]
    return f"{kind} {text}"


def way(path: Iterable[ResourceId], place: bool = True) -> str:
    """A path of resources in one line."""
    return " → ".join(name(each, place) for each in path)


def _placed(scope: Scope) -> bool:
    return len(scope.places) != 1


_UNSEEN: Mapping[ResourceId, Seen] = {}


def orphans(
    answer: Orphans, *, everything: bool = False, seen: Mapping[ResourceId, Seen] = _UNSEEN
) -> Grid:
    """Orphans and unknown ones; what is in use too, if ``everything``; since when, by ``seen``."""
    place = _placed(answer.about.scope)
    shown = [*answer.orphans, *answer.unknown, *(answer.in_use if everything else ())]
    return Grid(
        ("Verdict", "Resource", "Frees", "Age", *(["Orphan since"] if seen else []), "Because"),
        [
            (
                each.verdict.value,
                name(each.id, place),
                size(each.bytes, each.at_most),
                "" if each.age_days is None else f"{each.age_days:.0f} d",
                *([_since(seen.get(each.id))] if seen else []),
                _because(each, place),
            )
            for each in shown
        ],
    )


def _since(past: Seen | None) -> str:
    return f"{past.orphan_since:%Y-%m-%d}" if past and past.orphan_since else ""


def orphans_note(answer: Orphans) -> str:
    """What it comes to, in one line, with how far the scan looked."""
    space = answer.freed
    parts = (
        (space.ecr, space.ecr_at_most, "in ECR"),
        (space.local, space.local_at_most, "on the engine"),
    )
    frees = ", ".join(f"{size(number, bound)} {where}" for number, bound, where in parts if number)
    places = ", ".join("/".join(each) for each in answer.about.scope.places) or "no AWS place"
    unseen = ", ".join(answer.about.scope.not_scanned)
    return (
        f"{len(answer.orphans)} orphans{f' ({frees})' if frees else ''}, "
        f"{len(answer.unknown)} unknown, {len(answer.in_use)} in use; looked in {places}"
        f"{f'; not scanned: {unseen}' if unseen else ''}"
    )


def _because(each: Judgement, place: bool) -> str:
    if len(each.witness) > 1:
        return way(each.witness, place)
    return "; ".join(doubt.statement for doubt in each.doubts) or each.because


def stale(answer: Staleness, *, everything: bool = False) -> Grid:
    """What is out of date or broken; everything that runs, if ``everything``."""
    place = _placed(answer.about.scope)
    return Grid(
        ("State", "Resource", "Runs", "Stands", "Because"),
        [
            (
                " ".join(each.states) or "ok",
                name(each.id, place),
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
    place = _placed(answer.about.scope)
    lists = (
        ("lacks", answer.lacks),
        ("unknown", answer.unknown),
        ("contains", () if lacks else answer.contains),
    )
    return Grid(
        ("Commit", "Resource", "Because"),
        [(word, name(each.id, place), each.because) for word, some in lists for each in some],
    )


def impact(answer: Impact) -> Grid:
    """What breaks, fails later, is left alone, or survives, each with the way that says so."""
    place = _placed(answer.about.scope)
    lists = (
        ("breaks", answer.breaks),
        ("next build fails", answer.rebuilds),
        ("left without use", answer.left),
        ("survives", answer.survives),
    )
    return Grid(
        ("Then", "Resource", "Because"),
        [
            (word, name(each.id, place), way(each.path, place))
            for word, some in lists
            for each in some
        ],
    )


def difference(answer: Difference) -> Grid:
    """What was added, removed and changed, and what one of the two did not read."""
    place = _placed(answer.about.scope)
    lists = (("added", answer.added), ("removed", answer.removed), ("not read", answer.unread))
    rows = [(word, name(each, place), "") for word, some in lists for each in some]
    rows += [("changed", name(each.id, place), ", ".join(each.fields)) for each in answer.changed]
    return Grid(("What", "Resource", "Fields"), rows)


def violations(answer: Checked) -> Grid:
    """Rules that do not hold, then what could not be judged."""
    lists = (("violation", answer.violations), ("not read", answer.unknown))
    return Grid(
        ("Result", "Rule", "Resource", "Because"),
        [
            (word, each.rule, _subject(each.resource, _placed(answer.about.scope)), each.because)
            for word, some in lists
            for each in some
        ],
    )


def _subject(text: str, place: bool) -> str:
    return name(ResourceId(text), place) if ":" in text else text


def writers(
    grid: Callable[[A], Grid], as_json: Callable[[A], str]
) -> dict[str, Callable[[A], Table | str]]:
    """A writer for each of the formats table, json, csv and md."""
    return {
        "table": lambda answer: table(grid(answer)),
        "json": as_json,
        "csv": lambda answer: _csv(grid(answer)),
        "md": lambda answer: markdown.table(*grid(answer)),
    }


def _csv(grid: Grid) -> str:
    return csv.table([each.lower() for each in grid.headings], grid.rows)


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
