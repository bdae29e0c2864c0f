"""What follows if a resource is deleted."""

from __future__ import annotations

from functools import partial

from jotgraph.analysis.coverage import without_account
from jotgraph.queries.answers.impact import AffectedResource, Impact
from jotgraph.records import shortened
from jotgraph.records.phrases import counted
from jotgraph.records.titles import title
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.grid import Grid, Named, Row, grid_writers, in_place_order
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers


def writers(named: Named = title) -> Writers[Impact]:
    """A writer for each format."""
    return grid_writers(partial(grid, named=named), as_json, csv_rows)


def grid(answer: Impact, *, named: Named = title) -> Grid:
    """Return rows for what breaks, fails later, is left unused, or survives, each with its path."""
    rows = [_needing("breaks", touched) for touched in answer.breaks]
    rows += [_needing(f"{touched.fails} fails", touched) for touched in answer.rebuilds]
    rows += [
        _used("left unused", "was used by", touched) for touched in in_place_order(answer.left)
    ]
    rows += [
        _used("survives", "is used by", touched) for touched in in_place_order(answer.survives)
    ]
    return Grid("Effect", (), rows, named)


def as_json(answer: Impact) -> str:
    """What follows if a resource goes."""
    names = ("resource", "resources", "breaks", "rebuilds", "left", "survives", "doubts")
    return answer_text("impact", answer.about, {name: getattr(answer, name) for name in names})


def csv_rows(answer: Impact) -> TextTable:
    """Return a row for each affected resource, with its path."""
    lists = {
        "breaks": answer.breaks,
        "rebuilds": answer.rebuilds,
        "left": answer.left,
        "survives": answer.survives,
    }
    return TextTable(
        ("then", "kind", "resource", "path", "because"),
        [
            (word, touched.kind, touched.id, touched.path, touched.because)
            for word, resources in lists.items()
            for touched in resources
        ],
    )


def note(answer: Impact) -> str:
    """Return how much breaks and how much is left unused."""
    breaks = counted(len(answer.breaks), "resource") if answer.breaks else "nothing"
    verb = "break" if len(answer.breaks) > 1 else "breaks"
    later = f"{len(answer.rebuilds)} fail later, " if answer.rebuilds else ""
    left = f"{len(answer.left)} left unused, {len(answer.survives)} not affected"
    words = f"{breaks} {verb}, {later}{left}"
    return "; ".join(filter(None, (words, _doubted(answer), without_account(answer.about.scope))))


def _doubted(answer: Impact) -> str:
    """The first doubt about what may need it as well, and the number of others."""
    if not answer.doubts:
        return ""
    more = f" (and {len(answer.doubts) - 1} more)" if len(answer.doubts) > 1 else ""
    return f"not known: {shortened(answer.doubts[0].statement)}{more}"


def _needing(word: str, touched: AffectedResource) -> Row:
    return Row(word, touched.id, because=touched.because, before="needs", path=touched.path[1:])


def _used(word: str, by: str, touched: AffectedResource) -> Row:
    return Row(word, touched.id, because=touched.because, before=by, path=touched.path[:-1])
