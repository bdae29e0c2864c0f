"""What contains a commit."""

from __future__ import annotations

from functools import partial

from jotgraph.analysis.coverage import without_account
from jotgraph.queries.answers.where import Holder, Where
from jotgraph.records.titles import title
from jotgraph.render.answers.envelope import answer_text
from jotgraph.render.answers.grid import Grid, Named, Row, by_place, grid_writers
from jotgraph.render.answers.text_table import TextTable
from jotgraph.render.answers.writers import Writers


def writers(named: Named = title, *, lacks: bool = False) -> Writers[Where]:
    """Return a writer for each format; with ``lacks`` only what lacks the commit, or may."""
    return grid_writers(
        partial(grid, named=named, lacks=lacks), as_json, partial(csv_rows, lacks=lacks)
    )


def grid(answer: Where, *, named: Named = title, lacks: bool = False) -> Grid:
    """Who contains the commit, lacks it, or may contain it; not the first, if ``lacks``."""
    rows = [
        Row(word, holder.id, because=holder.because)
        for word, holders in _lists(answer, lacks=lacks).items()
        for holder in sorted(holders, key=lambda holder: by_place(holder.id))
    ]
    return Grid("Commit", (), rows, named)


def _lists(answer: Where, *, lacks: bool) -> dict[str, tuple[Holder, ...]]:
    """What is asked for first, as in JSON: what contains the commit, or what lacks it."""
    contains = {} if lacks else {"contains": answer.contains}
    return contains | {"lacks": answer.lacks, "unknown": answer.unknown}


def as_json(answer: Where) -> str:
    """Return what contains the commit, lacks it, and may contain it."""
    names = ("commit", "contains", "lacks", "unknown")
    return answer_text("where", answer.about, {name: getattr(answer, name) for name in names})


def csv_rows(answer: Where, *, lacks: bool = False) -> TextTable:
    """A row for each resource that contains the commit, lacks it, or may."""
    return TextTable(
        ("commit", "kind", "resource", "commits", "count", "because"),
        [
            (word, holder.kind, holder.id, holder.commits, holder.count, holder.because)
            for word, holders in _lists(answer, lacks=lacks).items()
            for holder in holders
        ],
    )


def note(answer: Where) -> str:
    """Return how many contain it, lack it, or may contain it."""
    counted = (len(answer.contains), len(answer.lacks), len(answer.unknown))
    words = "{} contain it, {} lack it, {} unknown".format(*counted)
    return "; ".join(filter(None, (words, without_account(answer.about.scope))))
